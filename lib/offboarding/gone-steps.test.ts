import { afterAll, beforeAll, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { person, startWorld, sync, type World } from "../requests/test-world";
import { getProgress } from "./progress-queries";
import { getOffboarding, listOffboardings } from "./queries";
import { startOffboarding } from "./start-offboarding";
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
  const signIns = (await stepsOf(id)).filter(({ kind }) => kind === "sign_in").length;
  expect(await counts()).toEqual([signIns, signIns, signIns]);

  await runLeaving(id);
  await runLeaving(id);
  expect(await states()).toEqual(expect.arrayContaining(["account verified", "access with_account"]));
  const all = (await stepsOf(id)).filter(({ kind }) => kind !== "deletion").length;
  expect(await counts()).toEqual([all, all, all]);
});
