import type { UsageEvent } from "../connectors/contract";
import type { Tx } from "../db/client";
import { minuteMs, plus } from "../time";
import type { RecordedUsage } from "./schema";

// One row of the answer for each event of the batch that cannot be kept, or one that counts what was.
type Outcome = { index: number | null; problem: string | null; recorded: number; repeated: number };

const mostProblems = 50;

/**
 * Keeps what was used, a row a day for each account, credential, resource and permission, and one for each place that it was
 * used from, and moves the last use of the accounts and credentials. An event counts only when it is later than the last one
 * counted from its place, so that a batch sent twice changes nothing, and two callers whose batches come out of order are both
 * counted; batches of one connection come one after another for that reason. An event for
 * something that the inventory does not know is left out and named.
 * @param at the time now: an event from later than in five minutes is left out.
 */
export async function saveUsage(
  tx: Tx,
  connectionId: string,
  events: readonly UsageEvent[],
  at: Date,
): Promise<RecordedUsage> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('usage ' || ${connectionId}, 0))`;
  const batch = JSON.stringify(events.map((event, index) => ({ ...event, index }))).replaceAll("\\u0000", "\\ufffd");
  const outcomes = await tx.$queryRawUnsafe<Outcome[]>(saveSql, connectionId, batch, plus(at, 5 * minuteMs));
  const problems = outcomes.flatMap(({ index, problem }) =>
    index === null || problem === null ? [] : [{ index, message: problem }],
  );
  const counted = outcomes.find((outcome) => outcome.index === null);
  return {
    recorded: Number(counted?.recorded ?? 0),
    repeated: Number(counted?.repeated ?? 0),
    skipped: problems.length,
    problems: problems.slice(0, mostProblems),
  };
}

const saveSql = `
with given as (
  select (e->>'index')::int as index, e->>'account' as account, e->'credential'->>'kind' as credential_kind,
    e->'credential'->>'externalId' as credential_external_id, e->'resource'->>'type' as resource_type,
    e->'resource'->>'externalId' as resource_external_id, coalesce(e->>'permission', '') as permission,
    (e->>'at')::timestamptz as at, e->>'from' as came_from, coalesce((e->>'uses')::bigint, 1) as uses
  from jsonb_array_elements($2::jsonb) e
), found as (
  select g.*, p.id as principal_id, p.identity_id, c.id as credential_id, r.id as resource_id,
    case
      when g.at > $3::timestamptz then 'The time lies in the future.'
      when p.id is null then 'No account has this id or name.'
      when g.credential_external_id is not null and c.id is null then 'The account has no such credential.'
      when g.resource_external_id is not null and r.id is null then 'There is no such resource.'
    end as problem
  from given g
  left join lateral (
    select id, identity_id from principals
    where connection_id = $1::uuid and removed_at is null and external_id = g.account
    union all
    select id, identity_id from principals
    where removed_at is null and lower(name) = lower(g.account) and name = g.account and connection_id = $1::uuid
    limit 1
  ) p on true
  left join credentials c on c.connection_id = $1::uuid and c.principal_id = p.id and c.kind = g.credential_kind
    and c.external_id = g.credential_external_id and c.removed_at is null
  left join resources r on r.connection_id = $1::uuid and r.type = g.resource_type
    and r.external_id = g.resource_external_id and r.removed_at is null
), fresh as (
  select f.*, (f.at at time zone 'UTC')::date as day, coalesce(f.came_from, '') as place from found f
  left join usage_places u on u.principal_id = f.principal_id and u.day = (f.at at time zone 'UTC')::date
    and u.permission = f.permission and u.place = coalesce(f.came_from, '')
    and coalesce(u.credential_id, '00000000-0000-0000-0000-000000000000') = coalesce(f.credential_id, '00000000-0000-0000-0000-000000000000')
    and coalesce(u.resource_id, '00000000-0000-0000-0000-000000000000') = coalesce(f.resource_id, '00000000-0000-0000-0000-000000000000')
  where f.problem is null and (u.last_at is null or f.at > u.last_at)
), kept as (
  insert into usage_days as d (connection_id, principal_id, credential_id, resource_id, permission, day, uses, last_at, last_from)
  select $1::uuid, principal_id, credential_id, resource_id, permission, day, sum(uses), max(at),
    (array_agg(came_from order by at desc))[1]
  from fresh group by principal_id, credential_id, resource_id, permission, day
  on conflict (principal_id, day, permission, coalesce(credential_id, '00000000-0000-0000-0000-000000000000'), coalesce(resource_id, '00000000-0000-0000-0000-000000000000'))
  do update set uses = d.uses + excluded.uses, last_at = greatest(d.last_at, excluded.last_at),
    last_from = case when excluded.last_at > d.last_at then excluded.last_from else d.last_from end
), kept_places as (
  insert into usage_places as d (connection_id, principal_id, credential_id, resource_id, permission, day, place, uses, last_at)
  select $1::uuid, principal_id, credential_id, resource_id, permission, day, place, sum(uses), max(at)
  from fresh group by principal_id, credential_id, resource_id, permission, day, place
  on conflict (principal_id, day, permission, coalesce(credential_id, '00000000-0000-0000-0000-000000000000'), coalesce(resource_id, '00000000-0000-0000-0000-000000000000'), place)
  do update set uses = d.uses + excluded.uses, last_at = excluded.last_at
), moved_principals as (
  update principals p set last_use_state = 'used', last_used_at = f.at, last_used_from = coalesce(f.came_from, p.last_used_from),
    not_used_since = null, last_use_because = null
  from (select distinct on (principal_id) principal_id, at, came_from from fresh order by principal_id, at desc) f
  where p.id = f.principal_id and (p.last_used_at is null or p.last_used_at < f.at)
), moved_credentials as (
  update credentials c set last_use_state = 'used', last_used_at = f.at, last_used_from = coalesce(f.came_from, c.last_used_from),
    not_used_since = null, last_use_because = null
  from (select distinct on (credential_id) credential_id, at, came_from from fresh where credential_id is not null order by credential_id, at desc) f
  where c.id = f.credential_id and (c.last_used_at is null or c.last_used_at < f.at)
), moved_identities as (
  update identities i set last_use_state = 'used', last_used_at = f.at, not_used_since = null, last_use_because = null
  from (select distinct on (identity_id) identity_id, at from fresh where identity_id is not null order by identity_id, at desc) f
  where i.id = f.identity_id and (i.last_used_at is null or i.last_used_at < f.at)
)
select index, problem, 0 as recorded, 0 as repeated from found where problem is not null
union all
select null, null, (select count(*)::int from fresh),
  (select count(*)::int from found where problem is null) - (select count(*)::int from fresh)
order by index`;
