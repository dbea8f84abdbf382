import type { Tx } from "../db/client";
import { Prisma } from "../db/generated/client";

// More seeds than this, and going through everything is cheaper than finding out what they touch.
const seedsWorthFollowing = 50_000;

// One row a pair: without switching where that is possible, at the least depth.
const best = Prisma.sql`select descendant_id, ancestor_id, bool_or(phase = 0) as inherits,
  least(coalesce(min(depth) filter (where phase = 0), min(depth)), 32767)::smallint as depth
  from closure_reach group by descendant_id, ancestor_id`;

/**
 * Brings `group_closure` of one connection up to date with its live memberships, in the transaction that changed them.
 * Rebuilding everything and following a change come to the same rows; rows that are right already are not written.
 *
 * @param changed `all`, or the `member_id` of every membership that was added, removed or changed, accounts included:
 *   an account's first step into an empty group makes that group a part of the closure. More ids do no harm.
 */
export async function maintainClosure(
  tx: Tx,
  connectionId: string,
  changed: "all" | readonly string[],
): Promise<{ added: number; changed: number; removed: number }> {
  if (changed !== "all" && changed.length === 0) return { added: 0, changed: 0, removed: 0 };
  await makeWorkTables(tx);
  if (changed === "all" || changed.length > seedsWorthFollowing) await affectEverything(tx, connectionId);
  else await affectBelow(tx, changed);
  await walkInheriting(tx);
  await walkSwitching(tx);
  const written = await writeDifference(tx, connectionId);
  await tx.$executeRaw`drop table closure_reach, closure_affected`;
  return written;
}

async function makeWorkTables(tx: Tx): Promise<void> {
  await tx.$executeRaw`create temporary table closure_affected (id uuid primary key) on commit drop`;
  // phase 0: by inheriting only. 1: by switching only. 2: by switching, then inheriting.
  await tx.$executeRaw`create temporary table closure_reach (
    descendant_id uuid not null, ancestor_id uuid not null, phase smallint not null, depth integer not null,
    primary key (descendant_id, ancestor_id, phase)) on commit drop`;
  await tx.$executeRaw`create index on closure_reach (phase, depth)`;
}

async function affectEverything(tx: Tx, connectionId: string): Promise<void> {
  await tx.$executeRaw`insert into closure_affected
    select group_id from memberships where connection_id = ${connectionId}::uuid and removed_at is null
    union select descendant_id from group_closure where connection_id = ${connectionId}::uuid`;
}

// Whoever's rows change has a path over a changed edge. Up to the member of the first such edge the path is an old one,
// so the closure as it stands names everybody affected; but for groups that have just got, or lost, their only member.
async function affectBelow(tx: Tx, changed: readonly string[]): Promise<void> {
  await tx.$executeRaw`insert into closure_affected
    select seed from unnest(${changed}::uuid[]) as seed
    union select c.descendant_id from unnest(${changed}::uuid[]) as seed join group_closure c on c.ancestor_id = seed
    union select m.group_id from unnest(${changed}::uuid[]) as seed join memberships m on m.member_id = seed
      where exists (select from group_closure c where c.descendant_id = m.group_id and c.ancestor_id = m.group_id)
        <> exists (select from memberships x where x.group_id = m.group_id and x.removed_at is null)`;
}

// Breadth first, one statement a level: a pair is entered once, at its least depth, so that a cycle ends by itself and
// many paths to one group cost no more than one.
async function walkInheriting(tx: Tx): Promise<void> {
  let found = await tx.$executeRaw`insert into closure_reach
    select a.id, a.id, phase, 0 from closure_affected a, (values (0), (1)) as phases (phase)
    where exists (select from memberships m where m.group_id = a.id and m.removed_at is null)`;
  for (let depth = 0; found > 0; depth++) {
    found = await tx.$executeRaw`insert into closure_reach
      select distinct f.descendant_id, m.group_id, 0, f.depth + 1
      from closure_reach f join memberships m on m.member_id = f.ancestor_id and m.removed_at is null and m.inherits
      where f.phase = 0 and f.depth = ${depth}::int
      on conflict do nothing`;
  }
}

// What is inherited anyway needs no switching, and neither does anything inherited from there.
async function walkSwitching(tx: Tx): Promise<void> {
  for (let found = 1, depth = 0; found > 0; depth++) {
    found = await tx.$executeRaw`insert into closure_reach
      select distinct f.descendant_id, m.group_id, next.phase, f.depth + 1
      from closure_reach f
      join memberships m on m.member_id = f.ancestor_id and m.removed_at is null
      join (values (1, 1), (1, 2), (2, 2)) as next (after, phase) on next.after = f.phase
      where f.phase in (1, 2) and f.depth = ${depth}::int
        and case next.phase when 1 then m.switches else m.inherits and f.depth > 0 end
        and (next.phase = 1 or not exists (
          select from closure_reach r
          where r.descendant_id = f.descendant_id and r.ancestor_id = m.group_id and r.phase = 0))
      on conflict do nothing`;
  }
}

// Only what differs is written: a change at the top of a large tree touches a few rows of each group below.
async function writeDifference(tx: Tx, connectionId: string) {
  await tx.$executeRaw`analyze closure_reach, closure_affected`;
  const removed = await tx.$executeRaw`delete from group_closure c using closure_affected a
    where c.descendant_id = a.id and not exists (
      select from closure_reach r where r.descendant_id = c.descendant_id and r.ancestor_id = c.ancestor_id)`;
  const changed = await tx.$executeRaw`update group_closure c set inherits = r.inherits, depth = r.depth
    from (${best}) r
    where c.descendant_id = r.descendant_id and c.ancestor_id = r.ancestor_id
      and (c.inherits <> r.inherits or c.depth <> r.depth)`;
  const added =
    await tx.$executeRaw`insert into group_closure (connection_id, descendant_id, ancestor_id, inherits, depth)
    select ${connectionId}::uuid, r.descendant_id, r.ancestor_id, r.inherits, r.depth from (${best}) r
    where not exists (select from group_closure c
      where c.descendant_id = r.descendant_id and c.ancestor_id = r.ancestor_id)`;
  return { added, changed, removed };
}
