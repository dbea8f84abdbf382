import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { listIdentityAccess, summarizeIdentityAccess } from "./identity-access-queries";
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
const complete = { entitlement: { complete: true, since: "2026-03-01T00:00:00Z", because: "" } };
const words = (path: AccessPath) => path.map((step) => `${step.how === "switches" ? "~" : ""}${step.name}`).join(" ");

let drop: () => Promise<void>;
let world: Awaited<ReturnType<typeof makeWorld>>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  world = await makeWorld();
});
afterAll(() => drop());

// ann inherits from analysts and from base, both inside readers, and may become dba, which is inside owners.
async function makeWorld() {
  const warehouse = await addConnection("warehouse", "test", complete);
  const blind = await addConnection("blind");
  const ann = await addIdentity("Ann");
  const account = await addPrincipal(warehouse, "account", "ann", { identityId: ann });
  const other = await addPrincipal(blind, "account", "ann@blind", { identityId: ann });
  const group = (name: string) => addPrincipal(warehouse, "group", name);
  const [analysts, base, readers, dba, owners] = [
    await group("analysts"),
    await group("base"),
    await group("readers"),
    await group("dba"),
    await group("owners"),
  ];
  const inherits = { inherits: true, switches: false };
  await addMemberships(warehouse, [
    { member: account, group: analysts, ...inherits },
    { member: account, group: base, ...inherits },
    { member: analysts, group: readers, ...inherits },
    { member: base, group: readers, ...inherits },
    { member: account, group: dba, inherits: false, switches: true },
    { member: dba, group: owners, ...inherits },
  ]);
  await closeGroups(warehouse);
  const invoices = await addResource(warehouse, "table", "billing.invoices", { externalId: "app/billing.invoices" });
  const select = await addEntitlement(warehouse, invoices, "SELECT");
  const update = await addEntitlement(warehouse, invoices, "UPDATE", { condition: "policy own_rows", privilege: 2 });
  const everything = await addEntitlement(warehouse, invoices, "ALL", { pattern: { rule: "all" }, privilege: 4 });
  const blindRead = await addEntitlement(blind, await addResource(blind, "share", "files"), "Modify");
  await assign(warehouse, readers, select);
  await assign(warehouse, account, select, { validUntil: new Date("2999-01-01") });
  await assign(warehouse, owners, update);
  await assign(warehouse, owners, everything);
  await assign(blind, other, blindRead);
  await assign(warehouse, analysts, await addEntitlement(warehouse, invoices, "EXPIRED"), {
    validUntil: new Date("2026-02-01"),
  });
  return { warehouse, ann, account, invoices, analysts, base };
}

describe("the access of an identity", () => {
  test("names every entitlement over all accounts with every path", async () => {
    const { items } = await listIdentityAccess(worker, { identityId: world.ann });
    expect(items.map((item) => [item.permission, item.condition, item.paths.map(words)])).toEqual([
      ["SELECT", null, ["ann GRANT SELECT", "ann analysts readers GRANT SELECT", "ann base readers GRANT SELECT"]],
      ["UPDATE", "policy own_rows; after becoming dba", ["ann ~dba owners GRANT UPDATE"]],
      ["ALL", "after becoming dba", ["ann ~dba owners GRANT ALL"]],
      ["Modify", null, ["ann@blind GRANT Modify"]],
    ]);
    expect(items[0]?.justifications).toEqual([{ type: "unmanaged", id: null, until: null }]);
    expect(items[0]?.resource).toMatchObject({ connection: "warehouse", externalId: "app/billing.invoices" });
  });

  test("says used, not used since, or unknown because", async () => {
    await rows(
      `insert into usage_days (connection_id, principal_id, resource_id, permission, day, uses, last_at)
       values ($1, $2, $3, 'SELECT', '2026-04-01', 1, '2026-04-01T10:00:00Z')`,
      [world.warehouse, world.account, world.invoices],
    );
    const { items } = await listIdentityAccess(worker, { identityId: world.ann });
    expect(items.map((item) => item.lastUse.at ?? item.lastUse.since ?? item.lastUse.because)).toEqual([
      "2026-04-01T10:00:00.000Z",
      "2026-03-01T00:00:00.000Z",
      "a rule covers many resources, and their use is not put down to the rule",
      "blind does not say which entitlements were used",
    ]);
    const before = await listIdentityAccess(worker, { identityId: world.ann, at: new Date("2026-03-15") });
    expect(before.items[0]?.lastUse.state).toBe("not_used");
  });

  test("pages without losing or repeating an entry", async () => {
    const all = await listIdentityAccess(worker, { identityId: world.ann });
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listIdentityAccess(worker, { identityId: world.ann, limit: 1, cursor });
      paged.push(...page.items.map((item) => item.key));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(paged).toEqual(all.items.map((item) => item.key));
  });

  test("narrows to a permission, a resource by name or id, a connection", async () => {
    const count = async (filter: object) =>
      (await listIdentityAccess(worker, { identityId: world.ann, ...filter })).items.length;
    expect(await count({ permission: "SELECT" })).toBe(1);
    expect(await count({ resource: "billing.invoices" })).toBe(3);
    expect(await count({ resource: "app/billing.invoices", permission: "ALL" })).toBe(1);
    expect(await count({ resource: world.invoices })).toBe(3);
    expect(await count({ connection: "blind" })).toBe(1);
    expect(await count({ connection: "nowhere" })).toBe(0);
  });

  test("lists as many paths as asked for and counts the rest", async () => {
    const { items } = await listIdentityAccess(worker, { identityId: world.ann, paths: 1 });
    expect(items[0]).toMatchObject({ morePaths: 2, morePathsCapped: false });
    expect(items[0]?.paths.length).toBe(1);
  });

  test("is summed up for the picture by column", async () => {
    const { entries, counts } = await summarizeIdentityAccess(worker, { identityId: world.ann });
    expect(entries.length).toBe(4);
    expect(counts).toEqual({ accounts: 2, groups: 5, entitlements: 4, resources: 2, isCapped: false });
  });

  test("of the past is what it was, whatever happened since", async () => {
    await endMemberships([{ member: world.account, group: world.analysts }], new Date("2026-06-01"));
    await closeGroups(world.warehouse, [world.account]);
    const paths = async (at?: Date) =>
      (await listIdentityAccess(worker, { identityId: world.ann, at })).items[0]?.paths.map(words);
    expect(await paths()).toEqual(["ann GRANT SELECT", "ann base readers GRANT SELECT"]);
    expect(await paths(new Date("2026-05-31"))).toContain("ann analysts readers GRANT SELECT");
    const expired = await listIdentityAccess(worker, { identityId: world.ann, at: new Date("2026-01-15") });
    expect(expired.items.map((item) => item.permission)).toContain("EXPIRED");
    const earlier = await listIdentityAccess(worker, { identityId: world.ann, at: new Date("2025-01-01") });
    expect(earlier.items).toEqual([]);
  });
});

describe("who may read the access of an identity", () => {
  const member = (identityId: string | null): PersonActor => ({
    type: "person",
    userId: "018f0000-0000-7000-8000-000000000001",
    identityId,
    name: "Somebody",
    email: null,
    roles: ["member"],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "oidc",
    scopes: null,
    requestId: null,
  });

  test("a member reads their own, what they own and their reports', and nothing else", async () => {
    const boss = await addIdentity("Boss");
    const report = await addIdentity("Report", { managerId: boss });
    const bot = await addIdentity("Bot", { ownerId: report, kind: "bot" });
    expect((await listIdentityAccess(member(world.ann), { identityId: world.ann })).items.length).toBe(4);
    expect((await listIdentityAccess(member(boss), { identityId: report })).items).toEqual([]);
    expect((await listIdentityAccess(member(report), { identityId: bot })).items).toEqual([]);
    for (const [actor, identityId] of [
      [member(report), boss],
      [member(boss), world.ann],
      [member(null), world.ann],
      [member(boss), "018f0000-0000-7000-8000-00000000dead"],
    ] as const) {
      await expect(listIdentityAccess(actor, { identityId })).rejects.toMatchObject({ code: "forbidden" });
      await expect(summarizeIdentityAccess(actor, { identityId })).rejects.toMatchObject({ code: "forbidden" });
    }
    const denied = await rows("select 1 from audit_events where action = 'access.read' and outcome = 'denied'");
    expect(denied.length).toBe(8);
  });

  test("an identity that is not there is said not to be", async () => {
    const identityId = "018f0000-0000-7000-8000-00000000dead";
    await expect(listIdentityAccess(worker, { identityId })).rejects.toMatchObject({ code: "not_found" });
  });
});
