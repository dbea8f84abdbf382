import { afterAll, beforeAll, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { resetEnv } from "../env";
import { person, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus } from "../time";
import { decideStep } from "./decide-step";
import { findLeavers } from "./find-leavers";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";

let world: World;
let id: string;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret of this test alone";
  resetEnv();
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    await client.query(`create role billing; grant billing to "${provisioner}" with admin true, inherit false, set false;
      grant eve to "${provisioner}" with admin true, inherit false, set false`);
  });
  await asProvisioner("grant billing to eve; grant select on invoices to eve");
  await sync(world.connectionId);
  ({ id } = await startOffboarding(person(world, "sid"), { identity: "eve@acme.test" }));
  await runLeaving(id);
  await runLeaving(id);
}, 120_000);
afterAll(async () => {
  await world.drop();
  delete process.env.SMTP_URL;
  delete process.env.NEXTAUTH_SECRET;
  resetEnv();
});

async function asProvisioner(sql: string): Promise<void> {
  const client = await world.server.connect("postgres", provisioner, "provision-canary");
  await client.query(sql).finally(() => client.end());
}

async function syncAndLook(): Promise<void> {
  await sync(world.connectionId);
  await runLeaving(id);
}

const back = async () => (await stepsOf(id)).filter(({ state }) => state === "resurrected");
const events = () => db().auditEvent.count({ where: { action: "offboarding.came_back", targetId: id } });
const messages = () => db().delivery.findMany({ where: { key: { startsWith: `offboarding ${id} came_back` } } });

async function retryAll(): Promise<void> {
  for (const step of await back()) await decideStep(person(world, "sid"), { id: step.id, decision: "retry" });
  await runLeaving(id);
}

test("access that is given again after the leaving is said loudly, and can be taken again", async () => {
  expect(await runOf(id)).toMatchObject({ state: "closed" });
  await asProvisioner("grant billing to eve; grant select on invoices to eve");
  await syncAndLook();
  expect((await back()).map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    "access SELECT on public.invoices in warehouse",
    "access member on billing in warehouse",
  ]);
  for (const step of await back()) expect(step.resurrectedAt).toBeInstanceOf(Date);
  expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
  expect(await events()).toBe(2);
  const told = await messages();
  expect(told.map(({ recipient }) => recipient)).toEqual(expect.arrayContaining(["sid@acme.test", "sue@acme.test"]));
  expect(new Set(told.map(({ recipient }) => recipient)).size).toBe(told.length);
  expect(JSON.stringify(told[0]?.content)).toMatch(/member on billing/);

  await retryAll();
  expect(await world.holds("eve", "billing")).toBe(false);
  expect(await back()).toEqual([]);
  expect(await runOf(id)).toMatchObject({ state: "closed" });
});

test("what the inventory shows as held, and the system itself denies, is only put right", async () => {
  const before = await events();
  const reopened = await rows<{ id: string }>(
    `update memberships m set removed_at = null from principals p, principals g where p.id = m.member_id and g.id = m.group_id
       and p.name = 'eve' and g.name = 'billing' and m.id = (select max(x.id) from memberships x where x.member_id = p.id and x.group_id = g.id)
     returning m.id::text`,
  );
  expect(reopened).toHaveLength(1);
  await findLeavers(worker, { connectionId: world.connectionId });
  expect(await back()).toEqual([]);
  expect(await events()).toBe(before);
  const row = await db().membership.findUniqueOrThrow({ where: { id: BigInt(reopened[0]?.id ?? 0) } });
  expect(row.removedAt).toBeInstanceOf(Date);
});

test("an account that is made again, and one that is matched later, come to the run that is closed", async () => {
  const [events0, messages0] = [await events(), (await messages()).length];
  await asAdministrator(world.server, (client) => client.query("drop role eve"));
  await sync(world.connectionId);
  await asAdministrator(world.server, (client) =>
    client.query(`create role eve login password 'eve'; create role eve_admin superuser login;
      grant eve to "${provisioner}" with admin true, inherit false, set false`),
  );
  await sync(world.connectionId);
  await rows(
    `update principals set identity_id = $1::uuid, match_rule = 'person', match_set_by = 'test'
     where name in ('eve', 'eve_admin') and type = 'account' and removed_at is null`,
    [person(world, "eve").identityId],
  );
  await runLeaving(id);
  expect((await back()).map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    "account eve in warehouse",
    "account eve_admin in warehouse",
  ]);
  const positions = (await stepsOf(id)).map(({ position }) => position);
  expect(new Set(positions).size).toBe(positions.length);
  expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
  expect(await events()).toBe(events0 + 2);
  const told = (await messages()).slice(messages0);
  expect(told.map(({ recipient }) => recipient)).toEqual(expect.arrayContaining(["sid@acme.test", "sue@acme.test"]));

  for (const step of await back()) {
    const keep = step.name.startsWith("eve_admin");
    const until = plus(now(), 30 * dayMs).toISOString();
    const how = keep
      ? ({ decision: "keep", reason: "ours until friday", until } as const)
      : { decision: "retry" as const };
    await decideStep(person(world, "sid"), { id: step.id, ...how });
  }
  await runLeaving(id);
  await expect(world.server.connect("postgres", "eve", "eve")).rejects.toThrow();
  expect(await runOf(id)).toMatchObject({ state: "closed" });
  await findLeavers(worker, { connectionId: world.connectionId });
  expect(await back()).toEqual([]);
  expect(await events()).toBe(events0 + 2);
});
