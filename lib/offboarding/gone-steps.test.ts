import { afterAll, beforeAll, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { person, startWorld, sync, type World } from "../requests/test-world";
import { getProgress } from "./progress-queries";
import { getOffboarding, listOffboardings } from "./queries";
import { startOffboarding } from "./start-offboarding";
import { isBuried } from "./states";
import { runLeaving, stepsOf } from "./test-leaving";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  // What is owned nobody can take: it goes with its account.
  await asAdministrator(world.server, async (client) => {
    await client.query("create table drafts (id int); alter table drafts owner to eve");
    await client.query(`grant eve to "${provisioner}" with admin true, inherit false, set false`);
  });
  await sync(world.connectionId);
}, 120_000);
afterAll(() => world.drop());

test("what goes with its account counts as gone only once the account is", async () => {
  const bob = person(world, "bob");
  const { id } = await startOffboarding(bob, { identity: "eve@acme.test", reason: "resigned" });
  const counts = async () => {
    const { items } = await listOffboardings(bob);
    const { systems } = await getProgress(bob, { id });
    return [
      items.find((run) => run.id === id)?.gone,
      (await getOffboarding(bob, { id })).gone,
      systems.reduce((sum, { gone }) => sum + gone, 0),
    ];
  };
  const states = async () => (await stepsOf(id)).map(({ kind, state }) => `${kind} ${state}`);

  expect(await states()).toEqual(expect.arrayContaining(["account planned", "access with_account"]));
  expect((await getProgress(bob, { id })).systems.map(({ doneMs, readBackMs }) => doneMs ?? readBackMs)).toContain(
    null,
  );
  const signIns = (await stepsOf(id)).filter(({ kind }) => kind === "sign_in").length;
  expect(await counts()).toEqual([signIns, signIns, signIns]);

  await runLeaving(id);
  await runLeaving(id);
  expect(await states()).toEqual(expect.arrayContaining(["account verified", "access with_account"]));
  const all = (await stepsOf(id)).filter(({ kind }) => kind !== "deletion").length;
  expect(await counts()).toEqual([all, all, all]);
});

test("how far each system is, is told by what the system itself answered", async () => {
  const bob = person(world, "bob");
  const [run] = (await listOffboardings(bob)).items;
  const { systems, waysIn, waysShut } = await getProgress(bob, { id: run?.id ?? "" });
  expect(systems.map(({ name, what }) => `${name}, ${what}`)).toContain("warehouse, PostgreSQL");
  const warehouse = systems.find(({ name }) => name === "warehouse");
  expect(warehouse).toMatchObject({ accounts: 1, refused: 1, notTried: 0, troubled: 0, because: null });
  expect(warehouse?.readBackMs).toBeGreaterThanOrEqual(warehouse?.doneMs ?? Number.POSITIVE_INFINITY);
  expect([waysIn, waysShut]).toEqual([waysIn, waysIn]);

  const steps = await stepsOf(run?.id ?? "");
  const account = steps.find(({ kind }) => kind === "account");
  expect(account).toMatchObject({ signIn: "refused", probedAt: expect.any(Date) });
  // What the system did stands on the receipt before what it said when asked back.
  expect(account?.acknowledgedAt?.getTime()).toBeLessThan(account?.verifiedAt?.getTime() ?? 0);
  const password = steps.find(({ name }) => name === "Password in warehouse");
  // Every account is asked once more at the end; what ended with it keeps its time.
  expect(account?.detail).toMatch(/Asked once more/);
  expect(password?.verifiedAt).toEqual(account?.verifiedAt);
});

test("a machine comes back until it is destroyed, a person is hired again at any time", () => {
  const [alarm, again] = ["false_alarm", "rehired"] as const;
  const machine = { kind: "machine", state: "closed" } as const;
  expect(isBuried(machine, { deleted: 0, toDelete: 1, why: alarm })).toBe(false);
  expect(isBuried(machine, { deleted: 0, toDelete: 0, why: alarm })).toBe(true);
  expect(isBuried({ ...machine, state: "verifying" }, { deleted: 0, toDelete: 0, why: alarm })).toBe(false);
  expect(isBuried({ ...machine, state: "verifying" }, { deleted: 1, toDelete: 2, why: again })).toBe(true);
  const left = { kind: "person", state: "closed" } as const;
  expect(isBuried(left, { deleted: 0, toDelete: 0, why: alarm })).toBe(false);
  expect(isBuried(left, { deleted: 1, toDelete: 0, why: alarm })).toBe(true);
  expect(isBuried(left, { deleted: 1, toDelete: 0, why: again })).toBe(false);
});
