import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { dayMs, now, plus } from "../time";

/** Half, nineteen of twenty, and ninety-nine of a hundred took at most so many seconds. */
export type Spread = { of: number; p50: number; p95: number; p99: number };

export type Figures = {
  days: number;
  /** From asking to the last decision, of all requests and by kind of system. */
  decision: Spread | null;
  decisions: (Spread & { connector: string })[];
  /** From the decision (or the planned start, or its confirmation) to access that was read back, by kind of system. */
  access: (Spread & { connector: string })[];
  /** From the order to end to proven gone. */
  revoke: (Spread & { connector: string })[];
  /** By day: grants that were live, and the other assignments and memberships of the inventory, where both were counted. */
  held: { day: string; timeBound: number; standing: number | null }[];
};

const days = 30;

/** How fast access is decided, given and taken, over thirty days of real grants. @throws AppError `forbidden` */
export async function getFigures(actor: Actor): Promise<Figures> {
  await authorize(actor, "grant:read", { type: "grant" });
  const since = plus(now(), -days * dayMs);
  const [decided, access, revoke, held] = await Promise.all([
    // Both in one: a request that concerns two kinds of system counts for each, and once among all.
    rows<Spread & { connector: string | null }>(
      `select c.connector, count(*)::int as of, ${spread("extract(epoch from r.decided_at - r.created_at)")}
       from requests r cross join lateral (
         select null::text as connector union all
         select distinct c.connector from request_items i join connections c on c.id = i.connection_id where i.request_id = r.id) c
       where r.decided_at >= $1 and not r.break_glass and r.created_at < r.decided_at group by 1 order by 1`,
      [since],
    ),
    rows<Figures["access"][number]>(
      `select c.connector, count(*)::int as of, ${spread("extract(epoch from g.activated_at - greatest(r.decided_at, g.starts_at, g.confirmed_at))")}
       from grants g join requests r on r.id = g.request_id join connections c on c.id = g.connection_id
       where g.activated_at >= $1 and r.decided_at is not null group by 1 order by 1`,
      [since],
    ),
    rows<Figures["revoke"][number]>(
      `select c.connector, count(*)::int as of, ${spread("extract(epoch from g.ended_at - g.end_ordered_at)")}
       from grants g join connections c on c.id = g.connection_id
       where g.ended_at >= $1 and g.end_ordered_at is not null and g.activated_at is not null group by 1 order by 1`,
      [since],
    ),
    rows<Figures["held"][number]>(heldSql, [since, now()]),
  ]);
  const decisions = decided.flatMap(({ connector, ...it }) => (connector === null ? [] : [{ ...it, connector }]));
  const all = decided.find(({ connector }) => connector === null);
  const decision = all ? { of: all.of, p50: all.p50, p95: all.p95, p99: all.p99 } : null;
  return { days, decision, decisions, access, revoke, held };
}

// The name of the columns and the expression are constants of this file.
function spread(seconds: string): string {
  return [50, 95, 99]
    .map((share) => `percentile_cont(${share / 100}) within group (order by ${seconds})::float as p${share}`)
    .join(", ");
}

const heldSql = `
  with days as (select generate_series($1::timestamptz, $2::timestamptz, interval '1 day') as day),
  live as materialized (
    select activated_at, coalesce(ended_at, 'infinity'::timestamptz) as ended_at from grants
    where activated_at is not null and (ended_at is null or ended_at >= $1))
  select to_char(d.day, 'YYYY-MM-DD') as day, b.held as "timeBound", 
    case when h.held is not null then greatest(h.held - b.held, 0)::int end as standing
  from days d
  cross join lateral (select count(*)::int as held from live l where l.activated_at <= d.day and l.ended_at > d.day) b
  cross join lateral (select case when count(*) = 2 then sum(value) end as held
    from inventory_history where key in ('assignments', 'memberships') and day = d.day::date) h
  order by 1`;
