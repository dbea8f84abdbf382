import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSlapd } from "../connectors/ldap/test-slapd";
import { postgresql } from "../connectors/postgresql/connector";
import { asAdministrator } from "../connectors/postgresql/test-provisioner";
import { db, guardCommits } from "../db/client";
import { behindOutage, type Outage } from "../requests/test-outage";
import { startWorkerProcess } from "../requests/test-worker-process";
import { sync, worker } from "../requests/test-world";
import { now } from "../time";
import { advanceOffboarding } from "./advance-offboarding";
import { beginOffboarding } from "./begin-offboarding";
import { carryOutStep } from "./carry-out-step";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import {
  addToDirectory,
  asProvisioner,
  connectServer,
  directoryStanding,
  makeRoles,
  readAll,
  standingOf,
  startWorlds,
  type Worlds,
} from "./test-worlds";

let worlds: Worlds;
let outage: Outage;
const groups = ["analysts", "billing", "readers", "writers"];
// One person for each place at which a worker may die; and a few for the other faults.
const sweep = Array.from({ length: 40 }, (_, n) => `sweep${n}`);
const others = ["away", "liar", "killed"];
const everybody = [...sweep, ...others];

beforeAll(async () => {
  worlds = await startWorlds({ directory: hasSlapd() });
  const [one, other] = worlds.servers;
  if (!one || !other) throw new Error("a server is missing");
  for (const server of [one, other]) {
    await makeRoles(server, { accounts: everybody, groups });
    await asProvisioner(
      server,
      everybody.flatMap((name, n) =>
        groups.filter((_, g) => (n + g) % 2 === 0 || g === 0).map((group) => `grant ${group} to ${name}`),
      ),
    );
  }
  if (worlds.slapd) {
    const inGroup = (g: number) => everybody.filter((_, n) => (n * 7 + g) % 3 === 0);
    addToDirectory(worlds.slapd, { people: everybody, groups: { pilots: inGroup(0), crew: inGroup(1) } });
  }
  for (const name of everybody) {
    const facts = { name, email: `${name}@acme.test`, kind: "human", kindReason: "test", firstSeenAt: now() };
    await db().identity.create({ data: facts, select: { id: true } });
  }
  await readAll(worlds);
}, 240_000);
afterAll(() => worlds?.drop());

// As many as leave here within a minute would be held by the brake.
async function leave(name: string): Promise<{ id: string }> {
  await db().$executeRaw`update offboardings set created_at = created_at - interval '2 hours'`;
  return startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: null });
}

/** What every system says itself: nothing is left, and nothing lets them in. */
async function expectNothingLeft(name: string): Promise<void> {
  for (const server of worlds.servers)
    expect([name, await standingOf(server, name)]).toEqual([name, { login: false, memberships: [], opened: false }]);
  if (worlds.slapd)
    expect([name, await directoryStanding(worlds.slapd, name)]).toEqual([name, { groups: [], opened: false }]);
}

// Runs whatever waits, until the run is closed. What failed comes again at once.
async function untilClosed(id: string): Promise<void> {
  for (let round = 0; (await runOf(id)).state !== "closed"; round++) {
    if (round > 20) throw new Error(`the run does not close: ${JSON.stringify(await stepsOf(id))}`);
    await db()
      .$executeRaw`update graphile_worker._private_jobs set run_at = now(), attempts = 0, locked_at = null, locked_by = null`;
    await runLeaving(id);
  }
}

describe("a worker that dies", () => {
  test("at any of its commits: the run goes on, ends the same, and tells of each step once", async () => {
    let survived = 0;
    for (const [place, name] of sweep.entries()) {
      const { id } = await leave(name);
      if (!(await dieAt(place, () => carryOutAll(id)))) survived++;
      await untilClosed(id);
      await expectNothingLeft(name);
      const told = await db().auditEvent.groupBy({ by: ["action"], where: { targetId: id }, _count: true });
      const counts = Object.fromEntries(told.map(({ action, _count }) => [action, _count]));
      const steps = await stepsOf(id);
      expect({ place, ...counts }).toMatchObject({
        place,
        "offboarding.begun": 1,
        "offboarding.contained": 1,
        "offboarding.closed": 1,
      });
      expect(counts["offboarding.step_verified"]).toBe(
        steps.filter(({ kind, state }) => state === "verified" && kind !== "credential").length,
      );
      if (survived > 1) break;
    }
    // The sweep went beyond the last commit there is.
    expect(survived).toBeGreaterThan(0);
  }, 300_000);

  test("by kill -9, as a process: another ends what it began", async () => {
    const first = startWorkerProcess();
    const { id } = await leave("killed");
    await expect
      .poll(async () => (await stepsOf(id)).some(({ orderedAt }) => orderedAt !== null), { timeout: 120_000 })
      .toBe(true);
    await first.end("SIGKILL");
    const second = startWorkerProcess();
    await expect.poll(async () => (await runOf(id)).state, { timeout: 120_000, interval: 250 }).toBe("closed");
    await second.end("SIGTERM");
    await expectNothingLeft("killed");
  }, 200_000);
});

test("a system that is away delays the others by nothing, stays loud, and is taken when it is back", async () => {
  const [, other] = worlds.servers;
  if (!other) throw new Error("a server is missing");
  outage = await behindOutage({ ...other, stop: async () => undefined });
  const far = await connectServer(outage.server, "far-away");
  await asAdministrator(other, (client) => client.query("create role remote login password 'remote'"));
  if (other.major >= 16) throw new Error("the second server is thought to be of a version before 16");
  await sync(far);
  await db()
    .$executeRaw`update principals p set identity_id = i.id from identities i where i.email = 'away@acme.test' and p.name = 'remote'`;
  outage.setAway(true);
  const { id } = await leave("away");
  await runLeaving(id);
  const near = (await stepsOf(id)).filter(({ connectionId }) => connectionId !== far && connectionId !== null);
  expect(near.filter(({ state }) => state !== "verified")).toEqual([]);
  await expectNothingLeft("away");
  const [stuck] = (await stepsOf(id)).filter(({ connectionId, kind }) => connectionId === far && kind === "account");
  expect(stuck).toMatchObject({
    state: "failed",
    attempts: expect.any(Number),
    lastError: { retryable: true },
    nextTryAt: expect.any(Date),
  });
  expect(await runOf(id)).toMatchObject({ state: "executing", containedAt: null });
  expect(await db().auditEvent.count({ where: { action: "offboarding.step_failed", targetId: id } })).toBe(1);
  outage.setAway(false);
  await untilClosed(id);
  expect((await standingOf(other, "remote")).login).toBe(false);
  await outage.server.stop();
}, 120_000);

test("a system that says done and did not do it is caught by asking it", async () => {
  const honest = postgresql.disable;
  postgresql.disable = async () => ({ outcome: "done", detail: "as told" });
  const { id } = await leave("liar");
  try {
    await runLeaving(id);
    const accounts = (await stepsOf(id)).filter(({ kind, name }) => kind === "account" && name.includes("cluster"));
    expect(accounts.map(({ state }) => state)).toEqual(["failed", "failed"]);
    expect(accounts[0]?.lastError).toMatchObject({ message: expect.stringContaining("says it can still sign in") });
    expect(await runOf(id)).toMatchObject({ containedAt: null });
  } finally {
    postgresql.disable = honest;
  }
  await untilClosed(id);
  await expectNothingLeft("liar");
}, 120_000);

class Died extends Error {}

// From its commit number `place` on, nothing that this worker writes is kept: what it did at the systems by then stays.
async function dieAt(place: number, work: () => Promise<void>): Promise<boolean> {
  let commits = 0;
  const guard = async () => {
    if (commits++ >= place) throw new Died();
  };
  return guardCommits(guard, work).then(
    () => false,
    (error) => (error instanceof Died ? true : Promise.reject(error)),
  );
}

// What a worker does of a run, one after another: in its own transactions, so that each of them may be the last.
async function carryOutAll(id: string): Promise<void> {
  await beginOffboarding(worker, { offboardingId: id });
  for (const step of await stepsOf(id)) await carryOutStep(worker, { stepId: step.id });
  await advanceOffboarding(worker, { offboardingId: id });
  for (const step of await stepsOf(id)) if (step.kind === "account") await carryOutStep(worker, { stepId: step.id });
  await advanceOffboarding(worker, { offboardingId: id });
}
