import type { Actor } from "../auth/actor";
import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import { assertMayDecide } from "./cancel-offboarding";
import { type Deciders, readDeciders } from "./decider-queries";
import { isGoneSql } from "./gone-steps";
import { isOpenSql } from "./open-items";
import { runIdOf } from "./schema";
import type { OffboardingState } from "./states";

/** How far a run is, in one system or here. Spans are milliseconds since the order to shut; null: not all of it yet. */
export type SystemProgress = {
  /** Of the connection; null: here. */
  id: string | null;
  name: string;
  /** What kind of system it is, in words. */
  what: string;
  steps: number;
  gone: number;
  done: number;
  troubled: number;
  /** Why not, where something is wrong. */
  because: string | null;
  attempts: number;
  nextTryAt: string | null;
  orderedMs: number | null;
  doneMs: number | null;
  readBackMs: number | null;
  /** Of the accounts that Rollcall shuts there: how many there are, and what the sign-in came to that must fail. */
  accounts: number;
  refused: number;
  notTried: number;
  /** What lives on there, and until when at the latest where that is known. */
  outlives: string | null;
  outlivesUntil: string | null;
};

/** How far a run is: what a page shows while it goes. */
export type Progress = {
  state: OffboardingState;
  containedAt: string | null;
  completedAt: string | null;
  /** The ways in, and how many of them are proven shut. */
  waysIn: number;
  waysShut: number;
  items: number;
  openItems: number;
  systems: SystemProgress[];
  /** For whom it waits; null: for nobody. */
  waitsFor: Deciders | null;
};

/** How far a run is. @throws AppError `forbidden`, `not_found` */
export async function getProgress(actor: Actor, input: { id: string }): Promise<Progress> {
  const id = runIdOf(input);
  await assertMayDecide(actor, "offboarding:read", id);
  const [[run], systems, waitsFor] = await Promise.all([
    rows<Omit<Progress, "systems" | "waitsFor">>(runSql, [id]),
    rows<SystemProgress & { connector: string | null }>(systemsSql, [id]),
    readDeciders(id),
  ]);
  if (!run) throw new Error("a run went while it was read");
  return { ...run, systems: systems.map(named), waitsFor };
}

function named({ connector, ...system }: SystemProgress & { connector: string | null }): SystemProgress {
  return { ...system, what: connector === null ? "sign-in here" : (connectorNamed(connector)?.label ?? connector) };
}

const iso = (sql: string) => `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
// What a mover had ends later, or at a word before.
const fromSql = "case when o.kind = 'mover' then o.created_at else o.shut_at end";
// What is null stays null: greatest() alone would make it 0.
const since = (sql: string) =>
  `case when ${sql} is not null then greatest(0, round(extract(epoch from ${sql} - ${fromSql}) * 1000)) end::float8`;

const runSql = `select o.state, ${iso("o.contained_at")} as "containedAt", ${iso("o.completed_at")} as "completedAt",
    s.ways as "waysIn", s.shut as "waysShut", i.items, i.open as "openItems"
  from offboardings o
  cross join lateral (select count(*) filter (where contains)::int as ways,
      count(*) filter (where contains and ${isGoneSql})::int as shut from offboarding_steps s where s.offboarding_id = o.id) s
  cross join lateral (select count(*)::int as items, count(*) filter (where ${isOpenSql})::int as open
    from offboarding_items i where i.offboarding_id = o.id) i
  where o.id = $1`;

// What a person did, and what goes with an account, no system acknowledges by itself.
const isDoneSql = `(s.acknowledged_at is not null or ${isGoneSql})`;

const systemsSql = `select c.id, coalesce(c.name, 'Rollcall') as name, c.connector, count(*)::int as steps,
    count(*) filter (where ${isGoneSql})::int as gone, count(*) filter (where ${isDoneSql})::int as done,
    count(*) filter (where s.state in ('failed', 'needs_person', 'resurrected'))::int as troubled,
    min(s.last_error ->> 'message') filter (where s.state in ('failed', 'needs_person')) as because,
    max(s.attempts)::int as attempts, ${iso("min(s.next_try_at) filter (where s.state = 'failed')")} as "nextTryAt",
    ${since("max(s.ordered_at)")} as "orderedMs",
    case when bool_and(${isDoneSql}) then ${since("max(s.acknowledged_at)")} end as "doneMs",
    case when bool_and(${isGoneSql}) then ${since("max(greatest(s.verified_at, s.acknowledged_at))")} end as "readBackMs",
    count(*) filter (where s.kind = 'account' and s.state not in ('by_hand', 'kept', 'dropped'))::int as accounts,
    count(*) filter (where s.sign_in = 'refused')::int as refused,
    count(*) filter (where s.sign_in = 'not_tried')::int as "notTried",
    min(l.what) as outlives, ${iso("max(l.until)")} as "outlivesUntil"
  from offboarding_steps s join offboardings o on o.id = s.offboarding_id left join connections c on c.id = s.connection_id
  left join lateral (select min(x ->> 'what') as what, max((x ->> 'until')::timestamptz) as until
    from jsonb_array_elements(s.outlives) x) l on s.state <> 'restored'
  where s.offboarding_id = $1 and s.kind <> 'deletion' group by c.id, o.id order by c.name nulls first`;
