import type { Tx } from "../db/client";
import type { Counts, Reconciliation } from "./reconciliation";

/** Assignments, and the entitlements they are of. An entitlement that nobody holds any more ends. */
export async function reconcileAssignments(
  tx: Tx,
  { runId, connectionId, at, since, problem }: Reconciliation,
): Promise<Counts> {
  await reportDangling(tx, runId, problem);
  await resolve(tx, runId, connectionId, at);
  const ended = await tx.$queryRaw<{ gone: boolean }[]>`
    update assignments a set removed_at = ${at} where a.connection_id = ${connectionId}::uuid and a.removed_at is null
      and a.first_seen_at <= ${since}::timestamptz
      and not exists (select 1 from seen_assignments s where s.principal_id = a.principal_id and s.entitlement_id = a.entitlement_id
        and (s.grantable, s.granted_by, s.valid_until) is not distinct from (a.grantable, a.granted_by, a.valid_until))
    returning not exists (select 1 from seen_assignments s where s.principal_id = a.principal_id and s.entitlement_id = a.entitlement_id) gone`;
  const begun = await tx.$executeRaw`
    insert into assignments (connection_id, principal_id, entitlement_id, grantable, granted_by, valid_until, first_seen_at)
    select ${connectionId}::uuid, s.principal_id, s.entitlement_id, s.grantable, s.granted_by, s.valid_until, ${at}::timestamptz from seen_assignments s
    where not exists (select 1 from assignments a where a.principal_id = s.principal_id and a.entitlement_id = s.entitlement_id and a.removed_at is null)
      and not exists (select 1 from assignments a where a.principal_id = s.principal_id and a.entitlement_id = s.entitlement_id
        and a.removed_at > ${since}::timestamptz and a.removed_at <> ${at}::timestamptz)
    order by s.principal_id, s.entitlement_id`;
  await tx.$executeRaw`
    update entitlements e set removed_at = ${at} where e.connection_id = ${connectionId}::uuid and e.removed_at is null
      and not exists (select 1 from assignments a where a.entitlement_id = e.id and a.removed_at is null)`;
  const removed = ended.filter((row) => row.gone).length;
  const changed = ended.length - removed;
  return { added: begun - changed, changed, removed };
}

async function resolve(tx: Tx, runId: string, connectionId: string, at: Date): Promise<void> {
  await tx.$executeRaw`create temp table found_assignments on commit drop as
    select p.id principal_id, r.id resource_id, s.permission, s.condition, s.pattern, coalesce(md5(s.condition), '') condition_key,
      coalesce(md5(s.pattern::text), '') pattern_key, s.privilege, s.grantable, s.granted_by, s.valid_until
    from staged_assignments s
    join known_principals p on p.external_id = s.holder_external_id
    join known_resources r on r.type = s.resource_type and r.external_id = s.resource_external_id
    where s.run_id = ${runId}::uuid`;
  await tx.$executeRaw`analyze found_assignments`;
  await tx.$executeRaw`
    insert into entitlements (connection_id, resource_id, permission, condition, pattern, privilege, first_seen_at)
    select ${connectionId}::uuid, f.resource_id, f.permission, min(f.condition), (array_agg(f.pattern))[1], max(f.privilege), ${at}::timestamptz
    from found_assignments f
    where not exists (select 1 from entitlements e where e.resource_id = f.resource_id and e.permission = f.permission and e.removed_at is null
      and coalesce(md5(e.condition), '') = f.condition_key and coalesce(md5(e.pattern::text), '') = f.pattern_key)
    group by f.resource_id, f.permission, f.condition_key, f.pattern_key`;
  await tx.$executeRaw`create temp table seen_assignments on commit drop as
    select f.principal_id, e.id entitlement_id, bool_or(f.grantable) grantable, string_agg(distinct f.granted_by, ', ' order by f.granted_by) granted_by,
      case when bool_or(f.valid_until is null) then null else max(f.valid_until) end valid_until
    from found_assignments f
    join entitlements e on e.resource_id = f.resource_id and e.permission = f.permission and e.removed_at is null
      and coalesce(md5(e.condition), '') = f.condition_key and coalesce(md5(e.pattern::text), '') = f.pattern_key
    group by 1, 2`;
  await tx.$executeRaw`create index on seen_assignments (principal_id, entitlement_id)`;
  await tx.$executeRaw`analyze seen_assignments`;
}

async function reportDangling(tx: Tx, runId: string, problem: Reconciliation["problem"]): Promise<void> {
  const dangling = await tx.$queryRaw<{ holder: string; permission: string; resource: string; missing: string }[]>`
    select s.holder_external_id holder, s.permission, s.resource_external_id resource,
      case when p.id is null then s.holder_external_id else s.resource_external_id end missing
    from staged_assignments s
    left join known_principals p on p.external_id = s.holder_external_id
    left join known_resources r on r.type = s.resource_type and r.external_id = s.resource_external_id
    where s.run_id = ${runId}::uuid and (p.id is null or r.id is null) limit 50`;
  for (const row of dangling) {
    problem(`left out ${row.permission} on ${row.resource} for ${row.holder}: there is no ${row.missing}`, row.missing);
  }
}
