import { afterAll, beforeAll, expect, test } from "vitest";
import { hasSlapd } from "../connectors/ldap/test-slapd";
import { db, rows } from "../db/client";
import { type Dripping, startDripping } from "../requests/test-dripping";
import { startWorkerProcess, type WorkerProcess } from "../requests/test-worker-process";
import { worker } from "../requests/test-world";
import { now } from "../time";
import { startOffboarding } from "./start-offboarding";
import { runOf, stepsOf } from "./test-leaving";
import {
  addToDirectory,
  asProvisioner,
  directoryStanding,
  makeRoles,
  readAll,
  standingOf,
  startWorlds,
  type Worlds,
} from "./test-worlds";

// Systems that answer a byte a second: each byte comes in time, the answer never does.

// In the middle: of the way in, of the first statements, and of what is read back.
const middles = [300, 1_000, 2_000];
const names = ["first", ...middles.map((bytes) => `after${bytes}`)];
const groups = ["analysts", "readers"];
let worlds: Worlds;
let ways: Dripping[];
let slow: string[];
let hand: WorkerProcess;
beforeAll(async () => {
  worlds = await startWorlds({ directory: hasSlapd() });
  for (const server of worlds.servers) {
    await makeRoles(server, { accounts: names, groups });
    await asProvisioner(
      server,
      names.flatMap((name) => groups.map((group) => `grant ${group} to ${name}`)),
    );
  }
  if (worlds.slapd) addToDirectory(worlds.slapd, { people: names, groups: { pilots: names } });
  const facts = { kind: "human", kindReason: "test", firstSeenAt: now() };
  await db().identity.createMany({ data: names.map((name) => ({ ...facts, name, email: `${name}@acme.test` })) });
  await readAll(worlds);
  slow = worlds.connections.slice(1);
  ways = await Promise.all([worlds.servers[1]?.port ?? 0, worlds.slapd?.tlsPort ?? 0].map(startDripping));
  for (const [n, id] of slow.entries()) await reach(id, { port: ways[n]?.port ?? 0, connectTimeoutSeconds: 2 });
  await reach(worlds.connections[1] ?? "", { statementTimeoutSeconds: 2 });
  if (worlds.slapd) await reach(worlds.connections[2] ?? "", { requestTimeoutSeconds: 2 });
  hand = startWorkerProcess();
}, 240_000);
afterAll(async () => {
  await hand?.end("SIGKILL");
  for (const way of ways ?? []) await way.stop();
  await worlds?.drop();
});

const reach = (id: string, settings: object) =>
  rows("update connections set settings = settings || $2::jsonb where id = $1", [id, JSON.stringify(settings)]);

const tries = async (id: string, connectionId: string) => {
  const steps = (await stepsOf(id)).filter((step) => step.connectionId === connectionId);
  return { open: steps.filter(({ verifiedAt }) => verifiedAt === null).length, steps };
};

async function leave(name: string): Promise<string> {
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  return (await startOffboarding(worker, { identity: `${name}@acme.test`, holdDays: null })).id;
}

async function untilClosed(id: string, name: string): Promise<void> {
  await expect
    .poll(async () => {
      // What failed is tried again at once, not in a minute.
      await rows(
        "update graphile_worker._private_jobs set run_at = now() where locked_at is null and run_at > now() and key like 'step %'",
      );
      return (await runOf(id)).state;
    })
    .toBe("closed");
  for (const server of worlds.servers)
    expect(await standingOf(server, name)).toEqual({ login: false, memberships: [], opened: false });
  if (worlds.slapd) expect(await directoryStanding(worlds.slapd, name)).toEqual({ groups: [], opened: false });
}

test("systems that drip from the first byte fail by a limit, in words, delay no other, and are done once they flow", async () => {
  for (const way of ways) way.dripAfter(0);
  const id = await leave("first");
  await expect.poll(async () => (await tries(id, worlds.connections[0] ?? "")).open).toBe(0);
  expect(await standingOf(worlds.servers[0] ?? never(), "first")).toMatchObject({ login: false, memberships: [] });
  for (const connectionId of slow)
    await expect
      .poll(async () => (await tries(id, connectionId)).steps.map(({ state, lastError }) => [state, lastError]))
      .toContainEqual(["failed", expect.objectContaining({ code: "timeout", retryable: true })]);
  expect((await runOf(id)).state).not.toBe("closed");
  for (const way of ways) way.flow();
  await untilClosed(id, "first");
});

test.each(middles)(
  "systems that begin to drip after %d bytes are left by a limit too, and nothing is lost",
  async (bytes) => {
    for (const way of ways) way.dripAfter(bytes);
    const name = `after${bytes}`;
    const id = await leave(name);
    await expect.poll(async () => (await tries(id, worlds.connections[0] ?? "")).open).toBe(0);
    for (const way of ways) await expect.poll(() => way.isDripping()).toBe(true);
    for (const connectionId of slow)
      await expect
        .poll(async () => (await tries(id, connectionId)).steps.map(({ state }) => state))
        .toContain("failed");
    for (const way of ways) way.flow();
    await untilClosed(id, name);
  },
);

function never(): never {
  throw new Error("a server is missing");
}
