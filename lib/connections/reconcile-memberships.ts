import type { Tx } from "../db/client";
import type { Counts, Reconciliation } from "./reconciliation";

/** Memberships: an edge whose options changed ends, and another begins, so that the past stays what it was. */
export async function reconcileMemberships(
  tx: Tx,
  { runId, connectionId, at, since, problem }: Reconciliation,
): Promise<Counts> {
  await tx.$executeRaw`create temp table seen_memberships on commit drop as
    select m.id member_id, g.id group_id, bool_or(s.inherits) inherits, bool_or(s.switches) switches, bool_or(s.administers) administers, bool_and(s.implicit) implicit
    from staged_memberships s
    join known_principals m on m.external_id = s.member_external_id
    join known_principals g on g.external_id = s.group_external_id
    where s.run_id = ${runId}::uuid and m.id <> g.id group by 1, 2`;
  await tx.$executeRaw`create index on seen_memberships (member_id, group_id)`;
  await tx.$executeRaw`analyze seen_memberships`;
  await reportDangling(tx, runId, problem);
  const ended = await tx.$queryRaw<{ gone: boolean }[]>`
    update memberships m set removed_at = ${at} where m.connection_id = ${connectionId}::uuid and m.removed_at is null
      and m.first_seen_at <= ${since}::timestamptz
      and not exists (select 1 from seen_memberships s where s.member_id = m.member_id and s.group_id = m.group_id
        and (s.inherits, s.switches, s.administers, s.implicit) = (m.inherits, m.switches, m.administers, m.implicit))
    returning not exists (select 1 from seen_memberships s where s.member_id = m.member_id and s.group_id = m.group_id) gone`;
  const begun = await tx.$executeRaw`
    insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, implicit, first_seen_at)
    select ${connectionId}::uuid, s.member_id, s.group_id, s.inherits, s.switches, s.administers, s.implicit, ${at}::timestamptz from seen_memberships s
    where not exists (select 1 from memberships m where m.member_id = s.member_id and m.group_id = s.group_id and m.removed_at is null)
      and not exists (select 1 from memberships m where m.member_id = s.member_id and m.group_id = s.group_id
        and m.removed_at > ${since}::timestamptz and m.removed_at <> ${at}::timestamptz)
    order by s.member_id, s.group_id`;
  const removed = ended.filter((row) => row.gone).length;
  const changed = ended.length - removed;
  return { added: begun - changed, changed, removed };
}

async function reportDangling(tx: Tx, runId: string, problem: Reconciliation["problem"]): Promise<void> {
  const dangling = await tx.$queryRaw<{ member: string; group: string; missing: string }[]>`
    select s.member_external_id member, s.group_external_id "group",
      case when m.id is null then s.member_external_id else s.group_external_id end missing
    from staged_memberships s
    left join known_principals m on m.external_id = s.member_external_id
    left join known_principals g on g.external_id = s.group_external_id
    where s.run_id = ${runId}::uuid and (m.id is null or g.id is null) limit 50`;
  for (const row of dangling) {
    problem(
      `left out a membership of ${row.member} in ${row.group}: there is no account or group ${row.missing}`,
      row.missing,
    );
  }
}
