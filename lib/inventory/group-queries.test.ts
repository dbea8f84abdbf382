import { afterAll, beforeAll, expect, test } from "vitest";
import {
  addConnection,
  addEntitlement,
  addIdentity,
  addMemberships,
  addPrincipal,
  addResource,
  assign,
  closeGroups,
} from "../access/test-world";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { listGroupHistory } from "./group-history";
import { getGroup, listGiven, listGroupManagers, listGroupMembers, listNestedMembers } from "./group-queries";

const worker = system("worker");
let database: Awaited<ReturnType<typeof freshDatabase>>;
const id: Record<string, string> = {};

// ann in inner in outer in top; bob in outer himself, and manages it; top holds SELECT, outer UPDATE.
beforeAll(async () => {
  database = await freshDatabase();
  const warehouse = await addConnection("warehouse");
  const ann = await addIdentity("Ann");
  for (const name of ["inner", "outer", "top"]) id[name] = await addPrincipal(warehouse, "group", name);
  id.ann = await addPrincipal(warehouse, "account", "ann", { identityId: ann });
  id.bob = await addPrincipal(warehouse, "account", "bob");
  const edge = (member: string, group: string) => ({
    member: id[member] ?? "",
    group: id[group] ?? "",
    inherits: true,
    switches: false,
  });
  await addMemberships(warehouse, [
    edge("ann", "inner"),
    edge("inner", "outer"),
    edge("outer", "top"),
    edge("bob", "outer"),
  ]);
  await rows("update memberships set administers = true where member_id = $1", [id.bob]);
  await closeGroups(warehouse);
  const table = await addResource(warehouse, "table", "invoices");
  await assign(warehouse, id.top ?? "", await addEntitlement(warehouse, table, "SELECT"));
  await assign(warehouse, id.outer ?? "", await addEntitlement(warehouse, table, "UPDATE"));
});
afterAll(() => database.drop());

const outer = () => ({ id: id.outer ?? "" });

test("a group counts who is in it, who manages it, and what it gives", async () => {
  expect(await getGroup(worker, outer())).toMatchObject({
    name: "outer",
    memberCount: 2,
    nestedCount: 1,
    givesCount: 2,
    managerCount: 1,
  });
});

test("members are told from those who are in it through a group in it", async () => {
  const direct = await listGroupMembers(worker, outer());
  expect(direct.items.map((one) => [one.type, one.name])).toEqual([
    ["account", "bob"],
    ["group", "inner"],
  ]);
  const nested = await listNestedMembers(worker, outer());
  expect(nested.items).toMatchObject([{ name: "ann", identity: { name: "Ann" }, through: { name: "inner" } }]);
  expect((await listGroupManagers(worker, outer())).items.map((one) => one.name)).toEqual(["bob"]);
});

test("what it gives names the group that holds it, and pages hold each once", async () => {
  const first = await listGiven(worker, { ...outer(), limit: 1 });
  const second = await listGiven(worker, { ...outer(), limit: 1, cursor: first.nextCursor ?? "" });
  const all = [...first.items, ...second.items];
  expect(new Map(all.map((one) => [one.permission, one.from?.name ?? null]))).toEqual(
    new Map([
      ["SELECT", "top"],
      ["UPDATE", null],
    ]),
  );
  expect(second.nextCursor).toBeNull();
});

test("its history tells who came and who went, the newest first", async () => {
  const { items, nextCursor } = await listGroupHistory(worker, outer());
  expect(items.map((one) => [one.way, one.permission, one.holders])).toEqual([
    ["came", null, ["bob", "inner"]],
    ["came", "UPDATE", ["invoices"]],
  ]);
  expect(nextCursor).toBeNull();
});

test("an account is no group, and neither is nonsense", async () => {
  await expect(getGroup(worker, { id: id.ann ?? "" })).rejects.toMatchObject({ code: "not_found" });
  await expect(getGroup(worker, { id: "nonsense" })).rejects.toMatchObject({ code: "not_found" });
});
