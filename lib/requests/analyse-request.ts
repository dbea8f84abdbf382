import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { connectorNamed } from "../connectors/registry";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { findConflicts } from "../grants/find-conflicts";
import { accessFacts, factsOf, identityFacts } from "../grants/policy-facts";
import { whyNotGiving } from "../grants/target";
import { currentPolicies } from "../policies/current-policies";
import type { AnalysedItem, Analysis, Asking, AskingInput } from "./analysis";
import { decideAsking } from "./decide-asking";
import { type FoundItem, findAsked } from "./find-asked";
import { longestAllowed } from "./find-longest";
import { debtOf, obstaclesOf, planObstacles } from "./find-obstacles";
import { planApproval } from "./plan-approval";
import { staffSteps } from "./staff-steps";

/**
 * Would this be allowed, by which policies, and who would decide? Changes nothing.
 * @throws AppError `forbidden`, `not_found` (the subject)
 */
export async function analyseRequest(actor: Actor, input: AskingInput): Promise<Analysis> {
  const requesterId = identityOf(actor);
  if (requesterId === null) throw notInInventory();
  const at = await clockOf(db());
  const { subjectId, relation } = await subjectOf(requesterId, input.for);
  const policies = await currentPolicies();
  const people = await identityFacts([requesterId, subjectId], policies.namedGroups);
  const requester = factsOf(people, requesterId);
  const subject = factsOf(people, subjectId);
  const { items: found, obstacles } = await findAsked(input.items, subject, input.give);
  const asking = { requester, subject, relation, at, input, policies };
  const items = await Promise.all(found.map((item) => analyseItem(item, found, asking)));
  obstacles.push(...obstaclesOf(items, asking), ...(await debtOf(asking)));
  const named = items.map(({ decision, ownerId }) => ({ approvals: decision.approvals, ownerId }));
  const plan = planApproval(policies.rules, named);
  const steps = input.breakGlass ? [] : await staffSteps(plan, { requesterId, subjectId }, at);
  if (obstacles.length === 0) obstacles.push(...planObstacles(plan, steps, asking));
  return {
    requester,
    subject,
    relation,
    items,
    plan,
    steps,
    policyVersion: policies.version,
    rules: policies.rules,
    policies: [...new Set(items.flatMap(({ decision }) => decision.policies))].sort(),
    words: new Map(policies.policies.map(({ id, because }) => [id, because])),
    obstacles,
    at,
    longest: () => longestAllowed(policies, items, input),
  };
}

function notInInventory(): AppError {
  return new AppError("forbidden", "You are not in the inventory yet, and access belongs to an identity.", {
    remedy: "Ask an administrator to connect the system that knows you, or to match your e-mail address.",
  });
}

async function subjectOf(
  requesterId: string,
  word: string,
): Promise<{ subjectId: string; relation: Asking["relation"] }> {
  if (word === "me" || word === requesterId) return { subjectId: requesterId, relation: "self" };
  const [found] = await rows<{ id: string; kind: string; own: boolean }>(
    `select i.id, i.kind, i.id in (${ownIdentitiesSql("$1")}) as own from identities i
     where i.removed_at is null and (i.id::text = $2 or lower(i.email) = lower($2)) limit 1`,
    [requesterId, word],
  );
  if (!found?.own)
    throw new AppError(
      "forbidden",
      "You may ask for yourself, for those who report to you, and for machine identities that you own.",
      {
        field: "for",
        remedy: "Ask their manager or owner to make this request.",
      },
    );
  if (found.id === requesterId) return { subjectId: found.id, relation: "self" };
  return { subjectId: found.id, relation: found.kind === "human" ? "report" : "owned" };
}

async function analyseItem(item: FoundItem, all: readonly FoundItem[], asking: Asking): Promise<AnalysedItem> {
  const { requester, subject, relation, at, input, policies } = asking;
  const [heldAlready, conflicts, owner, connection] = await Promise.all([
    isHeld(subject.id, item),
    findConflicts(policies.rules.conflicts, {
      subjectId: subject.id,
      asked: all.map(({ connection, permission, resource }) => ({ connection, permission, resource })),
      exceptRequestId: null,
    }),
    item.ownerId ? identityFacts([item.ownerId], []) : null,
    db().connection.findUnique({ where: { id: item.connectionId }, select: { connector: true, settings: true } }),
  ]);
  const connector = connection && connectorNamed(connection.connector);
  const facts = {
    principal: requester,
    subject,
    access: accessFacts(item, (item.ownerId && owner?.get(item.ownerId)) || null),
    relation,
    give: input.give,
    durationSeconds: input.duration,
    hasReason: input.reason.trim() !== "",
    ticket: input.ticket ?? null,
    alreadyHeld: heldAlready,
    conflicts,
    at,
  };
  const decision = decideAsking(policies, facts, input);
  const byHand = !connector || whyNotGiving(connector, connection.settings) !== null;
  return { ...item, facts, decision, alreadyHeld: heldAlready, conflicts, byHand };
}

// Held by a path that no live grant explains: then asking for it gives nothing.
async function isHeld(subjectId: string, item: FoundItem): Promise<boolean> {
  const [row] = await rows<{ held: boolean }>(
    `select exists (
       select 1 from principals a where a.identity_id = $1 and a.connection_id = $2 and a.type = 'account' and a.removed_at is null
       and (exists (
           select 1 from memberships m where $3::uuid is not null and m.member_id = a.id and m.removed_at is null and m.inherits
             and (m.group_id = $3 or m.group_id in (select k.descendant_id from group_closure k where k.ancestor_id = $3 and k.inherits))
             and not exists (select 1 from justifications j where j.account_id = a.id and j.group_id = m.group_id and j.ended_at is null))
         or exists (
           select 1 from assignments s where $4::uuid is not null and s.entitlement_id = $4 and s.removed_at is null and (
             (s.principal_id = a.id and not exists (
               select 1 from justifications j where j.account_id = a.id and j.entitlement_id = $4 and j.ended_at is null))
             or s.principal_id in (
               with standing as (select m.group_id from memberships m where m.member_id = a.id and m.removed_at is null and m.inherits
                 and not exists (select 1 from justifications j where j.account_id = a.id and j.group_id = m.group_id and j.ended_at is null))
               select group_id from standing
               union select k.ancestor_id from standing g join group_closure k on k.descendant_id = g.group_id and k.inherits))))) as held`,
    [subjectId, item.connectionId, item.groupId, item.entitlementId],
  );
  return row?.held ?? false;
}
