import type { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import type { PolicyDecision } from "../policies/schema";
import { analyseRequest } from "./analyse-request";
import type { AnalysedItem, Analysis } from "./analysis";
import { type Opens, opensOf } from "./opens-queries";
import { type Obstacle, type PreviewRequestInput, previewRequestInput } from "./schema";

/** What would become of a request, before it is made. */
export type RequestPreview = {
  /** It could be made as it is. */
  allowed: boolean;
  obstacles: Obstacle[];
  policyVersion: number;
  policies: { id: string; because: string | null; allows: boolean }[];
  /** Who would decide, in order; empty where it is given at once. */
  steps: {
    name: string;
    stage: number;
    needed: number;
    people: { name: string; because: string }[];
    peopleCount: number;
  }[];
  /** How long requests under the same policies took to be decided, or null where there are too few to tell. */
  typicalSeconds: { median: number; of: number } | null;
  /** The longest time that would be allowed for all of it; null where no time would do. */
  maxSeconds: number | null;
  tickets: string[];
  needsPasskey: boolean;
  /** It begins only when its subject has confirmed that with a passkey. */
  needsPasskeyToBegin: boolean;
  relation: Analysis["relation"];
  items: ItemPreview[];
  /** Of a break-glass: who is told, who judges, until when. */
  breakGlass: { needed: number; withinSeconds: number; reviewers: string[] };
};

export type ItemPreview = {
  connection: string;
  environment: string;
  permission: string;
  resourceType: string;
  resource: string;
  privilege: number;
  account: string | null;
  alreadyHeld: boolean;
  byHand: boolean;
  conflicts: string[];
  opens: Opens;
  /** Smaller ones that may do: all of what each gives is also given by what is asked for. */
  smaller: SmallerEntry[];
};

export type SmallerEntry = {
  permission: string;
  resourceType: string;
  resourceId: string;
  resource: string;
  privilege: number;
  opens: number;
};

/**
 * Would it be allowed, by which policies, who decides, how long that takes, and would less do? Changes nothing.
 * @throws AppError `forbidden`, `not_found` (the subject)
 */
export async function previewRequest(actor: Actor, input: PreviewRequestInput): Promise<RequestPreview> {
  await authorize(actor, "request:create", { type: "request" });
  const asked: z.output<typeof previewRequestInput> = previewRequestInput.parse(input);
  const analysis = await analyseRequest(actor, asked);
  const [items, typicalSeconds] = await Promise.all([
    Promise.all(analysis.items.map((item) => itemPreview(analysis.subject.id, item))),
    typicalOf(analysis.policies),
  ]);
  const { plan, steps, rules, obstacles, policyVersion, relation } = analysis;
  return {
    allowed: obstacles.length === 0,
    obstacles,
    policyVersion,
    policies: policyWords(
      analysis.items.map(({ decision }) => decision),
      analysis.words,
    ),
    steps: steps.map(({ name, stage, needed, approvers }) => ({
      name,
      stage,
      needed,
      people: approvers.slice(0, 5).map((it) => ({ name: it.name, because: it.because })),
      peopleCount: approvers.length,
    })),
    typicalSeconds,
    maxSeconds: analysis.longest(),
    tickets: plan.tickets,
    needsPasskey: plan.stepUpToApprove,
    needsPasskeyToBegin: plan.stepUpToActivate,
    relation,
    items,
    breakGlass: {
      needed: rules.breakGlass.needed,
      withinSeconds: rules.breakGlass.within,
      reviewers: rules.breakGlass.reviewers,
    },
  };
}

function policyWords(
  decisions: readonly PolicyDecision[],
  words: ReadonlyMap<string, string | null>,
): RequestPreview["policies"] {
  const all = new Map<string, boolean>();
  for (const { policies, allowed } of decisions)
    for (const id of policies) all.set(id, (all.get(id) ?? true) && allowed);
  return [...all].map(([id, allows]) => ({ id, because: words.get(id) ?? null, allows }));
}

async function itemPreview(subjectId: string, item: AnalysedItem): Promise<ItemPreview> {
  const { groupId, entitlementId } = item;
  const [opens, smaller] = await Promise.all([
    opensOf({ groupId, entitlementId, subjectId }),
    groupId === null ? smallerOfEntitlement(entitlementId) : smallerOfGroup(groupId),
  ]);
  return {
    connection: item.connection,
    environment: item.environment,
    permission: item.permission,
    resourceType: item.resourceType,
    resource: item.resource,
    privilege: item.privilege,
    account: item.accountName,
    alreadyHeld: item.alreadyHeld,
    byHand: item.byHand,
    conflicts: item.conflicts,
    opens,
    smaller,
  };
}

// Half of the last hundred requests under one of the same policies were decided within this.
async function typicalOf(policies: readonly string[]): Promise<RequestPreview["typicalSeconds"]> {
  const [row] = await rows<{ median: number | null; of: number }>(
    `select percentile_cont(0.5) within group (order by extract(epoch from decided_at - created_at)) as median, count(*)::int as of
     from (select decided_at, created_at from (select * from requests where decided_at is not null and not break_glass
         order by decided_at desc limit 1000) lately where policies && $1::text[] limit 100) same`,
    [policies],
  );
  return row && row.median !== null && row.of >= 3 ? { median: Math.round(row.median), of: row.of } : null;
}

// Groups all of whose gifts the asked one gives too, and fewer of them.
const smallerGroupSql = `
  with asked as materialized (
    select distinct s.entitlement_id as id from assignments s where s.removed_at is null and s.principal_id in (
      select $1::uuid union select k.ancestor_id from group_closure k where k.descendant_id = $1 and k.inherits
        and not exists (select 1 from memberships m where m.group_id = k.ancestor_id and m.implicit and m.removed_at is null))
    limit 2000),
  candidates as materialized (
    select distinct g.id, g.name, g.external_id from asked a join assignments s on s.entitlement_id = a.id and s.removed_at is null
    join principals g on g.id = s.principal_id and g.type = 'group' and g.removed_at is null and g.id <> $1
    where not exists (select 1 from memberships m where m.group_id = g.id and m.implicit and m.removed_at is null) limit 50),
  weighed as (
    select g.*, count(distinct s.entitlement_id)::int as gives, count(distinct a.id)::int as shared, max(e.privilege)::int as privilege
    from candidates g join lateral (select g.id as holder union select k.ancestor_id from group_closure k
        where k.descendant_id = g.id and k.inherits and not exists (
          select 1 from memberships m where m.group_id = k.ancestor_id and m.implicit and m.removed_at is null)) h on true
    join assignments s on s.principal_id = h.holder and s.removed_at is null join entitlements e on e.id = s.entitlement_id
    left join asked a on a.id = s.entitlement_id group by g.id, g.name, g.external_id)
  select 'member' as permission, 'group' as "resourceType", external_id as "resourceId", name as resource, privilege, gives as opens
  from weighed where gives = shared and gives < (select count(*) from asked) order by privilege, gives desc, name limit 3`;

async function smallerOfGroup(groupId: string): Promise<SmallerEntry[]> {
  return rows<SmallerEntry>(smallerGroupSql, [groupId]);
}

async function smallerOfEntitlement(entitlementId: string | null): Promise<SmallerEntry[]> {
  return rows<SmallerEntry>(
    `select o.permission, r.type as "resourceType", r.external_id as "resourceId", r.name as resource, o.privilege::int, 1 as opens
     from entitlements e join entitlements o on o.resource_id = e.resource_id and o.privilege < e.privilege
       and o.removed_at is null and o.pattern is null and o.condition is null
     join resources r on r.id = e.resource_id where e.id = $1 order by o.privilege desc, o.permission limit 3`,
    [entitlementId],
  );
}
