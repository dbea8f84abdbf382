import { type Read, rows } from "../db/client";

/** What holding something would newly open to its subject, counted to a cap. */
export type Opens = {
  count: number;
  capped: boolean;
  /** Of these, what is reached already, but by nothing except grants that end. */
  forATime: number;
  /** When the last of those grants ends. */
  heldUntil: string | null;
  /** What is wholly new first, the mightiest of it first. `heldUntil`: reached already until then. */
  examples: { permission: string; resource: string; privilege: number; heldUntil: string | null }[];
};

type Of = { groupId: string | null; entitlementId: string | null; subjectId: string };

const countAtMost = 1_000;

// Of groups: what they and the groups above them hold, less what the subject's accounts reach already by what has no end.
// What Rollcall gave for a time, and did not find there, has one; it counts as new, with the time until when it is held.
const opensSql = `
  with holders as materialized (
    select unnest($1::uuid[]) as id
    union select k.ancestor_id from group_closure k where k.descendant_id = any($1::uuid[]) and k.inherits),
  accounts as materialized (
    select a.id from principals a where a.identity_id = $3 and a.removed_at is null),
  given as materialized (
    select g.account_id, g.group_id, g.entitlement_id, max(least(g.ends_at, g.end_ordered_at)) as until
    from grants g where g.subject_id = $3 and g.state in ('active', 'ending', 'ending_failed') and g.account_id in (select id from accounts)
      and not exists (select 1 from managed_accesses m where m.found_standing and m.account_id = g.account_id
        and (m.group_id = g.group_id or m.entitlement_id = g.entitlement_id))
    group by 1, 2, 3),
  member as materialized (
    select m.group_id as id, g.until from accounts a join memberships m on m.member_id = a.id and m.removed_at is null and m.inherits
    left join given g on g.account_id = a.id and g.group_id = m.group_id),
  mine as materialized (
    select id, case when bool_or(until is null) then null else max(until) end as until
    from (select id, null::timestamptz as until from accounts union all select id, until from member
      union all select k.ancestor_id, m.until from member m join group_closure k on k.descendant_id = m.id and k.inherits) ways
    group by id),
  new as (
    select e.id, e.permission, e.privilege::int as privilege, r.name as resource, held.until
    from (select s.entitlement_id from holders h join assignments s on s.principal_id = h.id and s.removed_at is null
          union select unnest($2::uuid[])) asked
    join entitlements e on e.id = asked.entitlement_id join resources r on r.id = e.resource_id
    left join lateral (
      select bool_or(coalesce(g.until, m.until) is null) as standing, max(coalesce(g.until, m.until)) as until
      from mine m join assignments s on s.principal_id = m.id and s.entitlement_id = e.id and s.removed_at is null
      left join given g on g.account_id = m.id and g.entitlement_id = e.id) held on true
    where held.standing is not true
    limit ${countAtMost + 1})
  select (select count(*)::int from new) as count, (select count(until)::int from new) as "forATime",
    (select max(until) from new) as "heldUntil",
    (select coalesce(json_agg(x), '[]') from (
      select permission, resource, privilege, to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "heldUntil"
      from new order by until is not null, privilege desc, resource, permission limit 8) x) as examples`;

/** What holding it would newly open to the subject, and what of that is held already for a time. */
export function opensOf({ groupId, entitlementId, subjectId }: Of): Promise<Opens> {
  return opensOfAll(rows, { groupIds: listOf(groupId), entitlementIds: listOf(entitlementId), subjectId });
}

const listOf = (id: string | null) => (id === null ? [] : [id]);

type OfAll = { groupIds: readonly string[]; entitlementIds: readonly string[]; subjectId: string };

/** The same of several together: what two of them open is counted once. */
export async function opensOfAll(read: Read, { groupIds, entitlementIds, subjectId }: OfAll): Promise<Opens> {
  type Row = { count: number; forATime: number; heldUntil: Date | null; examples: Opens["examples"] };
  const [row] = await read<Row>(opensSql, [groupIds, entitlementIds, subjectId]);
  const count = row?.count ?? 0;
  return {
    count: Math.min(count, countAtMost),
    capped: count > countAtMost,
    forATime: Math.min(row?.forATime ?? 0, countAtMost),
    heldUntil: row?.heldUntil?.toISOString() ?? null,
    examples: row?.examples ?? [],
  };
}
