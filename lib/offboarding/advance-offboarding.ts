import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { plus, secondMs } from "../time";
import { markLeft } from "./begin-offboarding";
import { buryMachine } from "./bury-machine";
import { type LockedRun, lockRun, moveRun } from "./move-run";
import { openItemsSql } from "./open-items";
import { orderAdvance, orderSteps } from "./order-steps";
import { refreshItems } from "./refresh-items";
import type { StepKind } from "./schema";
import { nextOffboardingState, type OffboardingMove, type OffboardingState } from "./states";
import { tellOfRun } from "./tell-of-run";

// Grants are proven over by jobs of their own; soon enough to be seen as it happens, and seldom where a system is away.
const lookAgainMs = secondMs / 2;
const lookSeldomMs = 30 * secondMs;

/**
 * The job behind `advance-offboarding`: looks at a run as a whole. Notes which grants are proven over, when every way in
 * was proven shut, asks every account once more when all else is done, and moves the run to where it stands.
 */
export async function advanceOffboarding(actor: Actor, { offboardingId }: { offboardingId: string }): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  await transaction((tx) => advance(tx, actor, offboardingId));
}

/** The same in the caller's transaction, for commands that change what a run stands on. */
export async function advance(tx: Tx, actor: Actor, offboardingId: string): Promise<void> {
  const run = await lockRun(tx, offboardingId);
  if (run === null || ["ordered", "paused_by_brake", "cancelled"].includes(run.state)) return;
  const { at } = run;
  await noteGrants(tx, run.id, at);
  const counts = await countSteps(tx, run, at);
  await noteContained(tx, actor, run, counts);
  if (counts.working + counts.proving > 0) {
    await settle(tx, run, counts.working > 0 ? "executing" : "verifying");
    if (counts.grants > 0) await orderAdvance(tx, run.id, plus(at, counts.failing > 0 ? lookSeldomMs : lookAgainMs));
    return;
  }
  if (run.kind !== "mover") {
    if (run.probedAt === null) return probeAll(tx, run, at);
    await refreshItems(tx, run, at);
  }
  await conclude(tx, actor, run, { ...counts, at });
}

type Counts = {
  working: number;
  proving: number;
  grants: number;
  failing: number;
  waiting: number;
  open: number;
  lastShutAt: Date | null;
  deletions: number;
  pending: number;
};

// What waits for its hour is not worked on yet: a deletion after the hold, everything of a machine before it is shut.
async function countSteps(tx: Tx, { id }: LockedRun, at: Date): Promise<Counts> {
  const [row] = await tx.$queryRaw<Counts[]>`
    select count(*) filter (where due and state in ('planned', 'failed'))::int as working,
      count(*) filter (where due and state = 'acknowledged')::int as proving,
      count(*) filter (where due and kind = 'grant' and state in ('planned', 'acknowledged', 'failed'))::int as grants,
      count(*) filter (where state = 'failed')::int as failing,
      count(*) filter (where state in ('needs_person', 'resurrected') or (state = 'kept' and kept_until <= ${at}::timestamptz))::int as waiting,
      count(*) filter (where state = 'planned')::int as pending,
      count(*) filter (where contains and state not in ('verified', 'by_hand', 'kept', 'dropped'))::int as open,
      max(coalesce(verified_at, acknowledged_at)) filter (where contains) as "lastShutAt",
      count(*) filter (where kind = 'deletion' and state in ('planned', 'failed', 'needs_person'))::int as deletions
    from (select *, kind not in ('deletion', 'credential') and (not_before is null or not_before <= ${at}::timestamptz or state <> 'planned') as due
      from offboarding_steps where offboarding_id = ${id}::uuid) s`;
  if (!row) throw new Error("the database did not count");
  return row;
}

// Of those that are over what was proven, of those that fail why.
async function noteGrants(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.$executeRaw`update offboarding_steps s
    set (state, verified_at, detail, last_error, next_try_at, attempts) = (select * from (
      select 'verified', coalesce(g.ended_at, ${at}::timestamptz), coalesce((select string_agg(t.step || ': ' || t.detail, '; ' order by t.id)
        from grant_steps t where t.grant_id = g.id and t.at >= g.end_ordered_at and t.step in ('taken', 'sessions_ended', 'read_back', 'left_standing')), 'over'),
        null::jsonb, null::timestamptz, s.attempts where g.state = 'ended'
      union all select s.state, s.verified_at, s.detail, g.last_error, g.next_try_at, g.attempts where g.state <> 'ended') now)
    from grants g where s.offboarding_id = ${id}::uuid and s.kind = 'grant' and s.grant_id = g.id
      and (g.state = 'ended' and s.state in ('acknowledged', 'failed') or g.state = 'ending_failed' and s.state = 'acknowledged')`;
}

async function noteContained(tx: Tx, actor: Actor, run: LockedRun, counts: Counts): Promise<void> {
  if (run.kind === "mover" || run.containedAt !== null || counts.open > 0) return;
  const { at } = run;
  if (run.shutAt > at) return;
  const containedAt = counts.lastShutAt ?? at;
  await tx.offboarding.update({ where: { id: run.id }, data: { containedAt }, select: { id: true } });
  if (run.kind === "machine") await markLeft(tx, run.identityId, at);
  const seconds = Math.max(0, (containedAt.getTime() - run.shutAt.getTime()) / secondMs);
  const details = { containedAt, seconds, by: run.containBy };
  await record(tx, actor, { action: "offboarding.contained", target: run.target, details });
}

// Once everything else is done, each account is asked a last time: what came between is found now, not at a sync.
async function probeAll(tx: Tx, run: LockedRun, at: Date): Promise<void> {
  await tx.offboarding.update({ where: { id: run.id }, data: { probedAt: at }, select: { id: true } });
  const steps = await tx.$queryRaw<
    { id: string; kind: StepKind; connectionId: string | null; accountId: string | null }[]
  >`
    update offboarding_steps set state = 'acknowledged' where offboarding_id = ${run.id}::uuid and kind = 'account'
      and state = 'verified' and wanted = 'gone' returning id, kind, connection_id as "connectionId", account_id as "accountId"`;
  await orderSteps(tx, steps);
  await settle(tx, run, "verifying");
  await orderAdvance(tx, run.id);
}

async function conclude(tx: Tx, actor: Actor, run: LockedRun, counts: Counts & { at: Date }): Promise<void> {
  const [items] = await tx.$queryRawUnsafe<{ open: number }[]>(openItemsSql, run.id);
  const { at } = counts;
  if (counts.waiting > 0 || (items?.open ?? 0) > 0) {
    const moved = await settle(tx, run, "waiting_for_people");
    // What comes up after the run was closed is told once more.
    const occasion = run.closedAt?.toISOString() ?? "";
    if (moved && run.kind !== "mover") await tellOfRun(tx, run, "waiting", { occasion });
    return;
  }
  // What a mover keeps for a time ends at its time.
  if (run.kind === "mover" && counts.pending > 0) return void (await settle(tx, run, "verifying"));
  if (run.shutAt > at) return void (await settle(tx, run, "verifying"));
  if (run.completedAt === null) {
    await tx.offboarding.update({ where: { id: run.id }, data: { completedAt: at }, select: { id: true } });
    await record(tx, actor, { action: "offboarding.completed", target: run.target });
  }
  // A machine is brought back by one click as long as it is only shut: its run stays open until it is destroyed.
  if (run.kind === "machine" && counts.deletions > 0) return void (await settle(tx, run, "verifying"));
  if (!(await settle(tx, run, "closed", { closedAt: at }))) return;
  if (run.kind === "machine") await buryMachine(tx, run, at);
  await record(tx, actor, { action: "offboarding.closed", target: run.target });
  if (run.kind !== "mover") await tellOfRun(tx, run, "closed", { occasion: at.toISOString() });
}

const ways: Partial<Record<OffboardingState, OffboardingMove>> = {
  executing: "work",
  verifying: "check",
  waiting_for_people: "wait",
  closed: "close",
};

/** Moves a run to where it stands now, over what lies between. @returns did it move? */
async function settle(
  tx: Tx,
  run: LockedRun,
  to: OffboardingState,
  data: Parameters<typeof moveRun>[3] = {},
): Promise<boolean> {
  if (run.state === to) return false;
  const path = [to, "verifying", "executing"] as const;
  for (let from = run.state, tries = 0; from !== to && tries < 4; tries++) {
    const next = path.find((state) => nextOffboardingState(from, ways[state] ?? "work") === state);
    if (next === undefined) throw new Error(`a run that is ${from} cannot become ${to}`);
    from = await moveRun(tx, { id: run.id, state: from }, ways[next] ?? "work", next === to ? data : {});
  }
  return true;
}
