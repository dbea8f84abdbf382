import type { Tx } from "../db/client";

// More seeds than this, and going through everything is cheaper than finding out what they touch.
const seedsWorthFollowing = 50_000;

/**
 * Brings `group_closure` of one connection up to date with its live memberships, in the transaction that changed them.
 * Rebuilding everything and following a change come to the same rows; rows that are right already are not written.
 *
 * A pair's depth is that of a shortest path by which it inherits or, where it must switch, one more than the depth of
 * the pair after the first switch.
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
  else await affectAround(tx, changed);
  await takeEdges(tx);
  await walkInheriting(tx);
  await walkSwitching(tx);
  const written = await writeDifference(tx, connectionId);
  await tx.$executeRaw`drop table closure_pair, closure_edge, closure_below, closure_above`;
  return written;
}

// Pairs to be found anew are those of closure_below with closure_above; small numbers stand for the ids on the way.
async function makeWorkTables(tx: Tx): Promise<void> {
  await tx.$executeRaw`create temporary table closure_below
    (n integer generated always as identity, id uuid primary key, alive boolean not null) on commit drop`;
  await tx.$executeRaw`create temporary table closure_above
    (n integer generated always as identity, id uuid primary key) on commit drop`;
  await tx.$executeRaw`create temporary table closure_edge
    (member integer not null, grp integer, group_id uuid not null, inherits boolean not null, switches boolean not null)
    on commit drop`;
  await tx.$executeRaw`create temporary table closure_pair (below integer not null, above integer not null,
    inherits boolean not null, depth integer not null, primary key (below, above)) on commit drop`;
  await tx.$executeRaw`create index on closure_pair (depth)`;
}

async function affectEverything(tx: Tx, connectionId: string): Promise<void> {
  await tx.$executeRaw`insert into closure_below (id, alive)
    select id, bool_or(alive) from (
      select distinct group_id as id, true as alive from memberships
        where connection_id = ${connectionId}::uuid and removed_at is null
      union all select distinct descendant_id, false from group_closure where connection_id = ${connectionId}::uuid
    ) as touched group by id`;
  await tx.$executeRaw`insert into closure_above (id) select id from closure_below`;
}

// A pair changes only if a path between the two has a changed edge. Before the first such edge the path is an old one,
// so the closure as it stands names all who are below; what is above is above that edge's member, then or now. Besides,
// a group may just have got its first member, or lost its last.
async function affectAround(tx: Tx, changed: readonly string[]): Promise<void> {
  await tx.$executeRaw`create temporary table closure_seed on commit drop as
    with touched as (
      select seed as id from unnest(${changed}::uuid[]) as seed
      union select m.group_id from unnest(${changed}::uuid[]) as seed join memberships m on m.member_id = seed
        where exists (select from group_closure c where c.descendant_id = m.group_id and c.ancestor_id = m.group_id)
          <> exists (select from memberships x where x.group_id = m.group_id and x.removed_at is null))
    select id from touched t
    where exists (select from group_closure c where c.descendant_id = t.id)
      or exists (select from memberships x where x.group_id = t.id and x.removed_at is null)`;
  await tx.$executeRaw`analyze closure_seed`;
  await tx.$executeRaw`insert into closure_below (id, alive)
    select id, exists (select from memberships x where x.group_id = below.id and x.removed_at is null) from (
      select id from closure_seed
      union select c.descendant_id from closure_seed s join group_closure c on c.ancestor_id = s.id) as below`;
  await tx.$executeRaw`insert into closure_above (id)
    with recursive up (id) as (
      select id from closure_seed
      union select m.group_id from up join memberships m on m.member_id = up.id and m.removed_at is null)
    select id from up union select c.ancestor_id from closure_seed s join group_closure c on c.descendant_id = s.id`;
  await tx.$executeRaw`drop table closure_seed`;
}

async function takeEdges(tx: Tx): Promise<void> {
  await tx.$executeRaw`insert into closure_edge
    select b.n, g.n, m.group_id, m.inherits, m.switches
    from closure_below b join memberships m on m.member_id = b.id and m.removed_at is null
    left join closure_below g on g.id = m.group_id
    where b.alive and (m.inherits or m.switches)`;
  await tx.$executeRaw`create index on closure_edge (grp)`;
  await tx.$executeRaw`analyze closure_edge, closure_below, closure_above`;
}

// From the top down, a statement a depth: a pair is entered at its least depth and gone on from once, so that a cycle
// ends by itself and many paths cost no more than one. What is above an unaffected group is read off the closure.
async function walkInheriting(tx: Tx): Promise<void> {
  await tx.$executeRaw`insert into closure_pair
    select b.n, a.n, true, 0 from closure_below b join closure_above a on a.id = b.id where b.alive`;
  await tx.$executeRaw`insert into closure_pair
    select e.member, a.n, true, min(c.depth) + 1
    from closure_edge e join group_closure c on c.descendant_id = e.group_id and c.inherits
    join closure_above a on a.id = c.ancestor_id
    where e.grp is null and e.inherits group by e.member, a.n`;
  await downwards(
    tx,
    (depth) => tx.$executeRaw`insert into closure_pair as old
      select distinct e.member, p.above, true, p.depth + 1
      from closure_pair p join closure_edge e on e.grp = p.below and e.inherits
      where p.depth = ${depth}::int
      on conflict (below, above) do update set depth = excluded.depth where excluded.depth < old.depth`,
  );
}

// What is inherited anyway needs no switching. So the walk begins at edges that only switch, and goes on below them.
async function walkSwitching(tx: Tx): Promise<void> {
  const begun = await tx.$executeRaw`insert into closure_pair
    select member, above, false, min(depth) + 1 from (
      select e.member, p.above, p.depth
      from closure_edge e join closure_pair p on p.below = e.grp where not e.inherits
      union all
      select e.member, a.n, c.depth
      from closure_edge e join group_closure c on c.descendant_id = e.group_id and (not e.inherits or not c.inherits)
      join closure_above a on a.id = c.ancestor_id where e.grp is null and e.switches
    ) as start group by member, above
    on conflict do nothing`;
  if (begun === 0) return;
  await downwards(
    tx,
    (depth) => tx.$executeRaw`insert into closure_pair as old
      select distinct e.member, p.above, false, p.depth + 1
      from closure_pair p join closure_edge e on e.grp = p.below and e.switches
      where p.depth = ${depth}::int and not p.inherits
      on conflict (below, above) do update set depth = excluded.depth
        where not old.inherits and excluded.depth < old.depth`,
  );
}

async function downwards(tx: Tx, step: (depth: number) => Promise<number>): Promise<void> {
  for (let depth = 0; ; depth++) {
    if ((await step(depth)) > 0) continue;
    const deeper = await tx.$queryRaw<unknown[]>`select 1 from closure_pair where depth > ${depth}::int limit 1`;
    if (deeper.length === 0) return;
  }
}

// Only what differs is written: a change at the top of a large tree touches a few rows of each group below.
async function writeDifference(tx: Tx, connectionId: string) {
  await tx.$executeRaw`analyze closure_pair`;
  const removed = await tx.$executeRaw`delete from group_closure c using closure_below b, closure_above a
    where c.descendant_id = b.id and c.ancestor_id = a.id
      and not exists (select from closure_pair p where p.below = b.n and p.above = a.n)`;
  const changed = await tx.$executeRaw`update group_closure c
    set inherits = p.inherits, depth = least(p.depth, 32767)
    from closure_pair p join closure_below b on b.n = p.below join closure_above a on a.n = p.above
    where c.descendant_id = b.id and c.ancestor_id = a.id
      and (c.inherits <> p.inherits or c.depth <> least(p.depth, 32767))`;
  // By conflict, not by an anti-join: while the table is empty that would be planned as a walk of it for each row.
  const added =
    await tx.$executeRaw`insert into group_closure (connection_id, descendant_id, ancestor_id, inherits, depth)
    select ${connectionId}::uuid, b.id, a.id, p.inherits, least(p.depth, 32767)
    from closure_pair p join closure_below b on b.n = p.below join closure_above a on a.n = p.above
    on conflict (descendant_id, ancestor_id) do nothing`;
  return { added, changed, removed };
}
