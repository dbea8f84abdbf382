import { randomUUID } from "node:crypto";
import { statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { rows } from "@/lib/db/client";
import { identityFacts } from "@/lib/grants/policy-facts";
import { currentPolicies } from "@/lib/policies/current-policies";
import { cedarCallOf, decidePolicy } from "@/lib/policies/decide-policy";
import type { AskingFacts } from "@/lib/policies/schema";
import { countInbox, listInbox } from "@/lib/requests/inbox-queries";
import { submitRequest } from "@/lib/requests/submit-request";
import { person, type World } from "@/lib/requests/test-world";
import { now } from "@/lib/time";
import { compare, type Figure, median, timed } from "./measure";

/** Cedar's answer inside a request, against Cedar alone. */
export async function policyDecision(world: World): Promise<Figure> {
  const policies = await currentPolicies();
  const { identityId } = person(world, "ann");
  const people = await identityFacts([identityId], policies.namedGroups);
  const subject = people.get(identityId);
  if (!subject) throw new Error("ann is not there");
  const access = {
    connection: "warehouse",
    connector: "postgresql",
    environment: "production",
    permission: "member",
    resourceType: "group",
    resource: "analysts",
    privilege: 1,
    owner: null,
  };
  const facts: AskingFacts = {
    action: "request",
    principal: subject,
    subject,
    access,
    relation: "self",
    give: "assignment",
    durationSeconds: 7_200,
    hasReason: true,
    ticket: null,
    alreadyHeld: false,
    conflicts: [],
    at: now(),
  };
  const call = cedarCallOf(policies, facts);
  return compare(
    "a decision inside a request against the bare preparsed evaluation",
    Array.from({ length: 500 }, () => randomUUID()),
    async () => statefulIsAuthorized(call),
    async () => decidePolicy(policies, facts),
    2,
  );
}

/** The first page of what waits for one approver, and its count: with a hundred requests, and with ten thousand. */
export async function inboxPages(world: World): Promise<Figure> {
  const { id } = await submitRequest(person(world, "eve"), {
    items: [{ connection: "warehouse", permission: "member", resource: { type: "role", id: "auditors" } }],
    reason: "bench",
    duration: "PT2H",
  });
  await repeatRequest(id, 100);
  const few = await timesOfInbox(world);
  await repeatRequest(id, 9_900);
  const many = await timesOfInbox(world);
  return {
    what: "page of what waits for an approver: 10,000 requests against 100",
    bareMs: median(few),
    oursMs: median(many),
    atMost: { ratio: 1.5 },
  };
}

async function timesOfInbox(world: World): Promise<number[]> {
  const bob = person(world, "bob");
  await rows("analyze requests, request_items, request_steps, request_approvers");
  const times: number[] = [];
  for (let n = 0; n < 300; n++) times.push(await timed(() => Promise.all([listInbox(bob), countInbox(bob)])));
  return times.slice(100);
}

// As if it had been asked again and again: the same request with its items, steps and approvers.
async function repeatRequest(id: string, times: number): Promise<void> {
  await rows(
    `with copies as materialized (select uuid7() as request, n from generate_series(1, $2::int) n),
     asked as (insert into requests (id, requester_id, requester_user_id, subject_id, give, reason, duration_seconds, state, policy_version, policies, facts, created_at, expires_at)
       select c.request, requester_id, requester_user_id, subject_id, give, reason, duration_seconds, state, policy_version, policies, facts, created_at, expires_at
       from requests, copies c where id = $1 returning 1),
     items as (insert into request_items (request_id, position, connection_id, account_id, group_id, entitlement_id, permission, resource_type, resource_external_id, resource_name, privilege)
       select c.request, position, connection_id, account_id, group_id, entitlement_id, permission, resource_type, resource_external_id, resource_name, privilege
       from request_items, copies c where request_id = $1 returning 1),
     steps as materialized (select uuid7() as step, s.id as original, c.request, s.position, s.name, s.rule, s.needed, s.state, s.opened_at, s.due_at
       from request_steps s, copies c where s.request_id = $1),
     stepped as (insert into request_steps (id, request_id, position, name, rule, needed, state, opened_at, due_at)
       select step, request, position, name, rule, needed, state, opened_at, due_at from steps returning 1)
     insert into request_approvers (step_id, identity_id, request_id, because, on_behalf_of, open, since)
       select s.step, a.identity_id, s.request, a.because, a.on_behalf_of, a.open, a.since from steps s join request_approvers a on a.step_id = s.original`,
    [id, times],
  );
}
