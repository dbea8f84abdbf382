import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, addEntitlement, addPrincipal, addResource, assign } from "../access/test-world";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { getResource, listChildResources, listResourceHistory } from "./resource-queries";

const worker = system("worker");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let schema: string;
let table: string;

beforeAll(async () => {
  database = await freshDatabase();
  const warehouse = await addConnection("warehouse");
  const db = await addResource(warehouse, "database", "app");
  schema = await addResource(warehouse, "schema", "billing", {
    parentId: db,
    attributes: { owner: "dba", nested: { a: 1 }, rls: true },
  });
  for (let i = 0; i < 5; i++) table = await addResource(warehouse, "table", `t${i}`, { parentId: schema });
  const select = await addEntitlement(warehouse, table, "SELECT");
  for (let i = 0; i < 7; i++) await assign(warehouse, await addPrincipal(warehouse, "account", `a${i}`), select);
  await rows(
    "update assignments set removed_at = '2026-05-01' where id in (select id from assignments order by id limit 3)",
  );
});
afterAll(() => database.drop());

test("a resource tells what it lies in, what lies in it, and the plain facts of it", async () => {
  expect(await getResource(worker, { id: table })).toMatchObject({
    name: "t4",
    within: [{ name: "app" }, { name: "billing" }],
    entitlementCount: 1,
    childCount: 0,
  });
  expect((await getResource(worker, { id: schema })).facts).toEqual([
    { name: "rls", value: "true" },
    { name: "owner", value: "dba" },
  ]);
  await expect(getResource(worker, { id: "nonsense" })).rejects.toMatchObject({ code: "not_found" });
});

test("what lies in a resource is paged by name, each once", async () => {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listChildResources(worker, { id: schema, limit: 2, ...(cursor ? { cursor } : {}) });
    names.push(...page.items.map((child) => child.name));
    cursor = page.nextCursor;
  } while (cursor);
  expect(names).toEqual(["t0", "t1", "t2", "t3", "t4"]);
});

test("history counts who was given and who lost a permission in one moment", async () => {
  const { items } = await listResourceHistory(worker, { id: table });
  expect(items.map((item) => [item.at.toISOString().slice(0, 10), item.way, item.permission, item.count])).toEqual([
    ["2026-05-01", "went", "SELECT", 3],
    ["2026-01-01", "came", "SELECT", 7],
    ["2026-01-01", "came", null, 1],
  ]);
  expect(items[1]?.holders).toEqual(["a0", "a1", "a2", "a3", "a4"]);
});

test("without the right to see resources none is told of", async () => {
  const member = {
    type: "person" as const,
    userId: "00000000-0000-7000-8000-000000000001",
    identityId: null,
    name: "Me",
    email: null,
    roles: ["member" as const],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "test",
    scopes: null,
    requestId: null,
  };
  for (const read of [getResource, listChildResources, listResourceHistory])
    await expect(read(member, { id: table })).rejects.toMatchObject({ code: "forbidden" });
});
