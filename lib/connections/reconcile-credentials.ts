import type { Tx } from "../db/client";
import type { Counts, Reconciliation } from "./reconciliation";

/** Credentials of accounts. Secret values are never among them. */
export async function reconcileCredentials(
  tx: Tx,
  { runId, connectionId, at, problem }: Reconciliation,
): Promise<Counts> {
  await tx.$executeRaw`create temp table seen_credentials on commit drop as
    select distinct on (p.id, s.kind, s.external_id) p.id principal_id, s.* from staged_credentials s
    join known_principals p on p.external_id = s.account_external_id
    where s.run_id = ${runId}::uuid order by p.id, s.kind, s.external_id, s.ctid`;
  await tx.$executeRaw`create index on seen_credentials (principal_id, kind, external_id)`;
  await tx.$executeRaw`analyze seen_credentials`;
  const dangling = await tx.$queryRaw<{ account: string; name: string }[]>`
    select s.account_external_id account, s.name from staged_credentials s where s.run_id = ${runId}::uuid and not exists (
      select 1 from known_principals p where p.external_id = s.account_external_id) limit 50`;
  for (const row of dangling)
    problem(`left out the credential ${row.name}: there is no account ${row.account}`, row.account);
  const removed = await tx.$executeRaw`
    with gone as (update credentials c set removed_at = ${at} where c.connection_id = ${connectionId}::uuid and c.removed_at is null
      and not exists (select 1 from seen_credentials s where s.principal_id = c.principal_id and s.kind = c.kind and s.external_id = c.external_id) returning c.principal_id)
    insert into touched_principals select principal_id from gone`;
  const changed = await tx.$executeRaw`
    with changed as (update credentials c set name = s.name, status = s.status, source_created_at = s.source_created_at, expires_at = s.expires_at,
      attributes = s.attributes, content_hash = s.content_hash, search = s.search
    from seen_credentials s where c.connection_id = ${connectionId}::uuid and c.removed_at is null and s.principal_id = c.principal_id
      and s.kind = c.kind and s.external_id = c.external_id and c.content_hash <> s.content_hash returning c.principal_id)
    insert into touched_principals select principal_id from changed`;
  const added = await tx.$executeRaw`
    with made as (insert into credentials (connection_id, principal_id, kind, external_id, name, status, source_created_at, expires_at, attributes,
      content_hash, first_seen_at, last_used_at, last_used_from, search,
      last_use_state, not_used_since, last_use_because)
    select ${connectionId}::uuid, s.principal_id, s.kind, s.external_id, s.name, s.status, s.source_created_at, s.expires_at, s.attributes,
      s.content_hash, ${at}::timestamptz, s.last_used_at, s.last_used_from, s.search,
      case when s.last_used_at is not null then 'used' when v.complete then 'not_used' else 'unknown' end,
      case when s.last_used_at is null and v.complete then greatest(v.since, s.source_created_at) end,
      case when s.last_used_at is null and not v.complete then v.because end
    from seen_credentials s cross join known_coverage v where v.subject = 'credential' and not exists (select 1 from credentials c where c.connection_id = ${connectionId}::uuid and c.principal_id = s.principal_id
      and c.kind = s.kind and c.external_id = s.external_id and c.removed_at is null) returning principal_id)
    insert into touched_principals select principal_id from made`;
  await tx.$executeRaw`
    with used as (update credentials c set last_used_at = s.last_used_at, last_used_from = s.last_used_from from seen_credentials s
    where c.connection_id = ${connectionId}::uuid and c.removed_at is null and s.principal_id = c.principal_id and s.kind = c.kind
      and s.external_id = c.external_id and s.last_used_at > coalesce(c.last_used_at, '-infinity') returning c.principal_id)
    insert into touched_principals select principal_id from used`;
  return { added, changed, removed };
}
