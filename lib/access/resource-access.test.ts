import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { listResourceAccess } from "./resource-access-queries";
import type { AccessPath } from "./schema";
import {
  addConnection,
  addEntitlement,
  addIdentity,
  addMemberships,
  addPrincipal,
  addResource,
  assign,
  closeGroups,
  endMemberships,
} from "./test-world";

const worker = system("test");
const words = (path: AccessPath) => path.map((step) => `${step.how === "switches" ? "~" : ""}${step.name}`).join(" ");

let drop: () => Promise<void>;
let world: Awaited<ReturnType<typeof makeWorld>>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  world = await makeWorld();
});
afterAll(() => drop());

async function makeWorld() {
  const warehouse = await addConnection("warehouse", "postgresql");
  const ann = await addIdentity("Ann");
  const account = async (name: string, identityId?: string) => addPrincipal(warehouse, "account", name, { identityId });
  const accounts = [
    await account("ann", ann),
    await account("bob"),
    await account("cid"),
    await account("root"),
  ] as const;
  const [a, b, c, root] = accounts;
  const readers = await addPrincipal(warehouse, "group", "readers");
  const all = await addPrincipal(warehouse, "group", "all");
  const inherits = { inherits: true, switches: false };
  await addMemberships(warehouse, [
    { member: a, group: readers, ...inherits },
    { member: b, group: readers, inherits: false, switches: true },
    { member: c, group: all, ...inherits },
    { member: all, group: readers, ...inherits },
  ]);
  await closeGroups(warehouse);
  const table = await addResource(warehouse, "table", "billing.invoices", { externalId: "app/billing.invoices" });
  const column = await addResource(warehouse, "column", "billing.invoices.amount", {
    externalId: "app/billing.invoices.amount",
    parentId: table,
  });
  const cluster = await addResource(warehouse, "cluster", "cluster");
  await assign(warehouse, readers, await addEntitlement(warehouse, table, "SELECT"));
  await assign(warehouse, a, await addEntitlement(warehouse, table, "TRUNCATE"));
  await assign(warehouse, c, await addEntitlement(warehouse, column, "UPDATE", { condition: "policy own_rows" }));
  const superuser = { pattern: { rule: "superuser", server: 18 }, privilege: 4 };
  await assign(warehouse, root, await addEntitlement(warehouse, cluster, "SUPERUSER", superuser));
  return { warehouse, ann, accounts, readers, all, table, column };
}

const told = (
  items: { account: { name: string }; permission: string; condition: string | null; paths: AccessPath[] }[],
) =>
  items
    .map((item) => [item.account.name, item.permission, item.condition, item.paths.map(words).join("; ")].join(" | "))
    .sort();

describe("who can reach a resource", () => {
  test("is told by account and permission, also through what encloses it and by patterns", async () => {
    const { items, hidden } = await listResourceAccess(worker, { resourceId: world.column });
    expect(told(items)).toEqual([
      "ann | SELECT |  | ann readers GRANT SELECT",
      "bob | SELECT | after becoming readers | bob ~readers GRANT SELECT",
      "cid | SELECT |  | cid all readers GRANT SELECT",
      "cid | UPDATE | policy own_rows | cid GRANT UPDATE",
      "root | INSERT |  | root GRANT INSERT",
      "root | REFERENCES |  | root GRANT REFERENCES",
      "root | SELECT |  | root GRANT SELECT",
      "root | UPDATE |  | root GRANT UPDATE",
    ]);
    expect(hidden).toEqual({ count: 0, isCapped: false });
    expect(items.find((item) => item.account.name === "ann")?.identity).toMatchObject({ id: world.ann, name: "Ann" });
    expect(items.find((item) => item.account.name === "bob")?.identity).toBeNull();
  });

  test("pages without losing or repeating an entry, whatever the size of the page", async () => {
    const all = await listResourceAccess(worker, { resourceId: world.table });
    for (const limit of [1, 2, 3, 5]) {
      const paged: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listResourceAccess(worker, { resourceId: world.table, limit, cursor });
        paged.push(...page.items.map((item) => item.key));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(paged).toEqual(all.items.map((item) => item.key));
    }
  });

  test("narrows to a permission and to an identity", async () => {
    const select = await listResourceAccess(worker, { resourceId: world.column, permission: "SELECT" });
    expect(select.items.map((item) => item.account.name).sort()).toEqual(["ann", "bob", "cid", "root"]);
    const ann = await listResourceAccess(worker, { resourceId: world.table, identity: world.ann });
    expect(ann.items.map((item) => item.permission)).toEqual(["SELECT", "TRUNCATE"]);
  });

  test("a member sees who of theirs can, and is told how many others are hidden", async () => {
    const member: PersonActor = {
      type: "person",
      userId: "018f0000-0000-7000-8000-000000000001",
      identityId: world.ann,
      name: "Ann",
      email: null,
      roles: ["member"],
      sessionId: null,
      tokenId: null,
      authenticatedBy: "oidc",
      scopes: null,
      requestId: null,
    };
    const mine = await listResourceAccess(member, { resourceId: world.table, permission: "SELECT" });
    expect(mine.items.map((item) => item.account.name)).toEqual(["ann"]);
    expect(mine.hidden).toEqual({ count: 3, isCapped: false });
    const stranger = await listResourceAccess({ ...member, identityId: null }, { resourceId: world.table });
    expect(stranger.items).toEqual([]);
    expect(stranger.hidden.count).toBe(4);
    await rows("update resources set owner_id = $1 where id = $2", [world.ann, world.table]);
    const owner = await listResourceAccess(member, { resourceId: world.table, permission: "SELECT" });
    expect(owner.items.length).toBe(4);
    expect(owner.hidden.count).toBe(0);
  });

  test("in the past is who could then", async () => {
    await endMemberships([{ member: world.all, group: world.readers }], new Date("2026-06-01"));
    await closeGroups(world.warehouse, [world.all]);
    const names = async (at?: Date) =>
      (await listResourceAccess(worker, { resourceId: world.table, permission: "SELECT", at })).items
        .map((item) => item.account.name)
        .sort();
    expect(await names()).toEqual(["ann", "bob", "root"]);
    expect(await names(new Date("2026-05-31"))).toEqual(["ann", "bob", "cid", "root"]);
    expect(await names(new Date("2025-01-01"))).toEqual([]);
  });

  test("is the same list however many groups lie between", async () => {
    const connection = await addConnection("wide");
    const top = await addPrincipal(connection, "group", "top");
    const table = await addResource(connection, "table", "wide.table");
    await assign(connection, top, await addEntitlement(connection, table, "SELECT"));
    await rows(
      `insert into principals (connection_id, type, external_id, name, content_hash, first_seen_at)
       select $1, type, type || n, type || n, '', now() from generate_series(1, 300) n, (values ('account'), ('group')) t (type)`,
      [connection],
    );
    await rows(
      `insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
       select $1, g.id, $2, true, false, false, now() from principals g
         where g.connection_id = $1 and g.type = 'group' and g.id <> $2
       union all
       select $1, a.id, g.id, true, false, false, now() from principals a join principals g on g.connection_id = $1
         and g.external_id = replace(a.external_id, 'account', 'group') where a.connection_id = $1 and a.type = 'account'`,
      [connection, top],
    );
    await closeGroups(connection);
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listResourceAccess(worker, { resourceId: table, limit: 40, cursor });
      listed.push(...page.items.map((item) => item.account.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    const all = await rows<{ id: string }>(
      "select id from principals where connection_id = $1 and type = 'account' order by id",
      [connection],
    );
    expect(listed).toEqual(all.map((row) => row.id));
  });

  test("of a resource that is not there is refused, as is a cursor from elsewhere", async () => {
    const resourceId = "018f0000-0000-7000-8000-00000000dead";
    await expect(listResourceAccess(worker, { resourceId })).rejects.toMatchObject({ code: "not_found" });
    await expect(listResourceAccess(worker, { resourceId: world.table, cursor: "x" })).rejects.toMatchObject({
      code: "invalid",
    });
  });
});
