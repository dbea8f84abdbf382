import type { z } from "zod";
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
import { decidePolicy, type PreparedPolicies } from "../policies/decide-policy";
import {
  type AskingFacts,
  durationOf,
  type IdentityFacts,
  type PolicyDecision,
  type PolicyRules,
} from "../policies/schema";
import { dayMs, plus } from "../time";
import { type FoundItem, findAsked } from "./find-asked";
import { planApproval, stepsShortOfPeople } from "./plan-approval";
import { type Concerned, resolveApprovers } from "./resolve-approvers";
import type { ApprovalPlan, Approver, Obstacle, previewRequestInput, StepPlan } from "./schema";

export type AnalysedItem = FoundItem & {
  decision: PolicyDecision;
  /** Held already, by whatever path. */
  alreadyHeld: boolean;
  conflicts: string[];
  /** Nobody's connector gives this: a person does it by hand. */
  byHand: boolean;
};

/** All that is to be known of a request before it is made. With an obstacle it cannot be made. */
export type Analysis = {
  requester: IdentityFacts;
  subject: IdentityFacts;
  relation: AskingFacts["relation"];
  items: AnalysedItem[];
  plan: ApprovalPlan;
  steps: (StepPlan & { approvers: Approver[] })[];
  policyVersion: number;
  rules: PolicyRules;
  policies: string[];
  /** The words of each policy in force. */
  words: ReadonlyMap<string, string | null>;
  obstacles: Obstacle[];
  at: Date;
};

export type AskingInput = z.output<typeof previewRequestInput> & { extends?: string };

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
  const steps = input.breakGlass ? [] : await staffed(plan, { requesterId, subjectId }, at);
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
  };
}

/**
 * The steps with who may decide each. Where the preferred are too few, because a manager is also the owner, say, the
 * others of that step stand in.
 */
async function staffed(plan: ApprovalPlan, concerned: Concerned, at: Date): Promise<Analysis["steps"]> {
  const ask = async (step: StepPlan) => ({ ...step, approvers: await resolveApprovers(step, concerned, at) });
  const steps = await Promise.all(plan.steps.map(ask));
  const people = steps.map(({ needed, approvers }) => ({ needed, people: approvers.map((it) => it.identityId) }));
  const short = new Set(stepsShortOfPeople(people, plan.samePersonInSeveralSteps));
  return Promise.all(
    steps.map((step, index) => (short.has(index) && step.prefer !== null ? ask({ ...step, prefer: null }) : step)),
  );
}

type Asking = {
  requester: IdentityFacts;
  subject: IdentityFacts;
  relation: AskingFacts["relation"];
  at: Date;
  input: AskingInput;
  policies: PreparedPolicies;
};

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
  return { ...item, decision, alreadyHeld: heldAlready, conflicts, byHand };
}

// More time must be allowed as asking is, and unless a policy names another way it takes the approvals of asking anew.
function decideAsking(
  policies: PreparedPolicies,
  facts: Omit<AskingFacts, "action">,
  input: AskingInput,
): PolicyDecision {
  const asked = decidePolicy(policies, { ...facts, action: input.breakGlass ? "break_glass" : "request" });
  if (input.extends === undefined || !asked.allowed) return asked;
  const extended = decidePolicy(policies, { ...facts, action: "extend" });
  if (!extended.allowed || extended.approvals.length > 0) return extended;
  return { ...extended, approvals: asked.approvals, policies: [...extended.policies, ...asked.policies] };
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
           select 1 from assignments s where $4::uuid is not null and s.entitlement_id = $4 and s.removed_at is null
             and (s.principal_id = a.id or s.principal_id in (
               select m.group_id from memberships m where m.member_id = a.id and m.removed_at is null and m.inherits
               union select k.ancestor_id from memberships m join group_closure k on k.descendant_id = m.group_id and k.inherits
                 where m.member_id = a.id and m.removed_at is null and m.inherits))
             and not exists (select 1 from justifications j where j.account_id = a.id and j.entitlement_id = $4 and j.ended_at is null)))) as held`,
    [subjectId, item.connectionId, item.groupId, item.entitlementId],
  );
  return row?.held ?? false;
}

function obstaclesOf(items: readonly AnalysedItem[], { input, at }: Asking): Obstacle[] {
  const found: Obstacle[] = [];
  for (const [n, item] of items.entries()) {
    const field = `items.${n}`;
    const what = `${item.permission} on ${item.resource}`;
    if (item.alreadyHeld && !input.extends)
      found.push({
        field,
        message: `It is held already: ${what}, not by a grant that ends.`,
        remedy: "Leave it out; look at My access for the path.",
      });
    else if (!item.decision.allowed)
      found.push({
        field,
        message: `The policies do not allow ${what}: ${item.decision.because}`,
        remedy: remedyFor(item),
      });
    if (input.give === "credential" && item.byHand)
      found.push({
        field: "give",
        message: `${item.connection} makes no short-lived credentials.`,
        remedy: "Ask for access on the account instead.",
      });
  }
  if (input.startsAt && new Date(input.startsAt) < plus(at, -5 * 60_000))
    found.push({ field: "startsAt", message: "The start lies in the past.", remedy: "Leave it out to start at once." });
  if (input.startsAt && new Date(input.startsAt) > plus(at, 90 * dayMs))
    found.push({
      field: "startsAt",
      message: "The start lies more than 90 days ahead.",
      remedy: "Ask nearer to the day.",
    });
  return found;
}

function remedyFor({ decision, conflicts }: AnalysedItem): string {
  if (conflicts.length > 0)
    return `Give back what conflicts (${conflicts.join(", ")}), or ask somebody else to do this part.`;
  if (decision.policies.length === 0)
    return "Ask for less: a smaller permission, a shorter time, or another environment.";
  return "The policies say what would be allowed; security can explain them.";
}

function planObstacles(plan: ApprovalPlan, steps: Analysis["steps"], { input }: Asking): Obstacle[] {
  const found: Obstacle[] = [];
  if (input.duration > plan.maxSeconds)
    found.push({
      field: "duration",
      message: `At most ${durationOf(plan.maxSeconds)} may be asked for here.`,
      remedy: "Ask for a shorter time; it can be extended while it lasts.",
    });
  for (const ticket of plan.tickets)
    if (!new RegExp(ticket, "u").test(input.ticket ?? ""))
      found.push({
        field: "ticket",
        message: `A ticket is needed that looks like ${ticket}.`,
        remedy: "Enter the number of the ticket that this is for.",
      });
  const people = steps.map(({ needed, approvers }) => ({ needed, people: approvers.map((it) => it.identityId) }));
  for (const index of stepsShortOfPeople(people, plan.samePersonInSeveralSteps)) {
    const step = steps[index];
    if (!step) continue;
    found.push({
      field: "items",
      message: `Nobody could approve this: the step ${step.name} needs ${step.needed === 1 ? "somebody" : `${step.needed} people`} (${step.who.join(" or ")}) beside whoever asks, and there ${step.approvers.length === 0 ? "is nobody" : "are too few"}.`,
      remedy: "Tell security: an owner, a manager or a person with the role is missing.",
    });
  }
  return found;
}

// Whoever owes an account of one break-glass gets no second.
async function debtOf({ requester, input }: Asking): Promise<Obstacle[]> {
  if (!input.breakGlass) return [];
  const owed = await db().breakGlassReview.count({ where: { subjectId: requester.id, closedAt: null } });
  if (owed === 0) return [];
  return [
    {
      field: "breakGlass",
      message: "A break-glass of yours has not been reviewed yet, and until then there is no second.",
      remedy: "Ask the reviewers to look at it, or ask for the access in the ordinary way.",
    },
  ];
}
