import { maintainClosure } from "../access/maintain-closure";
import type { ObservationKind } from "../connectors/schema";
import type { Tx } from "../db/client";
import { refreshFacts, refreshLastUse } from "../inventory/refresh-facts";
import { enqueue } from "../jobs/enqueue";
import { brakeOn, type Removal } from "./brake";
import { matchAccounts } from "./match-accounts";
import { reconcileAssignments } from "./reconcile-assignments";
import { reconcileCredentials } from "./reconcile-credentials";
import { reconcileMemberships } from "./reconcile-memberships";
import { reconcilePrincipals } from "./reconcile-principals";
import { reconcileResources } from "./reconcile-resources";
import type { Counts, Reconciliation } from "./reconciliation";
import type { SyncBrake, SyncResult } from "./schema";

// In this order: edges join what the kinds before them brought.
const steps: [ObservationKind, (tx: Tx, work: Reconciliation) => Promise<Counts>][] = [
  ["principal", reconcilePrincipals],
  ["resource", reconcileResources],
  ["membership", reconcileMemberships],
  ["assignment", reconcileAssignments],
  ["credential", reconcileCredentials],
];

/**
 * Makes the inventory of one connection what the run read, for the kinds whose reading ended well; the other kinds stay
 * as they are. All of it in the caller's transaction: half of a sync is never seen.
 */
export async function reconcile(
  tx: Tx,
  work: Reconciliation,
  ended: ReadonlySet<ObservationKind>,
): Promise<SyncResult> {
  await reportDuplicates(tx, work);
  await tx.$executeRaw`create temp table touched_principals (id uuid not null) on commit drop`;
  await knowCoverage(tx, work.connectionId);
  const result: SyncResult = {};
  for (const [kind, step] of steps) {
    if (ended.has(kind)) result[kind] = await step(tx, work);
    await know(tx, work.connectionId, kind);
  }
  await maintainClosure(tx, work.connectionId, await changedMembers(tx, work));
  await matchAccounts(tx, work);
  await refreshKept(tx, work);
  return result;
}

// What edges are joined with: ids by external id, in tables of this transaction alone. The planner knows nothing of rows
// that a transaction has just brought, and analyzing the shared tables would hold up the syncs of other systems.
async function know(tx: Tx, connectionId: string, kind: ObservationKind): Promise<void> {
  if (kind === "principal") {
    await tx.$executeRaw`create temp table known_principals on commit drop as
      select external_id, id from principals where connection_id = ${connectionId}::uuid and removed_at is null`;
    await tx.$executeRaw`create index on known_principals (external_id)`;
    await tx.$executeRaw`analyze known_principals`;
  }
  if (kind === "resource") {
    await tx.$executeRaw`create temp table known_resources on commit drop as
      select type, external_id, id from resources where connection_id = ${connectionId}::uuid and removed_at is null`;
    await tx.$executeRaw`create index on known_resources (type, external_id)`;
    await tx.$executeRaw`analyze known_resources`;
  }
}

// What the source can tell of use, so that a new row says it from the start and need not be written twice.
async function knowCoverage(tx: Tx, connectionId: string): Promise<void> {
  await tx.$executeRaw`create temp table known_coverage on commit drop as
    select s.subject, coalesce((c.coverage #>> array[s.subject, 'complete'])::boolean, false) and c.coverage #>> array[s.subject, 'since'] is not null complete,
      (c.coverage #>> array[s.subject, 'since'])::timestamptz since, coalesce(c.coverage #>> array[s.subject, 'because'], c.name || s.otherwise) because
    from connections c cross join (values ('account', ' keeps no record of use that Rollcall can read'), ('credential', ' does not say when a credential is used')) s (subject, otherwise)
    where c.id = ${connectionId}::uuid`;
}

/** Did anything come, change or go? */
export function isUnchanged(result: SyncResult): boolean {
  return Object.values(result).every(({ added, changed, removed }) => added + changed + removed === 0);
}

/** What the reconciliation would remove, held against the connection's brake. Changes nothing. */
export async function wouldBrake(
  tx: Tx,
  { runId, connectionId }: { runId: string; connectionId: string },
  ended: ReadonlySet<ObservationKind>,
  limits: { kindShare: number; assignmentShare: number },
): Promise<SyncBrake | null> {
  const removals: Removal[] = [];
  for (const [kind] of steps) {
    if (ended.has(kind)) removals.push({ kind, ...(await removalOf[kind](tx, runId, connectionId)) });
  }
  return brakeOn(removals, limits);
}

type Missing = { removed: number; of: number; examples: string[] };

const removalOf: Record<ObservationKind, (tx: Tx, runId: string, connectionId: string) => Promise<Missing>> = {
  principal: async (tx, runId, connectionId) =>
    first(
      await tx.$queryRaw<Missing[]>`
      select count(*) filter (where gone)::int removed, count(*)::int "of", coalesce((array_agg(name order by name) filter (where gone))[1:10], '{}') examples
      from (select p.name, not exists (select 1 from staged_principals s where s.run_id = ${runId}::uuid and s.external_id = p.external_id) gone
        from principals p where p.connection_id = ${connectionId}::uuid and p.removed_at is null) held`,
    ),
  resource: async (tx, runId, connectionId) =>
    first(
      await tx.$queryRaw<Missing[]>`
      select count(*) filter (where gone)::int removed, count(*)::int "of", coalesce((array_agg(name order by name) filter (where gone))[1:10], '{}') examples
      from (select r.name, not exists (select 1 from staged_resources s where s.run_id = ${runId}::uuid and s.type = r.type and s.external_id = r.external_id) gone
        from resources r where r.connection_id = ${connectionId}::uuid and r.removed_at is null) held`,
    ),
  membership: async (tx, runId, connectionId) =>
    first(
      await tx.$queryRaw<Missing[]>`
      with seen as (select distinct member_external_id m, group_external_id g from staged_memberships where run_id = ${runId}::uuid)
      select count(*) filter (where gone)::int removed, count(*)::int "of", coalesce((array_agg(name order by name) filter (where gone))[1:10], '{}') examples
      from (select p.name || ' in ' || q.name name, s.m is null gone from memberships e join principals p on p.id = e.member_id join principals q on q.id = e.group_id
        left join seen s on s.m = p.external_id and s.g = q.external_id where e.connection_id = ${connectionId}::uuid and e.removed_at is null) held`,
    ),
  assignment: async (tx, runId, connectionId) =>
    first(
      await tx.$queryRaw<Missing[]>`
      with seen as (select distinct holder_external_id h, resource_type t, resource_external_id r, permission p, coalesce(md5(condition), '') c, coalesce(md5(pattern::text), '') x
        from staged_assignments where run_id = ${runId}::uuid)
      select count(*) filter (where gone)::int removed, count(*)::int "of", coalesce((array_agg(name order by name) filter (where gone))[1:10], '{}') examples
      from (select p.name || ': ' || e.permission || ' on ' || r.name name, s.h is null gone from assignments a join principals p on p.id = a.principal_id
        join entitlements e on e.id = a.entitlement_id join resources r on r.id = e.resource_id
        left join seen s on s.h = p.external_id and s.t = r.type and s.r = r.external_id and s.p = e.permission
          and s.c = coalesce(md5(e.condition), '') and s.x = coalesce(md5(e.pattern::text), '')
        where a.connection_id = ${connectionId}::uuid and a.removed_at is null) held`,
    ),
  credential: async (tx, runId, connectionId) =>
    first(
      await tx.$queryRaw<Missing[]>`
      select count(*) filter (where gone)::int removed, count(*)::int "of", coalesce((array_agg(name order by name) filter (where gone))[1:10], '{}') examples
      from (select p.name || ': ' || c.name name, not exists (select 1 from staged_credentials s where s.run_id = ${runId}::uuid and s.account_external_id = p.external_id
          and s.kind = c.kind and s.external_id = c.external_id) gone
        from credentials c join principals p on p.id = c.principal_id where c.connection_id = ${connectionId}::uuid and c.removed_at is null) held`,
    ),
};

function first(answer: Missing[]): Missing {
  return answer[0] ?? { removed: 0, of: 0, examples: [] };
}

// One id, two different things: the first is taken and the second named. The same page read twice is no duplicate.
async function reportDuplicates(tx: Tx, { runId, problem }: Reconciliation): Promise<void> {
  const duplicates = await tx.$queryRaw<{ id: string }[]>`
    select external_id id from staged_principals where run_id = ${runId}::uuid group by 1 having count(distinct content_hash) > 1
    union all select external_id from staged_resources where run_id = ${runId}::uuid group by type, 1 having count(distinct content_hash) > 1 limit 50`;
  for (const { id } of duplicates) problem(`two different things have the id ${id}: the first was taken`, id);
}

// Beyond this many, rebuilding the connection's closure is quicker than following each edge.
const followAtMost = 5_000;

async function changedMembers(tx: Tx, { connectionId, at }: Reconciliation): Promise<string[] | "all"> {
  const changed = await tx.$queryRaw<{ id: string }[]>`
    select member_id id from memberships where connection_id = ${connectionId}::uuid and (first_seen_at = ${at}::timestamptz or removed_at = ${at}::timestamptz)
    group by 1 limit ${followAtMost + 1}`;
  return changed.length > followAtMost ? "all" : changed.map((row) => row.id);
}

// More than this, and the facts are refreshed by a job of their own, so that the change is not held up.
const refreshAtOnce = 2_000;

// Whose facts may be other than they were: whoever changed, and whoever is below a changed edge.
async function refreshKept(tx: Tx, work: Reconciliation): Promise<void> {
  const { connectionId } = work;
  const useChanged = await refreshLastUse(tx, connectionId);
  const touched = useChanged > 0 ? await identitiesOf(tx, connectionId) : await touchedIdentities(tx, work);
  if (touched.length === 0) return;
  if (touched.length > refreshAtOnce)
    return enqueue(tx, "refresh-facts", { connectionId }, { key: `refresh-facts:${connectionId}` });
  await refreshFacts(tx, { identityIds: touched });
  await enqueue(tx, "refresh-facts", { connectionId: null }, { key: "refresh-facts" });
}

async function identitiesOf(tx: Tx, connectionId: string): Promise<string[]> {
  const found = await tx.$queryRaw<{ id: string }[]>`
    select distinct identity_id id from principals where connection_id = ${connectionId}::uuid and identity_id is not null limit ${refreshAtOnce + 1}`;
  return found.map((row) => row.id);
}

async function touchedIdentities(tx: Tx, { connectionId, at }: Reconciliation): Promise<string[]> {
  await tx.$executeRaw`
    insert into touched_principals
    select member_id from memberships where connection_id = ${connectionId}::uuid and (first_seen_at = ${at}::timestamptz or removed_at = ${at}::timestamptz)
    union select principal_id from assignments where connection_id = ${connectionId}::uuid and (first_seen_at = ${at}::timestamptz or removed_at = ${at}::timestamptz)`;
  const touched = await tx.$queryRaw<{ id: string }[]>`
    with origin as (select distinct id from touched_principals), below as (
      select id from origin
      union select m.member_id from origin o join group_closure g on g.ancestor_id = o.id join memberships m on m.group_id = g.descendant_id and m.removed_at is null)
    select distinct p.identity_id id from below b join principals p on p.id = b.id where p.identity_id is not null limit ${refreshAtOnce + 1}`;
  return touched.map((row) => row.id);
}
