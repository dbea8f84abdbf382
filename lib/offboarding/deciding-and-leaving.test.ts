import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { AppError } from "../errors";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { startWorkerProcess, type WorkerProcess } from "../requests/test-worker-process";
import { person, startWorld, sync, type World } from "../requests/test-world";
import { now } from "../time";
import { startOffboarding } from "./start-offboarding";
import { takeReceipt } from "./take-receipt";
import { stepsOf } from "./test-leaving";

// A request is decided at the instant at which whoever it is for leaves, or whoever decides; two real workers carry out
// what was ordered. Whichever wins, a leaver holds nothing new, and the receipt says what the system itself says.

const rounds = Number(process.env.RACE_ROUNDS ?? (process.env.CI ? 40 : 8));
const names = Array.from({ length: rounds }, (_, n) => `p${n}`);
type Someone = PersonActor & { identityId: string };
const people = new Map<string, Someone>();
const workers: WorkerProcess[] = [];
let world: World;
beforeAll(async () => {
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    for (const name of names.flatMap((it) => [it, `${it}boss`])) {
      await client.query(`create role ${name} login`);
      await client.query(`grant ${name} to "${provisioner}" with admin true, inherit false, set false`);
    }
  });
  for (const name of names) await hire(name, await hire(`${name}boss`, person(world, "dana").identityId));
  await sync(world.connectionId);
  await rows(`update principals p set identity_id = i.id, match_rule = 'person', match_set_by = 'test'
    from identities i where i.name = p.name and p.type = 'account' and i.email is not null`);
  workers.push(startWorkerProcess(), startWorkerProcess());
}, 240_000);
afterAll(async () => {
  for (const worker of workers) await worker.end("SIGTERM");
  await world.drop();
});

async function hire(name: string, managerId: string): Promise<string> {
  const email = `${name}@acme.test`;
  const facts = { name, email, managerId, kind: "human", kindReason: "test", firstSeenAt: now() };
  const { id } = await db().identity.create({ data: facts, select: { id: true } });
  const user = await db().user.create({ data: { name, email, identityId: id, roles: ["member"] } });
  people.set(name, { ...person(world, "ann"), userId: user.id, identityId: id, name, email });
  return id;
}

function someone(name: string): Someone {
  const found = people.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };

/** Asks, and has it approved while somebody leaves. @returns what came of it */
async function race(name: string, leaver: string, round: number) {
  // As many as leave here within a minute would be held by the brake.
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const { id: request } = await submitRequest(someone(name), { items: [analysts], reason: "x", duration: "PT2H" });
  let decided = true;
  const decide = async () => {
    await later((round * 3) % 17);
    await decideRequest(someone(`${name}boss`), { id: request, decision: "approve" }).catch((error) => {
      if (!(error instanceof AppError)) throw error;
      decided = false;
    });
  };
  const leave = async () => {
    await later(round % 3 ? (round * 31) % 200 : 0);
    return startOffboarding(person(world, "sid"), { identity: `${leaver}@acme.test`, holdDays: null });
  };
  const [{ id: run }] = await Promise.all([leave(), decide()]);
  return { request, run, decided };
}

// Later by as many round trips, so that the two meet at another point each time.
async function later(roundTrips: number): Promise<void> {
  for (let n = 0; n < roundTrips; n++) await rows("select 1");
}

/** Until the run has come so far, and no grant of this request moves any more. */
async function atRest({ request, run }: { request: string; run: string }, clock: "contained_at" | "completed_at") {
  await expect
    .poll(
      async () =>
        rows<{ busy: number }>(
          `select (select count(*) from offboardings where id = $1 and ${clock} is null)::int
           + (select count(*) from grants where request_id = $2 and state not in ('active', 'ended'))::int as busy`,
          [run, request],
        ).then(([row]) => row?.busy),
      { timeout: 150_000, interval: 100 },
    )
    .toBe(0);
}

const grantsOf = (request: string) =>
  db().grant.findMany({ where: { requestId: request }, select: { id: true, state: true, endedBecause: true } });
const given = async (grantId: string) => (await db().grantStep.count({ where: { grantId, step: "done" } })) > 0;

test(`whose request is approved while they leave holds nothing of it, and the receipt has all that was given, in ${rounds / 2} rounds`, async () => {
  const came = new Map<string, number>();
  for (const [round, name] of names.entries()) {
    if (round % 2) continue;
    const raced = await race(name, name, round);
    await atRest(raced, "completed_at");
    expect(await world.holds(name, "analysts"), name).toBe(false);
    const grants = await grantsOf(raced.request);
    expect(grants.map(({ state }) => state)).toEqual(raced.decided ? ["ended"] : []);
    const { receipt } = await takeReceipt(person(world, "sid"), { id: raced.run });
    for (const { status } of receipt.lines) expect(status).toBe("verified");
    const steps = (await stepsOf(raced.run)).filter(({ kind }) => kind === "grant" || kind === "access");
    for (const { id } of grants) {
      const isGiven = await given(id);
      if (isGiven) expect(steps.map(({ changed }) => changed)).toContain(true);
      const word = isGiven ? "given and taken" : "never given";
      came.set(word, (came.get(word) ?? 0) + 1);
    }
    if (!raced.decided) came.set("refused", (came.get("refused") ?? 0) + 1);
  }
  process.stdout.write(`approved while leaving: ${JSON.stringify(Object.fromEntries(came))}\n`);
}, 900_000);

test(`whoever approves while they leave has approved before or not at all, in ${rounds / 2} rounds`, async () => {
  for (const [round, name] of names.entries()) {
    if (round % 2 === 0) continue;
    const raced = await race(name, `${name}boss`, round);
    // The team of whoever left waits for somebody, and the run with it.
    await atRest(raced, "contained_at");
    expect(await world.holds(`${name}boss`, "analysts")).toBe(false);
    expect(await world.holds(name, "analysts")).toBe(raced.decided);
    const answers = await db().decision.findMany({ where: { requestId: raced.request } });
    expect(answers).toHaveLength(raced.decided ? 1 : 0);
    const again = decideRequest(someone(`${name}boss`), { id: raced.request, decision: "approve" });
    await expect(again).rejects.toBeInstanceOf(AppError);
  }
}, 900_000);
