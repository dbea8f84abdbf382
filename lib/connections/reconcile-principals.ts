import type { Tx } from "../db/client";
import { findRenamed, rename } from "./follow-renames";
import { makeIdentitiesOfNew } from "./make-identities";
import type { Counts, Reconciliation } from "./reconciliation";

/**
 * Accounts and groups: what is new begins, what changed keeps its former state as a version, what is gone ends. What only
 * has another name is the same, with all that is known of it.
 */
export async function reconcilePrincipals(tx: Tx, { runId, connectionId, at, since }: Reconciliation): Promise<Counts> {
  await tx.$executeRaw`create temp table seen_principals on commit drop as
    select distinct on (external_id) * from staged_principals where run_id = ${runId}::uuid order by external_id, ctid`;
  await tx.$executeRaw`create index on seen_principals (external_id)`;
  await tx.$executeRaw`analyze seen_principals`;
  await findRenamed(tx, "principals", { connectionId, since });
  const removed = await tx.$queryRaw<{ id: string }[]>`
    update principals p set removed_at = ${at} where p.connection_id = ${connectionId}::uuid and p.removed_at is null
      and p.first_seen_at <= ${since}::timestamptz and p.id not in (select id from renamed_principals)
      and (not exists (select 1 from seen_principals s where s.external_id = p.external_id)
        or exists (select 1 from renamed_principals r where r.external_id = p.external_id)) returning p.id`;
  await endWhatHungOn(
    tx,
    removed.map((row) => row.id),
    at,
  );
  await rename(tx, "principals");
  const changed = await changePrincipals(tx, connectionId, at);
  const added = await addPrincipals(tx, { connectionId, at, since });
  await tx.$executeRaw`
    with used as (update principals p set last_used_at = s.last_used_at, last_used_from = s.last_used_from from seen_principals s
    where p.connection_id = ${connectionId}::uuid and p.external_id = s.external_id and p.removed_at is null
      and s.last_used_at > coalesce(p.last_used_at, '-infinity') returning p.id)
    insert into touched_principals select id from used`;
  return { added, changed, removed: removed.length };
}

async function addPrincipals(tx: Tx, work: { connectionId: string; at: Date; since: Date }): Promise<number> {
  const { connectionId, at, since } = work;
  await tx.$executeRaw`create temp table new_principals on commit drop as
    select s.*, null::uuid identity_id, null::text match_rule, null::text match_reason, null::real match_confidence from seen_principals s
    where not exists (select 1 from principals p where p.connection_id = ${connectionId}::uuid and p.external_id = s.external_id and p.removed_at is null)
      and not exists (select 1 from principals p where p.connection_id = ${connectionId}::uuid and p.external_id = s.external_id
        and p.removed_at > ${since}::timestamptz and p.removed_at <> ${at}::timestamptz)`;
  await tx.$executeRaw`analyze new_principals`;
  await makeIdentitiesOfNew(tx, work);
  return tx.$executeRaw`
    with made as (insert into principals (connection_id, type, external_id, name, display_name, email, employee_number, manager_external_id, kind_hint,
      kind_hint_reason, status, valid_until, source_created_at, attributes, content_hash, first_seen_at, last_used_at, last_used_from, search,
      identity_id, match_rule, match_reason, match_confidence, last_use_state, not_used_since, last_use_because)
    select ${connectionId}::uuid, s.type, s.external_id, s.name, s.display_name, s.email, s.employee_number, s.manager_external_id, s.kind_hint,
      s.kind_hint_reason, s.status, s.valid_until, s.source_created_at, s.attributes, s.content_hash, ${at}::timestamptz, s.last_used_at, s.last_used_from, s.search,
      s.identity_id, s.match_rule, s.match_reason, s.match_confidence,
      case when s.last_used_at is not null then 'used' when v.complete then 'not_used' else 'unknown' end,
      case when s.last_used_at is null and v.complete then greatest(v.since, s.source_created_at) end,
      case when s.type = 'account' and s.last_used_at is null and not v.complete then v.because end
    from new_principals s cross join known_coverage v where v.subject = 'account' returning id)
    insert into touched_principals select id from made`;
}

async function changePrincipals(tx: Tx, connectionId: string, at: Date): Promise<number> {
  await tx.$executeRaw`
    insert into principal_versions (principal_id, valid_from, valid_to, name, status, attributes)
    select p.id, coalesce((select max(v.valid_to) from principal_versions v where v.principal_id = p.id), p.first_seen_at), ${at}::timestamptz,
      p.name, p.status, p.attributes || jsonb_build_object('type', p.type)
    from principals p join seen_principals s on s.external_id = p.external_id
    where p.connection_id = ${connectionId}::uuid and p.removed_at is null and p.content_hash <> s.content_hash
    on conflict do nothing`;
  return tx.$executeRaw`
    with changed as (update principals p set type = s.type, name = s.name, display_name = s.display_name, email = s.email, employee_number = s.employee_number,
      manager_external_id = s.manager_external_id, kind_hint = s.kind_hint, kind_hint_reason = s.kind_hint_reason, status = s.status,
      valid_until = s.valid_until, source_created_at = s.source_created_at, attributes = s.attributes, content_hash = s.content_hash, search = s.search
    from seen_principals s
    where p.connection_id = ${connectionId}::uuid and p.removed_at is null and p.external_id = s.external_id and p.content_hash <> s.content_hash returning p.id)
    insert into touched_principals select id from changed`;
}

// A principal that is gone takes its edges along, whether or not their own kinds were read to the end.
async function endWhatHungOn(tx: Tx, principalIds: string[], at: Date): Promise<void> {
  if (principalIds.length === 0) return;
  await tx.$executeRaw`insert into touched_principals select unnest(${principalIds}::uuid[])`;
  await tx.$executeRaw`update memberships set removed_at = ${at} where removed_at is null and (member_id = any(${principalIds}::uuid[]) or group_id = any(${principalIds}::uuid[]))`;
  await tx.$executeRaw`update assignments set removed_at = ${at} where removed_at is null and principal_id = any(${principalIds}::uuid[])`;
  await tx.$executeRaw`update credentials set removed_at = ${at} where removed_at is null and principal_id = any(${principalIds}::uuid[])`;
}
