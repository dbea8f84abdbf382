import type { Tx } from "../db/client";
import { plus } from "../time";

/** Which identities to refresh: these, or all that have an account in a connection. */
export type FactsScope = { identityIds: string[] } | { connectionId: string };

/**
 * Brings the kept facts of identities up to date: accounts, systems, credentials, highest privilege, how many
 * entitlements they reach, oldest credential and last use. Writes only rows that change.
 * @returns how many did.
 */
export async function refreshFacts(tx: Tx, scope: FactsScope): Promise<number> {
  if ("connectionId" in scope) {
    await tx.$executeRaw`create temp table if not exists stale_identities (id uuid primary key) on commit drop`;
    await tx.$executeRaw`truncate stale_identities`;
    await tx.$executeRaw`insert into stale_identities select distinct identity_id from principals where connection_id = ${scope.connectionId}::uuid and identity_id is not null`;
  } else {
    if (scope.identityIds.length === 0) return 0;
    await tx.$executeRaw`create temp table if not exists stale_identities (id uuid primary key) on commit drop`;
    await tx.$executeRaw`truncate stale_identities`;
    await tx.$executeRaw`insert into stale_identities select distinct unnest(${scope.identityIds}::uuid[])`;
  }
  await tx.$executeRaw`analyze stale_identities`;
  return tx.$executeRaw`
    with held as materialized (
      select p.identity_id, p.id, c.name system, p.last_use_state, p.last_used_at, p.not_used_since, p.last_use_because
      from stale_identities s join principals p on p.identity_id = s.id and p.removed_at is null join connections c on c.id = p.connection_id
    ), accounts as (
      select identity_id, count(*)::int accounts, array_agg(distinct system order by system) systems, max(last_used_at) used_at,
        bool_or(last_use_state = 'unknown') unknown, max(not_used_since) not_since, min(last_use_because) filter (where last_use_state = 'unknown') because
      from held group by 1
    ), keys as (
      select h.identity_id, count(*)::int credentials, min(k.source_created_at) oldest, max(k.last_used_at) used_at
      from held h join credentials k on k.principal_id = h.id and k.removed_at is null group by 1
    ), holders as (
      select identity_id, id from held
      union select h.identity_id, g.ancestor_id from held h join memberships m on m.member_id = h.id and m.removed_at is null and m.inherits
        join group_closure g on g.descendant_id = m.group_id and g.inherits
    ), reach as (
      select h.identity_id, count(distinct a.entitlement_id)::int reaches, max(e.privilege) privilege
      from holders h join assignments a on a.principal_id = h.id and a.removed_at is null join entitlements e on e.id = a.entitlement_id group by 1
    ), facts as (
      select s.id, coalesce(a.accounts, 0) accounts, coalesce(a.systems, '{}') systems, coalesce(k.credentials, 0) credentials, k.oldest,
        coalesce(r.privilege, 0)::smallint privilege, coalesce(r.reaches, 0) reaches, greatest(a.used_at, k.used_at) used_at,
        case when greatest(a.used_at, k.used_at) is not null then 'used' when a.accounts is null or a.unknown then 'unknown' else 'not_used' end state,
        a.not_since, case when a.accounts is null then 'it has no account' else a.because end because
      from stale_identities s left join accounts a on a.identity_id = s.id left join keys k on k.identity_id = s.id left join reach r on r.identity_id = s.id
    )
    update identities i set account_count = f.accounts, connection_names = f.systems, credential_count = f.credentials, oldest_credential_at = f.oldest,
      privilege = f.privilege, reaches = f.reaches, last_use_state = f.state, last_used_at = f.used_at,
      not_used_since = case when f.state = 'not_used' then f.not_since end, last_use_because = case when f.state = 'unknown' then f.because end
    from facts f where i.id = f.id and (i.account_count, i.connection_names, i.credential_count, i.oldest_credential_at, i.privilege, i.reaches, i.last_use_state,
        i.last_used_at, i.not_used_since, i.last_use_because)
      is distinct from (f.accounts, f.systems, f.credentials, f.oldest, f.privilege, f.reaches, f.state, f.used_at,
        case when f.state = 'not_used' then f.not_since end, case when f.state = 'unknown' then f.because end)`;
}

/**
 * Says of every account and credential of a connection when it was last used, in three values: used at a time; not used
 * since the start of what was observed, where the source's record is complete; else unknown, because.
 * @returns how many rows changed.
 */
export async function refreshLastUse(tx: Tx, connectionId: string): Promise<number> {
  const accounts = await tx.$executeRaw`
    update principals p set last_use_state = f.state, not_used_since = f.since, last_use_because = f.because from (
      select p.id, case when p.last_used_at is not null then 'used' when v.complete then 'not_used' else 'unknown' end state,
        case when p.last_used_at is null and v.complete then greatest(v.since, p.source_created_at) end since,
        case when p.last_used_at is null and not v.complete then v.because end because
      from principals p join connections c on c.id = p.connection_id
      cross join lateral (select coalesce((c.coverage #>> '{account,complete}')::boolean, false) and (c.coverage #>> '{account,since}') is not null complete,
        (c.coverage #>> '{account,since}')::timestamptz since, coalesce(c.coverage #>> '{account,because}', c.name || ' keeps no record of use that Rollcall can read') because) v
      where p.connection_id = ${connectionId}::uuid and p.removed_at is null and p.type = 'account'
    ) f where p.id = f.id and (p.last_use_state, p.not_used_since, p.last_use_because) is distinct from (f.state, f.since, f.because)`;
  const credentials = await tx.$executeRaw`
    update credentials k set last_use_state = f.state, not_used_since = f.since, last_use_because = f.because from (
      select k.id, case when k.last_used_at is not null then 'used' when v.complete then 'not_used' else 'unknown' end state,
        case when k.last_used_at is null and v.complete then greatest(v.since, k.source_created_at) end since,
        case when k.last_used_at is null and not v.complete then v.because end because
      from credentials k join connections c on c.id = k.connection_id
      cross join lateral (select coalesce((c.coverage #>> '{credential,complete}')::boolean, false) and (c.coverage #>> '{credential,since}') is not null complete,
        (c.coverage #>> '{credential,since}')::timestamptz since, coalesce(c.coverage #>> '{credential,because}', c.name || ' does not say when a credential is used') because) v
      where k.connection_id = ${connectionId}::uuid and k.removed_at is null
    ) f where k.id = f.id and (k.last_use_state, k.not_used_since, k.last_use_because) is distinct from (f.state, f.since, f.because)`;
  return accounts + credentials;
}

/** The start of the day that `at` falls in, in UTC: the day of a row of history. */
export function dayOf(at: Date): Date {
  return plus(at, -(at.getTime() % 86_400_000));
}
