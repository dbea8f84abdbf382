import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows, transaction } from "../db/client";
import { resetEnv } from "../env";
import { person, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, hourMs, now, plus, setClock } from "../time";
import { saveUsage } from "../usage/save-usage";
import { cancelOffboarding } from "./cancel-offboarding";
import { disposeItem } from "./dispose-item";
import { startOffboarding } from "./start-offboarding";
import { itemsOf, runLeaving, runOf, stepsOf } from "./test-leaving";
import { watchOffboardings } from "./watch-offboardings";

let world: World;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret that is long enough for links";
  resetEnv();
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    for (const name of ["etl", "legacy", "urgent", ...manyLeavers]) {
      await client.query(`create role "${name}" login password '${name}'`);
      await client.query(`grant "${name}" to "${provisioner}" with admin true, inherit false, set false`);
    }
    await client.query(`grant ann, eve to "${provisioner}" with admin true, inherit false, set false`);
  });
  await sync(world.connectionId);
  for (const name of machines) {
    const ownerId = person(world, "cara").identityId;
    await db().identity.updateMany({ where: { name }, data: { kind: "service_account", ownerId } });
  }
  await db().identity.updateMany({ where: { name: { in: manyLeavers } }, data: { kind: "human", kindSetBy: "test" } });
  await db().connection.update({
    where: { id: world.connectionId },
    data: { isIdentitySource: true, brakeKindShare: 1, brakeAssignmentShare: 1 },
  });
  await runLeaving();
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});
beforeEach(() => setClock(null));

const machines = ["etl", "legacy", "urgent"];
const manyLeavers = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];
const asServer = (sql: string) => asAdministrator(world.server, (client) => client.query(sql));
const login = (name: string) =>
  world.server.connect("postgres", name, name).then(
    (client) => client.end().then(() => "let in"),
    () => "refused",
  );
const told = async (subject: string) =>
  (await rows<{ recipient: string }>("select recipient from deliveries where subject = $1", [subject])).map(
    ({ recipient }) => recipient,
  );
const uses = (account: string, from: string, at: Date) =>
  transaction((tx) => saveUsage(tx, world.connectionId, [{ account, from, at, uses: 3 }], plus(at, hourMs)));
// Jobs of a later hour come due when the clock of a test is there; the queue's own clock is the database's.
async function until(at: Date, id: string): Promise<void> {
  setClock(at);
  await watchOffboardings(worker);
  await db().$executeRaw`update graphile_worker._private_jobs set run_at = now() where key like 'step %'`;
  await runLeaving(id);
  await runLeaving(id);
}

describe("a change in an identity source", () => {
  test("somebody who is disabled there leaves, without anybody pressing anything", async () => {
    await asServer("alter role eve nologin");
    await sync(world.connectionId);
    await runLeaving();
    const run = await db().offboarding.findFirstOrThrow({ where: { identityId: person(world, "eve").identityId } });
    await runLeaving(run.id);
    expect(await runOf(run.id)).toMatchObject({ cause: "source", state: "closed", reason: "disabled in warehouse" });
  });

  test("somebody who is gone from it leaves, also before the day that was set, and a second sync starts nothing more", async () => {
    const at = plus(now(), 400 * dayMs).toISOString();
    const identity = person(world, "ann").identityId;
    const { id, state } = await startOffboarding(person(world, "dana"), { identity: identity ?? "", at, holdDays: 3 });
    expect(state).toBe("ordered");
    await asServer("drop role ann");
    for (let time = 0; time < 2; time++) {
      await sync(world.connectionId);
      await runLeaving();
    }
    const runs = await db().offboarding.findMany({ where: { identityId: identity } });
    expect(runs).toEqual([
      expect.objectContaining({ id, begunAt: expect.any(Date), holdDays: 3, containBy: expect.any(Date) }),
    ]);
    const told = await rows<{ reason: string }>(
      "select details ->> 'reason' as reason from audit_events where action = 'offboarding.ordered' and target_id = $1 order by at",
      [id],
    );
    expect(told.map(({ reason }) => reason)).toEqual(["", "gone from warehouse"]);
    expect(await db().user.findUniqueOrThrow({ where: { id: person(world, "ann").userId } })).toMatchObject({
      disabledAt: expect.any(Date),
    });
  });

  test("the last administrator who is disabled there is held: nobody forgets it, and a second sync orders nothing more", async () => {
    await asServer("create role adam login password 'adam'");
    await sync(world.connectionId);
    const { identityId, userId } = person(world, "adam");
    await db().principal.updateMany({ where: { name: "adam", type: "account" }, data: { identityId } });
    await runLeaving();
    await asServer("alter role adam nologin");
    for (let time = 0; time < 2; time++) {
      await sync(world.connectionId);
      await runLeaving();
    }
    const runs = await db().offboarding.findMany({ where: { identityId: identityId ?? "" } });
    expect(runs.map(({ state, because }) => [state, because])).toEqual([
      ["paused_by_brake", expect.stringMatching(/adam is the last administrator/)],
    ]);
    expect(await db().user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({ disabledAt: null });
    const paused = { action: "offboarding.paused", targetId: runs[0]?.id, outcome: "failed" };
    expect(await db().auditEvent.count({ where: paused })).toBe(1);
    await db().offboarding.updateMany({ where: { state: "paused_by_brake" }, data: { state: "cancelled" } });
  });

  test("many at once wait for a person, and lose nothing meanwhile", async () => {
    await asServer(manyLeavers.map((name) => `alter role "${name}" nologin`).join(";"));
    await sync(world.connectionId);
    await runLeaving();
    const runs = await db().offboarding.findMany({ where: { state: "paused_by_brake" } });
    expect(runs).toHaveLength(manyLeavers.length);
    expect(await db().offboardingStep.count({ where: { offboardingId: { in: runs.map(({ id }) => id) } } })).toBe(0);
    await db().offboarding.updateMany({ where: { state: "paused_by_brake" }, data: { state: "cancelled" } });
  });
});

describe("a machine that is retired", () => {
  test("is announced, shut, named when it is still called, and destroyed with a tombstone", async () => {
    const start = now();
    const owned = { kind: "service_account", kindReason: "test", firstSeenAt: now() };
    const ownerId = person(world, "bob").identityId;
    await db().identity.create({ data: { ...owned, name: "billing-vm", ownerId } });
    await uses("etl", "10.1.1.7", plus(start, -hourMs));
    // Of the same day, and told later.
    await uses("etl", "Billing-VM", plus(start, -hourMs - 1_000));
    const { id } = await startOffboarding(person(world, "cara"), { identity: "etl", announceDays: 7, holdDays: 30 });
    await runLeaving(id);
    expect(await login("etl")).toBe("let in");
    expect((await runOf(id)).consumers).toMatchObject([
      { account: "etl", from: "10.1.1.7", connection: "warehouse", uses: 3, known: null },
      { account: "etl", from: "Billing-VM", uses: 3, known: { name: "billing-vm", answers: { name: "bob" } } },
    ]);
    expect(await told("etl is to be retired, and something of yours calls with it")).toEqual(["bob@acme.test"]);
    expect(await runOf(id)).toMatchObject({ containedAt: null });

    const run = await runOf(id);
    await until(plus(run.shutAt, 1_000), id);
    expect(await login("etl")).toBe("refused");
    expect(await runOf(id)).toMatchObject({ state: "verifying", containedAt: expect.any(Date) });

    await uses("etl", "10.1.1.7", plus(run.shutAt, hourMs));
    await uses("etl", "billing-vm", plus(run.shutAt, hourMs - 1_000));
    await until(plus(run.shutAt, 2 * hourMs), id);
    const [caller, second] = await itemsOf(id);
    expect(second).toMatchObject({ kind: "caller", name: "billing-vm" });
    expect(await told("etl was retired, and somebody still calls")).toHaveLength(2 * 3);
    expect(await told("etl was retired, and something of yours still calls with it")).toEqual(["bob@acme.test"]);
    expect(caller).toMatchObject({
      kind: "caller",
      name: "10.1.1.7",
      detail: expect.stringContaining("after it was shut"),
    });
    expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
    for (const item of [caller, second]) {
      const forgotten = { disposition: "cancel" as const, reason: "a forgotten script" };
      await disposeItem(person(world, "cara"), { id: item?.id ?? "", ...forgotten });
    }
    expect(await runOf(id)).toMatchObject({ state: "verifying" });

    await until(plus(run.shutAt, 31 * dayMs), id);
    const ended = await runOf(id);
    expect(ended.state).toBe("closed");
    expect(ended.tombstone).toMatchObject({ name: "etl", owner: "cara", accounts: ["etl in warehouse"] });
    expect((await asServer("select 1 from pg_roles where rolname = 'etl'")).rowCount).toBe(0);
  });

  test("comes back by one click while the hold lasts", async () => {
    const { id } = await startOffboarding(person(world, "cara"), { identity: "legacy", announceDays: 0 });
    await runLeaving(id);
    await runLeaving(id);
    expect(await login("legacy")).toBe("refused");
    await cancelOffboarding(person(world, "cara"), { id, reason: "the billing run needs it" });
    await runLeaving(id);
    expect(await login("legacy")).toBe("let in");
    expect((await stepsOf(id)).find(({ kind }) => kind === "deletion")).toMatchObject({ state: "dropped" });
  });

  test("is shut at once in an emergency", async () => {
    const { id } = await startOffboarding(person(world, "sid"), { identity: "urgent", emergency: true });
    await runLeaving(id);
    expect(await login("urgent")).toBe("refused");
    expect(await runOf(id)).toMatchObject({ containedAt: expect.any(Date) });
  });
});
