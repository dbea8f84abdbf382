import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import type { ClockName } from "./clock-standing";
import { completeWithinMs, containWithinMs } from "./limits";
import { isOwnRunSql } from "./own-runs";

/** The report goes back so far. */
export const reportDays = 90;

/** How one clock went of people, or of machines, that were to be shut in the last 90 days. */
export type ClockReport = {
  kind: "person" | "machine";
  clock: ClockName;
  targetMs: number;
  runs: number;
  /** Proven in time, proven later than wanted, not proven and late by now, not proven and not due yet. */
  met: number;
  missed: number;
  late: number;
  within: number;
  /** How long it took, of those that are proven; null: none is. */
  p50Ms: number | null;
  p95Ms: number | null;
};

/** Both clocks of people and machines over the last 90 days: of all, or of one's own. @throws AppError `forbidden` */
export async function getClockReport(actor: Actor): Promise<ClockReport[]> {
  const reach = await authorizeReach(actor, "offboarding:read");
  return readClocks({ all: reach === "all", identityId: identityOf(actor) });
}

/** The same of the whole installation, for its metrics. Says of nobody who they are. */
export function measureClocks(): Promise<ClockReport[]> {
  return readClocks({ all: true, identityId: null });
}

async function readClocks({ all, identityId }: { all: boolean; identityId: string | null }): Promise<ClockReport[]> {
  const found = await rows<Omit<ClockReport, "targetMs">>(reportSql, [all, identityId, await clockOf(db())]);
  const targets = { contain: containWithinMs(), complete: completeWithinMs() };
  return found.map((row) => ({ ...row, targetMs: targets[row.clock] }));
}

// What is not proven took no time yet: greatest() alone would make it 0. What was undone did not leave. A clock that was late is late, whatever it is of the run since.
const reportSql = `
  with clocks as (
    select o.kind, c.clock, c.by, c.done, case when c.done is not null then greatest(0, extract(epoch from c.done - o.shut_at) * 1000)::float8 end as took
    from offboardings o
    cross join lateral (values ('contain', o.contain_by, o.contained_at), ('complete', o.complete_by, o.completed_at)) c (clock, by, done)
    where o.kind in ('person', 'machine') and o.state <> 'cancelled' and c.by is not null
      and o.shut_at <= $3::timestamptz and o.shut_at > $3::timestamptz - interval '${reportDays} days'
      and ($1 or ${isOwnRunSql("$2")}))
  select kind, clock, count(*)::int as runs,
    count(*) filter (where done <= by)::int as met, count(*) filter (where done > by)::int as missed,
    count(*) filter (where done is null and by < $3::timestamptz)::int as late,
    count(*) filter (where done is null and by >= $3::timestamptz)::int as within,
    percentile_cont(0.5) within group (order by took) as "p50Ms", percentile_cont(0.95) within group (order by took) as "p95Ms"
  from clocks group by kind, clock order by kind desc, clock desc`;
