import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { revokeGrant } from "../grants/end-grant";
import { hourMs, now, plus } from "../time";
import { cancelRequest } from "./cancel-request";
import { decideRequest } from "./decide-request";
import { delegateApprovals } from "./delegate-approvals";
import { extendRequest } from "./extend-request";
import { submitRequest } from "./submit-request";
import { person, runJobs, startWorld, type World, worker } from "./test-world";
import { watchRequests } from "./watch-requests";

// Two people at the same instant, round after round. Five hundred in CI, fewer on a desk; RACE_ROUNDS sets how many.

const rounds = Number(process.env.RACE_ROUNDS ?? (process.env.CI ? 500 : 60));
let world: World;
beforeAll(async () => {
  world = await startWorld();
  // Without a manager, security decides: two people who may.
  await rows("update identities set manager_id = null where name in ('ann', 'eve')");
}, 120_000);
afterAll(() => world.drop());

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };

async function asked(): Promise<string> {
  const input = { items: [analysts], reason: "quarter end", duration: "PT2H" };
  return (await submitRequest(person(world, "ann"), input)).id;
}

// A request as it was when it was asked, again: the asking itself is not what is raced for.
async function copied(first: string): Promise<string> {
  const [request, item, step] = [randomUUID(), randomUUID(), randomUUID()];
  await rows(
    `with r as (insert into requests (id, requester_id, subject_id, give, reason, duration_seconds, state, policy_version, policies, facts, created_at, expires_at)
       select '${request}', requester_id, subject_id, give, reason, duration_seconds, 'pending', policy_version, policies, facts, created_at, expires_at from requests where id = $1 returning 1),
     s as (insert into request_steps (id, request_id, position, name, rule, needed, state, opened_at, due_at)
       select '${step}', '${request}', position, name, rule, needed, 'open', opened_at, due_at from request_steps where request_id = $1 returning 1)
     insert into request_items (id, request_id, position, connection_id, account_id, group_id, permission, resource_type, resource_external_id, resource_name, privilege)
       select '${item}', '${request}', position, connection_id, account_id, group_id, permission, resource_type, resource_external_id, resource_name, privilege
       from request_items where request_id = $1`,
    [first],
  );
  return request;
}

const decides = (name: string, id: string, decision: "approve" | "deny") =>
  decideRequest(person(world, name), { id, decision, comment: "so be it" });

async function outcomeOf(id: string) {
  const [row] = await rows<{ state: string; decisions: number; grants: number; live: number; events: string[] }>(
    `select state, (select count(*)::int from decisions where request_id = $1) as decisions,
      (select count(*)::int from grants where request_id = $1) as grants,
      (select count(*)::int from grants where request_id = $1 and state <> 'ended') as live,
      array(select action from audit_events where target_id = $1::text and outcome = 'allowed' order by id) as events
     from requests where id = $1`,
    [id],
  );
  return row;
}

const both = async (works: Promise<unknown>[]) =>
  (await Promise.allSettled(works)).filter(({ status }) => status === "fulfilled").length;

test(`of two answers at the same instant one wins, in ${rounds} rounds`, async () => {
  const first = await asked();
  const won = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const id = await copied(first);
    const other = round % 2 === 0 ? "approve" : "deny";
    expect(await both([decides("sid", id, "approve"), decides("sue", id, other)])).toBe(1);
    const outcome = await outcomeOf(id);
    const approved = outcome?.state === "approved";
    expect(outcome).toMatchObject({ decisions: 1, grants: approved ? 1 : 0 });
    expect(outcome?.events).toEqual(approved ? ["request.step_approved", "request.approved"] : ["request.denied"]);
    won.set(outcome?.state ?? "", (won.get(outcome?.state ?? "") ?? 0) + 1);
  }
  expect([...won.keys()].sort()).toEqual(["approved", "denied"]);
}, 600_000);

test("an approval and taking the request back leave it one or the other, and never access", async () => {
  const first = await asked();
  for (let round = 0; round < rounds / 10; round++) {
    const id = await copied(first);
    await both([decides("sid", id, "approve"), cancelRequest(person(world, "ann"), { id })]);
    expect(await outcomeOf(id)).toMatchObject({ state: "cancelled", live: 0 });
  }
}, 600_000);

test("an approval at the instant of expiry gives access or leaves the request expired, not both", async () => {
  const first = await asked();
  for (let round = 0; round < rounds / 10; round++) {
    const id = await copied(first);
    await rows("update requests set expires_at = clock_timestamp() + interval '12 ms' where id = $1", [id]);
    const until = async () => {
      for (let state = "pending"; state === "pending"; ) {
        await watchRequests(worker);
        state = (await outcomeOf(id))?.state ?? "";
      }
    };
    await both([decides("sid", id, "approve"), until()]);
    const outcome = await outcomeOf(id);
    expect(["approved", "expired"]).toContain(outcome?.state);
    expect(outcome?.grants).toBe(outcome?.state === "approved" ? 1 : 0);
  }
}, 600_000);

test("two of three are two persons: whoever stands in and whom they stand in for count once", async () => {
  const first = await asked();
  await rows(
    `update request_steps set needed = 2, rule = rule || '{"needed": 2, "prefer": null, "who": ["role:security", "role:administrator"]}' where request_id = $1`,
    [first],
  );
  await delegateApprovals(person(world, "sid"), {
    to: person(world, "dana").identityId,
    endsAt: plus(now(), hourMs).toISOString(),
  });
  for (let round = 0; round < rounds / 10; round++) {
    const id = await copied(first);
    await rows("update request_steps set needed = 2 where request_id = $1", [id]);
    await both([decides("sid", id, "approve"), decides("dana", id, "approve")]);
    expect(await outcomeOf(id)).toMatchObject({ state: "pending", grants: 0 });
    await both([decides("sue", id, "approve"), decides("adam", id, "approve")]);
    expect(await outcomeOf(id)).toMatchObject({ state: "approved", grants: 1 });
  }
}, 600_000);

test("of two who ask at the same instant for more time on one grant one waits, and the other is told which", async () => {
  await runJobs();
  const grant = await db().grant.findFirstOrThrow({ where: { state: "active" }, select: { id: true } });
  const more = () =>
    extendRequest(person(world, "ann"), { grantId: grant.id, reason: "not done yet", duration: "PT1H" });
  for (let round = 0; round < rounds / 10; round++) {
    const answers = await Promise.allSettled([more(), more()]);
    const asked = answers.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
    expect(asked).toHaveLength(1);
    expect(answers.flatMap((it) => (it.status === "rejected" ? [it.reason] : []))).toMatchObject([
      { code: "conflict", message: `More time has been asked for already: R-${asked[0]?.number} waits for an answer.` },
    ]);
    expect(await db().request.count({ where: { extendsGrantId: grant.id, state: "pending" } })).toBe(1);
    await cancelRequest(person(world, "ann"), { id: asked[0]?.id ?? "" });
  }
}, 600_000);

test("ending all that was approved leaves nothing, however many there were of the same", async () => {
  await runJobs();
  expect(await world.holds("ann", "analysts")).toBe(true);
  const grants = await db().grant.findMany({ where: { state: "active" }, select: { id: true } });
  expect(grants.length).toBeGreaterThan(1);
  for (let n = 0; n < grants.length; n += 4)
    await Promise.all(grants.slice(n, n + 4).map(({ id }) => revokeGrant(person(world, "sid"), { id })));
  await runJobs();
  expect(await world.holds("ann", "analysts")).toBe(false);
  expect(await db().grant.count({ where: { state: { not: "ended" } } })).toBe(0);
}, 600_000);
