import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, transaction } from "../db/client";
import { recountInventory } from "../inventory/counters";
import { decideRequest } from "./decide-request";
import { getFigures } from "./figure-queries";
import { countInbox, getDecisionView } from "./inbox-queries";
import { listAccessNeeds } from "./need-queries";
import { opensOf } from "./opens-queries";
import { getOwnAccess } from "./own-queries";
import { previewRequest } from "./preview-queries";
import { submitRequest } from "./submit-request";
import { person, refusal, runJobs, startWorld, sync, type World } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world.drop());

const asked = {
  items: [item("analysts")],
  reason: "look at invoices",
  duration: "PT2H",
};

test("whoever decides sees who else holds it and when they used it, as far as their role shows them", async () => {
  const client = await world.server.connect();
  await client.query("create role sue login; grant analysts to eve, sue");
  await client.end();
  await sync(world.connectionId);
  await rows(
    `update principals p set identity_id = i.id, match_rule = 'person', match_set_by = 'test'
     from identities i where i.name = p.name and p.name = 'sue' and p.type = 'account'`,
  );
  const { id } = await submitRequest(person(world, "ann"), asked);
  const seenBy = async (name: string) => {
    const [item] = (await getDecisionView(person(world, name), id)).holders;
    return {
      names: item?.people.map((it) => it.name),
      hidden: item?.hidden,
      states: item?.people.map((it) => it.lastUse.state),
    };
  };
  // Eve reports to Bob, Sue does not; Cara owns the system, and security sees everybody.
  expect(await seenBy("bob")).toMatchObject({ names: ["eve"], hidden: 1, states: ["unknown"] });
  expect(await seenBy("cara")).toMatchObject({ names: ["eve", "sue"], hidden: 0 });
  expect(await seenBy("sid")).toMatchObject({ names: ["eve", "sue"], hidden: 0 });

  const { seen } = await getDecisionView(person(world, "bob"), id);
  await decideRequest(person(world, "bob"), { id, decision: "approve", seen });
  const [kept] = await rows<{ names: string[] }>(
    "select array(select jsonb_path_query(facts, '$.holders[*].people[*].name') #>> '{}') as names from decisions where request_id = $1",
    [id],
  );
  expect(kept?.names).toEqual(["eve"]);
  await runJobs();
});

test("what is reached by a grant that ends may be asked for in its own right, and what is held without an end may not", async () => {
  const table = { connection: "warehouse", permission: "SELECT", resource: { type: "table", id: "public.invoices" } };
  const preview = async (name: string) => {
    const { allowed, items } = await previewRequest(person(world, name), { ...asked, items: [table] });
    return { allowed, held: items[0]?.alreadyHeld };
  };
  expect(await preview("ann")).toEqual({ allowed: true, held: false });
  expect(await preview("eve")).toEqual({ allowed: false, held: true });
});

test("what only a grant that ends reaches is not reached already: it says until when it is held", async () => {
  const { identityId: ann } = person(world, "ann");
  const [grant] = await rows<{ ends: Date }>("select ends_at as ends from grants where subject_id = $1", [ann]);
  const until = grant?.ends.toISOString();
  const opens = async (name: string, group: string) => {
    const [{ id } = { id: "" }] = await rows<{ id: string }>("select id from principals where name = $1", [group]);
    return opensOf({ groupId: id, entitlementId: null, subjectId: person(world, name).identityId });
  };
  expect(await opens("ann", "analysts")).toMatchObject({
    ...{ count: 1, forATime: 1, heldUntil: until },
    examples: [{ permission: "SELECT", heldUntil: until }],
  });
  const admins = await opens("ann", "admins");
  expect(admins).toMatchObject({ forATime: 1, heldUntil: until });
  expect(admins.examples.filter(({ heldUntil }) => heldUntil === null)).toHaveLength(admins.count - 1);
  expect(admins.examples.at(-1)).toMatchObject({ permission: "SELECT", heldUntil: until });
  expect(await opens("eve", "analysts")).toMatchObject({ count: 0, forATime: 0, heldUntil: null });

  // Access that Rollcall found there stays when its grant ends.
  await rows("update managed_accesses set found_standing = true");
  expect(await opens("ann", "analysts")).toMatchObject({ count: 0 });
  await rows("update managed_accesses set found_standing = false");
});

test("what somebody holds for a time and waits for stands on their own page, and nothing of others", async () => {
  const own = await getOwnAccess(person(world, "ann"));
  expect(own.requests).toEqual([]);
  expect(own.grants.map((grant) => [grant.resource.name, grant.state])).toEqual([["analysts", "active"]]);
  await submitRequest(person(world, "eve"), { ...asked, items: [item("auditors")] });
  expect(await getOwnAccess(person(world, "eve"))).toMatchObject({
    grants: [],
    requests: [{ state: "pending", waitsFor: ["bob"] }],
  });
  expect((await countInbox(person(world, "bob"))).requests.value).toBe(1);
});

test("access that could not be ended is the first of what needs somebody, and only those who see all are told", async () => {
  expect(await refusal(listAccessNeeds(person(world, "ann")))).toMatch(/^forbidden/);
  expect(await listAccessNeeds(person(world, "sid"))).toEqual([]);
  await submitRequest(person(world, "eve"), { ...asked, items: [item("admins")], breakGlass: true });
  await rows("update grants set state = 'ending_failed', drift = null where subject_id = $1", [
    person(world, "ann").identityId,
  ]);
  const needs = await listAccessNeeds(person(world, "sid"));
  expect(needs.map(({ type }) => type)).toEqual(["stands", "reviews"]);
  expect(needs[0]).toMatchObject({ subject: "ann", resource: "analysts", connection: "warehouse" });
});

test("standing access counts memberships as well as assignments, less what is held for a time", async () => {
  await rows("update grants set state = 'active' where state = 'ending_failed'");
  await sync(world.connectionId);
  await transaction((tx) => recountInventory(tx));
  const [counted] = await rows<{ all: number }>(
    `select ((select count(*) from assignments where removed_at is null)
       + (select count(*) from memberships where removed_at is null and not implicit))::int as all`,
  );
  const today = (await getFigures(person(world, "sid"))).held.at(-1);
  expect(today?.timeBound).toBe(1);
  expect(today?.standing).toBe((counted?.all ?? 0) - 1);
});

function item(role: string) {
  return { connection: "warehouse", permission: "member", resource: { type: "role", id: role } };
}

test("how long it takes is told of each kind of system, and of what somebody confirmed from then on", async () => {
  await rows(
    "update requests set created_at = decided_at - interval '70 minutes', decided_at = decided_at - interval '1 hour' where decided_at is not null",
  );
  await rows(
    "update grants set starts_at = activated_at - interval '1 hour', confirmed_at = activated_at - interval '2 seconds' where activated_at is not null",
  );
  const { decision, decisions, access, revoke } = await getFigures(person(world, "sid"));
  expect(decision).toMatchObject({ p50: 600, p95: 600, p99: 600 });
  expect(decisions).toEqual([{ ...decision, connector: "postgresql" }]);
  expect(access).toMatchObject([{ connector: "postgresql", of: 1, p50: 2, p95: 2, p99: 2 }]);
  expect(revoke).toEqual([]);
});
