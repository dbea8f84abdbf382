import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, transaction } from "../db/client";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { person, refusal, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus, setClock } from "../time";
import { cancelOffboarding, releaseOffboarding } from "./cancel-offboarding";
import { decideStep } from "./decide-step";
import { findMovers } from "./find-movers";
import { getOffboarding, listOffboardings } from "./queries";
import { startMove } from "./start-move";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { listWaitingRuns } from "./waiting-queries";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    await client.query(
      `create role billing; grant billing to "${provisioner}" with admin true, inherit false, set false;
       create table drafts (id int); alter table drafts owner to eve`,
    );
  });
  const giver = await world.server.connect("postgres", provisioner, "provision-canary");
  await giver.query("grant billing to ann").finally(() => giver.end());
  await sync(world.connectionId);
  // Where they stand is what an identity source says; what it says is set here.
  const people = Object.values(world.people).map(({ identityId }) => identityId);
  await db().identity.updateMany({ where: { id: { in: people } }, data: { sourceConnectionId: world.connectionId } });
  await look();
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});
beforeEach(() => setClock(null));

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const look = () => findMovers(worker, { connectionId: world.connectionId });

async function stands(name: string, at: { manager?: string; team?: string }): Promise<void> {
  const data = {
    ...(at.manager ? { managerId: person(world, at.manager).identityId } : {}),
    ...(at.team ? { department: at.team } : {}),
  };
  await db().identity.update({ where: { id: person(world, name).identityId }, data });
  await look();
}

async function movesOf(name: string) {
  return db().offboarding.findMany({ where: { identityId: person(world, name).identityId, kind: "mover" } });
}

test("who stands where they stood, and whose manager left, has not moved", async () => {
  await look();
  const bob = { id: person(world, "bob").identityId };
  await db().identity.update({ where: bob, data: { leftAt: now() } });
  await stands("ann", { manager: "cara" });
  await db().identity.update({ where: bob, data: { leftAt: null } });
  expect(await movesOf("ann")).toEqual([]);
  await stands("ann", { manager: "bob" });
  await db().placement.deleteMany();
  await db().offboarding.deleteMany();
  await look();
  expect(await movesOf("ann")).toEqual([]);
});

test("many moves at once wait for a person, and begin when somebody lets them", async () => {
  const { identityId: id } = person(world, "ann");
  const bob = person(world, "bob").identityId;
  const moved = { fromManagerId: bob, fromManager: "bob", toManagerId: bob, toManager: "bob", between: [] };
  const mover = { id, name: "ann", ...moved, fromTeam: null, toTeam: "Sales" };
  const brake = { leaving: 9, limit: 5 };
  await transaction((tx) => startMove(tx, worker, mover, { connectionId: world.connectionId, brake }));
  const [move] = await movesOf("ann");
  expect(move).toMatchObject({ state: "paused_by_brake", because: expect.stringMatching(/^9 would move/) });
  expect(await stepsOf(move?.id ?? "")).toEqual([]);
  await releaseOffboarding(person(world, "sid"), { id: move?.id ?? "", reason: "A new department" });
  expect((await stepsOf(move?.id ?? "")).map(({ kind, state }) => `${kind} ${state}`)).toEqual(["access planned"]);
  // They keep all of it: nothing was taken, and nobody's sign-in is touched.
  await cancelOffboarding(person(world, "sid"), { id: move?.id ?? "", reason: "The old team is the new one" });
  expect((await stepsOf(move?.id ?? "")).map(({ state }) => state)).toEqual(["dropped"]);
  expect(await world.holds("ann", "billing")).toBe(true);
  await db().offboarding.deleteMany({ where: { kind: "mover" } });
  await db().placement.updateMany({ where: { identityId: id }, data: { department: null } });
});

test("what a mover had ends after a time; both managers are asked, and what one keeps stays until its day", async () => {
  const { id: request } = await submitRequest(person(world, "ann"), {
    items: [analysts],
    reason: "work",
    duration: "P30D",
  });
  await decideRequest(person(world, "bob"), { id: request, decision: "approve" });
  await runLeaving();
  expect(await world.holds("ann", "analysts")).toBe(true);

  await stands("ann", { manager: "dana", team: "Finance" });
  const [move] = await movesOf("ann");
  const id = move?.id ?? "";
  expect(move).toMatchObject({
    state: "executing",
    reason: "manager: bob → dana; team: none → Finance",
    holdDays: null,
  });
  const steps = await stepsOf(id);
  expect(steps.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(["access planned", "grant planned"]);
  const ends = plus(move?.createdAt ?? now(), 14 * dayMs);
  expect(steps.map(({ notBefore }) => notBefore)).toEqual([ends, ends]);
  // Nothing is shut: they work here.
  expect(await db().identity.findUniqueOrThrow({ where: { id: person(world, "ann").identityId } })).toMatchObject({
    status: "active",
    leftAt: null,
  });
  for (const manager of ["bob", "dana"]) {
    expect((await getOffboarding(person(world, manager), { id })).moved).toMatchObject({ toManager: "dana" });
    expect((await listWaitingRuns(person(world, manager))).map((run) => run.id)).toEqual([id]);
    expect((await listOffboardings(person(world, manager))).items.map((run) => run.id)).toContain(id);
  }
  for (const other of ["ann", "eve"])
    expect(await refusal(getOffboarding(person(world, other), { id }))).toMatch(/^forbidden/);

  const billing = steps.find(({ kind }) => kind === "access")?.id ?? "";
  const until = plus(now(), 60 * dayMs).toISOString();
  const keep = { id: billing, decision: "keep", reason: "Closes November first", until } as const;
  expect(await refusal(decideStep(person(world, "ann"), keep))).toMatch(/^forbidden/);
  expect(await refusal(decideStep(person(world, "bob"), { ...keep, reason: "" }))).toMatch(/^invalid/);
  expect(await refusal(decideStep(person(world, "bob"), { ...keep, decision: "by_hand" }))).toMatch(/^conflict/);
  await decideStep(person(world, "bob"), keep);
  await runLeaving(id);
  expect([await world.holds("ann", "analysts"), await world.holds("ann", "billing")]).toEqual([true, true]);

  await at(plus(ends, 1_000), id);
  expect([await world.holds("ann", "analysts"), await world.holds("ann", "billing")]).toEqual([false, true]);
  expect(await db().grant.findFirstOrThrow({ where: { requestId: request } })).toMatchObject({
    endedBecause: "eligibility_lost",
  });
  expect((await runOf(id)).state).toBe("verifying");
  await at(plus(new Date(until), 1_000), id);
  expect(await world.holds("ann", "billing")).toBe(false);
  expect(await runOf(id)).toMatchObject({ state: "closed", containedAt: null, completedAt: expect.any(Date) });
});

test("what cannot be taken by itself waits for somebody, and who leaves while moving leaves at once", async () => {
  await stands("eve", { team: "Sales" });
  await stands("eve", { team: "Support" });
  await stands("eve", { team: "Support" });
  const [move] = await movesOf("eve");
  expect(move).toMatchObject({ reason: "team: Sales → Support" });
  await runLeaving(move?.id);
  expect(await runOf(move?.id ?? "")).toMatchObject({ state: "waiting_for_people" });
  const [owned] = await stepsOf(move?.id ?? "");
  expect(owned).toMatchObject({ state: "needs_person", lastError: { code: "impossible" } });

  const { id } = await startOffboarding(person(world, "bob"), { identity: "eve@acme.test", reason: "resigned" });
  expect(await runOf(move?.id ?? "")).toMatchObject({ state: "cancelled", because: "They leave." });
  expect(await runOf(id)).toMatchObject({ kind: "person", state: "executing" });
});

/** What is due at that time is carried out then. */
async function at(time: Date, id: string): Promise<void> {
  setClock(time);
  await db().$executeRaw`update graphile_worker._private_jobs set run_at = now() where run_at > now()`;
  await runLeaving(id);
  await runLeaving(id);
}
