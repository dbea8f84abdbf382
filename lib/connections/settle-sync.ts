import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { UsageCoverage } from "../connectors/contract";
import type { ObservationKind } from "../connectors/schema";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, plus } from "../time";
import { alertAfterFailures } from "./fail-sync";
import { jsonOf, type Reading, type Run } from "./reading";
import { isUnchanged, reconcile, wouldBrake } from "./reconcile";
import { clearStaging, type Staging } from "./stage-observations";
import { tellOfConnection } from "./tell-of-connection";

const reconcileTimeoutMs = 30 * minuteMs;

/** Compares what was read with the inventory and ends the run, or pauses it when the brake holds. */
export async function settleSync(actor: Actor, run: Run, claim: string, reading: Reading): Promise<void> {
  const { connection } = run;
  await reading.staging.settle();
  const brakes = { kindShare: connection.brakeKindShare, assignmentShare: connection.brakeAssignmentShare };
  await transaction(
    async (tx) => {
      await beginReconciling(tx, run.id, claim);
      const brake = await wouldBrake(tx, { runId: run.id, connectionId: run.connectionId }, reading.ended, brakes);
      const facts = { coverage: reading.coverage, visibility: reading.invisible };
      if (brake) {
        await tx.syncRun.update({
          where: { id: run.id },
          data: { state: "paused", brake, checkpoint: jsonOf({ ended: [...reading.ended], ...facts }) },
        });
        await tx.connection.update({ where: { id: run.connectionId }, data: { status: "paused", nextSyncAt: null } });
        await record(tx, actor, {
          action: "sync.paused",
          target: { type: "connection", id: connection.id, name: connection.name },
          outcome: "failed",
          details: { runId: run.id, brake },
        });
        await tellOfConnection(tx, { connectionId: connection.id, runId: run.id, news: "paused", brake });
        return;
      }
      await applyReading(tx, actor, { run, ended: reading.ended, staging: reading.staging, ...facts });
    },
    { timeoutMs: reconcileTimeoutMs },
  );
  const { state } = await db().syncRun.findUniqueOrThrow({ where: { id: run.id }, select: { state: true } });
  if (state !== "paused") await clearStaging(run.id);
}

// The fence: a worker whose run another has taken over changes nothing.
async function beginReconciling(tx: Tx, runId: string, claim: string): Promise<void> {
  await tx.$executeRaw`set local statement_timeout = 0`;
  const { count } = await tx.syncRun.updateMany({
    where: { id: runId, claim, state: "reading" },
    data: { state: "reconciling" },
  });
  if (count === 0) throw new AppError("conflict", "this sync was taken over or ended by somebody else");
}

export type Applied = {
  run: Pick<Run, "id" | "connectionId"> & { connection: { id: string; name: string; scheduleMinutes: number | null } };
  ended: ReadonlySet<ObservationKind>;
  staging: Staging;
  coverage: Record<string, UsageCoverage>;
  visibility: object[];
};

/** Reconciles what a run staged, ends the run, and records it where anything changed. */
export async function applyReading(
  tx: Tx,
  actor: Actor,
  { run, ended, staging, coverage, visibility }: Applied,
): Promise<void> {
  const at = await clockOf(tx);
  const { startedAt } = await tx.syncRun.findUniqueOrThrow({ where: { id: run.id }, select: { startedAt: true } });
  const { connection } = run;
  await tx.connection.update({
    where: { id: connection.id },
    data: { coverage: jsonOf(coverage), visibility: jsonOf(visibility) },
  });
  const result = await reconcile(
    tx,
    {
      runId: run.id,
      connectionId: run.connectionId,
      at,
      since: startedAt ?? at,
      problem: (message, object) => staging.problem(message, object),
    },
    ended,
  );
  const { failuresInRow } = await tx.connection.findUniqueOrThrow({
    where: { id: connection.id },
    select: { failuresInRow: true },
  });
  const next = connection.scheduleMinutes === null ? null : plus(at, connection.scheduleMinutes * minuteMs);
  await tx.connection.update({
    where: { id: connection.id },
    data: { status: "current", lastReadAt: at, nextSyncAt: next, failuresInRow: 0 },
  });
  await tx.syncRun.update({
    where: { id: run.id },
    data: {
      state: "done",
      finishedAt: at,
      result,
      problems: jsonOf(staging.problems),
      problemCount: staging.problemCount,
      claim: null,
    },
  });
  if (failuresInRow >= alertAfterFailures)
    await tellOfConnection(tx, { connectionId: connection.id, runId: run.id, news: "well" });
  // A system that has not changed leaves no event; the run itself is in the connection's history.
  if (isUnchanged(result)) return;
  // What was given or taken by hand meanwhile is looked for apart.
  await enqueue(tx, "compare-grants", { connectionId: connection.id }, { key: `compare ${connection.id}` });
  await enqueue(tx, "find-leavers", { connectionId: connection.id }, { key: `leavers ${connection.id}` });
  await record(tx, actor, {
    action: "sync.finished",
    target: { type: "connection", id: connection.id, name: connection.name },
    details: { runId: run.id, result },
  });
}
