import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, addResource } from "../access/test-world";
import { system } from "../auth/actor";
import { editConnection } from "../connections/edit-connection";
import { listConnections } from "../connections/queries";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { emptyState } from "../lists/schema";
import { resourceList } from "../views/lists/resource-list";
import { listResources } from "./resource-list-queries";
import { getResource } from "./resource-queries";
import { previewResourceOwner, setResourceOwner } from "./set-resource-owner";

const actor = system("test");
let drop: () => Promise<void>;
let [warehouse, schema, table, ines, bot] = ["", "", "", "", ""];

beforeAll(async () => {
  ({ drop } = await freshDatabase());
  warehouse = await addConnection("warehouse");
  schema = await addResource(warehouse, "schema", "billing");
  table = await addResource(warehouse, "table", "invoices", { parentId: schema });
  const facts = { kindReason: "test", firstSeenAt: new Date(0) };
  ines = (await db().identity.create({ data: { ...facts, kind: "human", name: "Ines" } })).id;
  bot = (await db().identity.create({ data: { ...facts, kind: "bot", name: "bot" } })).id;
});
afterAll(() => drop());

test("a resource's owner is set, what it replaces is said before, and each change is an event", async () => {
  const preview = await previewResourceOwner(actor, { ids: [schema, table], ownerId: ines });
  expect(preview).toMatchObject({ changes: 2, unchanged: 0, effects: [{ what: "2 now: no owner" }] });
  await setResourceOwner(actor, { ids: [schema], ownerId: ines });
  await expect(
    setResourceOwner(actor, { ids: [schema, table], ownerId: ines, version: preview.version }),
  ).rejects.toMatchObject({ code: "conflict" });
  expect(await setResourceOwner(actor, { ids: [schema, table, table], ownerId: ines })).toEqual({ changed: 1 });
  expect((await getResource(actor, { id: table })).owner).toEqual({ id: ines, name: "Ines" });
  const events = await db().auditEvent.findMany({ where: { action: "resource.edited" }, orderBy: { id: "asc" } });
  expect(events.map((event) => event.targetName)).toEqual(["billing", "invoices"]);
  for (const ownerId of [bot, schema])
    await expect(setResourceOwner(actor, { ids: [table], ownerId })).rejects.toMatchObject({
      code: "invalid",
      field: "ownerId",
    });
});

test("where a resource has no owner itself, it says who answers for what it lies in, or else for the system", async () => {
  await setResourceOwner(actor, { ids: [table], ownerId: null });
  expect(await getResource(actor, { id: table })).toMatchObject({
    owner: null,
    ownerAbove: { name: "Ines", of: "billing" },
  });
  await setResourceOwner(actor, { ids: [schema], ownerId: null });
  expect((await getResource(actor, { id: table })).ownerAbove).toBeNull();
  await editConnection(actor, { id: warehouse, ownerId: ines });
  expect((await getResource(actor, { id: table })).ownerAbove).toMatchObject({ name: "Ines", of: "warehouse" });
  const { items } = await listResources(actor, { state: emptyState(resourceList) });
  expect(items.map(({ name, owner, ownerAbove }) => [name, owner, ownerAbove])).toEqual([
    ["billing", null, "Ines"],
    ["invoices", null, "Ines"],
  ]);
  expect(await listConnections(actor)).toMatchObject([{ owner: { id: ines, name: "Ines" } }]);
  await expect(editConnection(actor, { id: warehouse, ownerId: bot })).rejects.toMatchObject({
    code: "invalid",
    field: "ownerId",
  });
});
