import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db } from "../db/client";
import { resetEnv } from "../env";
import { listOwnStanding } from "../grants/standing-queries";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { person, refusal, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus, setClock } from "../time";
import { decideStep } from "./decide-step";
import { findMovers } from "./find-movers";
import { getOwnMove } from "./own-move-queries";
import { getOffboarding } from "./queries";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { listWaitingRuns } from "./waiting-queries";

// Ann moves from Bob to Dana, and while that goes on to Cara; then she is back with Bob.
let world: World;
let run: string;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret of this test alone";
  world = await startWorld();
  resetEnv();
  await asAdministrator(world.server, async (client) => {
    for (const role of ["billing", "payroll"]) {
      await client.query(
        `create role ${role}; grant ${role} to "${provisioner}" with admin true, inherit false, set false`,
      );
    }
  });
  await give("billing");
  await give("payroll");
  const people = Object.values(world.people).map(({ identityId }) => identityId);
  await db().identity.updateMany({ where: { id: { in: people } }, data: { sourceConnectionId: world.connectionId } });
  await look();
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});
beforeEach(() => setClock(null));

const look = () => findMovers(worker, { connectionId: world.connectionId });

async function give(role: string): Promise<void> {
  const giver = await world.server.connect("postgres", provisioner, "provision-canary");
  await giver.query(`grant ${role} to ann`).finally(() => giver.end());
  await sync(world.connectionId);
}

async function reportsTo(manager: string): Promise<void> {
  const { identityId: id } = person(world, "ann");
  await db().identity.update({ where: { id }, data: { managerId: person(world, manager).identityId } });
  await look();
}

/** What the run says of each: its state, and how many days from its beginning it ends. */
async function ends(): Promise<Record<string, string>> {
  const { createdAt } = await runOf(run);
  const days = (at: Date | null) => (at === null ? "now" : Math.round((at.getTime() - createdAt.getTime()) / dayMs));
  const steps = await stepsOf(run);
  return Object.fromEntries(steps.map((it) => [it.name.split(" ")[2] ?? "", `${it.state}, ${days(it.notBefore)}`]));
}

async function toldOf(name: string): Promise<number> {
  return db().delivery.count({ where: { recipient: `${name}@acme.test`, event: "offboarding.moved" } });
}

test("who moves on while moving stays in one run: no end moves later, nothing is asked twice, and who is new is asked", async () => {
  await reportsTo("dana");
  const [first, ...others] = await db().offboarding.findMany({ where: { kind: "mover" } });
  expect(others).toEqual([]);
  run = first?.id ?? "";
  expect(await ends()).toEqual({ billing: "planned, 14", payroll: "planned, 14" });
  const billing = (await stepsOf(run)).find(({ name }) => name.includes("billing"))?.id ?? "";
  const until = plus(now(), 60 * dayMs).toISOString();
  await decideStep(person(world, "bob"), { id: billing, decision: "keep", reason: "Closes November", until });
  expect([await toldOf("bob"), await toldOf("dana"), await toldOf("cara")]).toEqual([1, 1, 0]);

  // In Dana's time Ann asks for more; then she moves on.
  const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const ann = person(world, "ann");
  const { id: request } = await submitRequest(ann, { items: [analysts], reason: "work", duration: "P30D" });
  await decideRequest(person(world, "dana"), { id: request, decision: "approve" });
  await runLeaving(run);
  setClock(plus(now(), 5 * dayMs));
  await reportsTo("cara");
  await look();
  expect(await db().offboarding.count({ where: { kind: "mover" } })).toBe(1);
  expect(await runOf(run)).toMatchObject({ reason: "manager: bob → dana → cara", state: "verifying" });
  expect(await ends()).toEqual({ billing: "planned, 60", payroll: "planned, 14", analysts: "planned, 19" });
  expect([await toldOf("bob"), await toldOf("dana"), await toldOf("cara")]).toEqual([1, 2, 1]);
  for (const manager of ["bob", "dana", "cara"]) {
    expect((await getOffboarding(person(world, manager), { id: run })).moved).toMatchObject({ toManager: "cara" });
    expect((await listWaitingRuns(person(world, manager))).map(({ id }) => id)).toEqual([run]);
  }
  for (const other of ["ann", "eve"])
    expect(await refusal(getOffboarding(person(world, other), { id: run }))).toMatch(/^forbidden/);
  expect(await getOwnMove(ann)).toMatchObject({
    moved: { fromManager: "bob", toManager: "cara", between: [{ manager: "dana" }] },
    steps: expect.arrayContaining([expect.objectContaining({ words: "Closes November", wordsBy: "bob" })]),
  });
  expect(await getOwnMove(person(world, "bob"))).toBeNull();
});

test("who is back where they were keeps what they had there, and only what they got since ends", async () => {
  await reportsTo("bob");
  expect(await ends()).toEqual({ billing: "dropped, 60", payroll: "dropped, 14", analysts: "planned, 19" });
  expect(await runOf(run)).toMatchObject({ reason: "manager: cara → bob" });
  setClock(plus(now(), 30 * dayMs));
  await db().$executeRaw`update graphile_worker._private_jobs set run_at = now() where run_at > now()`;
  await runLeaving(run);
  await runLeaving(run);
  expect([await world.holds("ann", "billing"), await world.holds("ann", "payroll")]).toEqual([true, true]);
  expect(await world.holds("ann", "analysts")).toBe(false);
  expect(await runOf(run)).toMatchObject({ state: "closed" });
});

test("who moves and is back before anything else was given has a run that is called off", async () => {
  await reportsTo("dana");
  run = (await db().offboarding.findFirstOrThrow({ where: { kind: "mover", state: "executing" } })).id;
  expect(await ends()).toEqual({ billing: "planned, 14", payroll: "planned, 14" });
  const standing = (await listOwnStanding(person(world, "ann"))).items.map(({ resource, edge }) => [resource, edge]);
  const said = new Map((await getOwnMove(person(world, "ann")))?.steps.map(({ edge, endsAt }) => [edge, endsAt]));
  expect(standing.map(([name]) => name).sort()).toEqual(["billing", "payroll"]);
  for (const [, edge] of standing) expect(said.get(edge ?? "")).toBeInstanceOf(Date);
  await reportsTo("bob");
  const told = await db().delivery.findMany({
    where: { event: "offboarding.moved", subject: { contains: "called off" } },
  });
  expect(told.map(({ recipient }) => recipient).sort()).toEqual(["bob@acme.test", "dana@acme.test"]);
  expect(await runOf(run)).toMatchObject({ state: "cancelled", because: "They are back where they were." });
  expect(await ends()).toEqual({ billing: "dropped, 14", payroll: "dropped, 14" });
  expect(await getOwnMove(person(world, "ann"))).toMatchObject({ moved: { fromManager: "cara", toManager: "bob" } });
});
