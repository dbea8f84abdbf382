import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnection } from "../connections/create-connection";
import { rows } from "../db/client";
import { grantList } from "../grants/labels";
import { getGrant, listGrants } from "../grants/queries";
import { emptyState } from "../lists/schema";
import { getPolicies } from "../policies/queries";
import { listCatalogueSystems, listSubjects, searchCatalogue } from "./catalogue-queries";
import { decideRequest } from "./decide-request";
import { countInbox, getDecisionView, listInbox } from "./inbox-queries";
import { requestList } from "./labels";
import { previewRequest } from "./preview-queries";
import { countHiddenRequests, listRequests } from "./queries";
import { getRequest } from "./request-queries";
import { reviewBreakGlass } from "./review-break-glass";
import { listReviews } from "./review-queries";
import { simulatePolicy } from "./simulate-queries";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, type World, worker } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world.drop());

const asked = {
  items: [{ connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } }],
  reason: "look at invoices",
  duration: "PT2H",
};
const all = { state: emptyState(requestList) };

test("the catalogue finds a role by part of its name and its system, and says who else has it", async () => {
  const found = await searchCatalogue(person(world, "ann"), { q: "analy ware" });
  expect(found.items.map(({ permission, resource }) => [permission, resource.name])).toEqual([["member", "analysts"]]);
  expect(found.items[0]).toMatchObject({ privilege: 1, held: false, byHand: false, connection: { name: "warehouse" } });
  const tables = await searchCatalogue(person(world, "ann"), { q: "invoices write" });
  expect(tables.items.length).toBeGreaterThan(0);
  expect(tables.items.every(({ privilege }) => privilege === 2)).toBe(true);
});

test("the catalogue finds what has a permission by the permission alone, whatever system it is narrowed to", async () => {
  const ann = person(world, "ann");
  const found = await searchCatalogue(ann, { q: "insert" });
  expect(found.items.map(({ permission, resource }) => `${permission} ${resource.name}`)).toContain(
    "INSERT public.invoices",
  );
  expect(found.items.every(({ permission }) => permission === "INSERT")).toBe(true);
  const both = await searchCatalogue(ann, { q: "insert invoices" });
  expect(both.items.map(({ key }) => key)).toEqual([...new Set(both.items.map(({ key }) => key))]);
  const [system] = await listCatalogueSystems(ann);
  expect(system?.name).toBe("warehouse");
  const inIt = await searchCatalogue(ann, { q: "insert", connection: system?.id });
  expect(inIt.items.map(({ key }) => key)).toEqual(found.items.map(({ key }) => key));
  expect((await searchCatalogue(ann, { q: "insert", connection: "elsewhere" })).items).toEqual([]);
});

test("the catalogue finds what a system has by the system, as its name is typed or chosen", async () => {
  const ann = person(world, "ann");
  const namesOf = async (search: Parameters<typeof searchCatalogue>[1]) =>
    (await searchCatalogue(ann, { ...search, limit: 100 })).items.map(({ resource }) => resource.name);
  const roles = ["analysts", "auditors", "admins"];
  expect(await namesOf({ q: "warehouse" })).toEqual(expect.arrayContaining(roles));
  expect(await namesOf({ connection: "warehouse" })).toEqual(expect.arrayContaining(roles));
  expect(await namesOf({ connection: "warehouse", colleagues: true })).not.toContain("auditors");
  expect(await namesOf({ connection: "elsewhere" })).toEqual([]);
});

test("the first page begins with what Rollcall gives, leaves out what is held, and ends with what administers", async () => {
  const [ann, eve] = [person(world, "ann"), person(world, "eve")];
  const { id: connectionId } = await createConnection(worker, {
    ...{ name: "badges", connector: "csv", environment: "staging", syncNow: false },
  });
  await rows(
    `with made as (insert into principals (connection_id, type, external_id, name, search, content_hash, first_seen_at, identity_id)
       select $1, type, name, name, name, '', now(), case when type = 'account' then id::uuid end
       from (values ('account', 'ann badge', $2::text), ('account', 'eve badge', $3), ('group', 'doors', null), ('group', 'keys', null)) v (type, name, id)
       returning id, name),
     resource as (insert into resources (connection_id, type, external_id, name, search, content_hash, first_seen_at)
       values ($1, 'safe', 'safe', 'safe', 'safe', '', now()) returning id),
     entitlement as (insert into entitlements (connection_id, resource_id, permission, privilege, first_seen_at)
       select $1, id, 'open', 4, now() from resource returning id),
     assigned as (insert into assignments (connection_id, principal_id, entitlement_id, first_seen_at)
       select $1, made.id, entitlement.id, now() from made, entitlement where name = 'keys' returning 1)
     insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, implicit, first_seen_at)
       select $1, a.id, g.id, true, false, false, false, now() from made a, made g
       where (a.name, g.name) in (('ann badge', 'doors'), ('eve badge', 'doors'), ('eve badge', 'keys'))`,
    [connectionId, ann.identityId, eve.identityId],
  );
  const namesOf = async (search: Parameters<typeof searchCatalogue>[1]) =>
    (await searchCatalogue(ann, search)).items.map(({ resource }) => resource.name);
  const first = await namesOf({});
  // Roles that Rollcall gives, the smaller first; what a person gives by hand, what administers, and what PostgreSQL
  // brings along, although it is the smallest, come after them.
  expect(first).toEqual(["analysts", "admins", "auditors", "keys", "pg_signal_backend"]);
  const [stats] = (await searchCatalogue(ann, { q: "pg_read_all_stats" })).items;
  expect(stats).toMatchObject({ permission: "member", resource: { name: "pg_read_all_stats" }, builtIn: true });
  expect((await searchCatalogue(ann, { q: "analysts" })).items[0]).toMatchObject({ builtIn: false });
  expect(await namesOf({ held: true })).toEqual(["doors"]);
  expect(await namesOf({ colleagues: true })).toEqual(["keys"]);
  expect(await namesOf({ q: "doors" })).toEqual(["doors"]);
  expect(await namesOf({ q: "badges" })).toEqual(["keys", "doors"]);
  expect((await searchCatalogue(eve, {})).items.map(({ resource }) => resource.name)).not.toContain("keys");
});

test("one may ask for oneself and for one's reports, and for nobody else", async () => {
  expect((await listSubjects(person(world, "bob"))).map(({ name, relation }) => `${name} ${relation}`)).toEqual([
    "bob self",
    "ann report",
    "eve report",
  ]);
});

test("a preview says who decides, by which policy, what it opens and what smaller would do, and changes nothing", async () => {
  const preview = await previewRequest(person(world, "ann"), {
    ...asked,
    items: [{ connection: "warehouse", permission: "member", resource: { type: "role", id: "admins" } }],
  });
  expect(preview).toMatchObject({ allowed: true, needsPasskey: false, relation: "self" });
  expect(preview.policies.map(({ id }) => id)).toEqual(["production-writing"]);
  expect(preview.steps.map(({ people }) => people.map(({ name }) => name))).toEqual([["bob"], ["cara"]]);
  expect(preview.items[0]?.smaller.map(({ resource }) => resource)).toContain("analysts");
  expect((await listRequests(person(world, "sid"), all)).items).toEqual([]);
});

test("a request is shown to those it concerns, waits in the inbox of whoever decides, and ends there once decided", async () => {
  const [ann, bob, eve, sid] = ["ann", "bob", "eve", "sid"].map((name) => person(world, name));
  if (!ann || !bob || !eve || !sid) throw new Error("nobody there");
  const { id } = await submitRequest(ann, asked);
  expect((await listRequests(ann, all)).items.map((row) => row.waitsFor)).toEqual([["bob"]]);
  expect((await listRequests(eve, all)).items).toEqual([]);
  expect(await countHiddenRequests(eve)).toEqual({ value: 1, capped: false });
  expect(await refusal(getRequest(eve, id))).toMatch(/^forbidden/);
  expect((await getRequest(sid, id)).may).toEqual({ cancel: false, answer: false, decide: false, retry: false });

  const inbox = await listInbox(bob);
  expect(inbox.items.map((row) => [row.id, row.becauseOf])).toEqual([[id, "manager"]]);
  expect((await countInbox(bob)).requests).toEqual({ value: 1, capped: false });
  const view = await getDecisionView(bob, id);
  expect(view.seat).toMatchObject({ because: "manager", needsPasskey: false });
  expect(view.place).toMatchObject({ position: 1, of: { value: 1 }, previous: null, next: null });
  await decideRequest(bob, { id, decision: "approve", seen: view.seen });
  expect((await listInbox(bob)).items).toEqual([]);
  await runJobs();

  const [grant] = await grantsOf(id);
  const seen = await getGrant(ann, grant?.id ?? "");
  expect(seen).toMatchObject({ state: "active", may: { revoke: true, extend: true, collect: false, retry: false } });
  expect(seen.receipt.map(({ step }) => step)).toContain("read_back");
  expect(await refusal(getGrant(eve, grant?.id ?? ""))).toMatch(/^forbidden/);
  expect((await listGrants(eve, { state: emptyState(grantList) })).items).toEqual([]);
  expect((await getRequest(ann, id)).grants).toHaveLength(1);
});

test("a broken glass is put to the owner and to security until two of them have judged it", async () => {
  const [eve, sid, cara] = ["eve", "sid", "cara"].map((name) => person(world, name));
  if (!eve || !sid || !cara) throw new Error("nobody there");
  const { id } = await submitRequest(eve, { ...asked, breakGlass: true });
  expect((await listReviews(eve)).length).toBe(0);
  expect((await listReviews(cara)).map((row) => row.requestId)).toEqual([id]);
  const [review] = await listReviews(sid);
  expect((await getRequest(cara, id)).review).toMatchObject({ needed: 2, closedAt: null });
  await reviewBreakGlass(sid, { id: review?.id ?? "", opinion: "justified", comment: "the alert was real" });
  expect(await listReviews(sid)).toEqual([]);
  expect((await countInbox(cara)).reviews).toBe(1);
});

test("a simulation says what the policies in force and a draft of them would say", async () => {
  const sid = person(world, "sid");
  const files = (await getPolicies(sid)).files.map((file) => ({
    ...file,
    text: file.text.replace("privilege == 1", "privilege == 4"),
  }));
  const { verdict, draft } = await simulatePolicy(sid, {
    requester: "ann@acme.test",
    item: asked.items[0] ?? never(),
    files,
  });
  expect(verdict).toMatchObject({ allowed: true, policies: ["production-reading"] });
  expect(draft).toMatchObject({ allowed: false });
  expect(
    await refusal(
      simulatePolicy(person(world, "ann"), { requester: "ann@acme.test", item: asked.items[0] ?? never() }),
    ),
  ).toMatch(/^forbidden/);
});

test("the first page of an inbox reads no more rows when ten thousand wait", async () => {
  const bob = person(world, "bob").identityId;
  const ann = person(world, "ann").identityId;
  await rows(
    `with version as (select max(version) as v from policy_sets), made as (
       insert into requests (requester_id, subject_id, give, reason, duration_seconds, state, policy_version, created_at, expires_at)
       select $1, $1, 'assignment', 'many', 3600, 'pending', v, now(), now() + interval '1 day' from version, generate_series(1, 10000)
       returning id),
     items as (insert into request_items (request_id, position, connection_id, group_id, permission, resource_type, resource_external_id, resource_name, privilege)
       select made.id, 0, g.connection_id, g.id, 'member', 'group', g.external_id, g.name, 1 from made, (select * from principals where name = 'analysts' limit 1) g),
     steps as (insert into request_steps (request_id, position, name, rule, needed, state) select id, 0, 'manager', '{}', 1, 'open' from made returning id, request_id)
     insert into request_approvers (step_id, identity_id, request_id, because, open, since) select id, $2, request_id, 'manager', true, now() from steps`,
    [ann, bob],
  );
  await rows("analyze");
  const first = await listInbox(person(world, "bob"));
  expect(first.items).toHaveLength(50);
  const next = await listInbox(person(world, "bob"), { cursor: first.nextCursor ?? "" });
  expect(next.items.filter((row) => first.items.some((it) => it.id === row.id))).toEqual([]);
  expect((await countInbox(person(world, "bob"))).requests).toEqual({ value: 99, capped: true });
});

function never(): never {
  throw new Error("there is an item");
}
