import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import type { UsageCoverage } from "../connectors/contract";
import type { ObservationKind } from "../connectors/schema";
import { db, transaction } from "../db/client";
import { AppError } from "../errors";
import { minuteMs, now, plus } from "../time";
import { runRef } from "./schema";
import { applyReading } from "./settle-sync";
import { clearStaging, countStaged, Staging } from "./stage-observations";

type Kept = { ended: ObservationKind[]; coverage: Record<string, UsageCoverage>; visibility: object[] };

/**
 * Lets a sync that the brake has paused go through as it was read.
 * @throws AppError `conflict` when it is not paused, or what it read was lost in a crash; `forbidden`
 */
export async function applySync(actor: Actor, input: { runId: string }): Promise<{ runId: string }> {
  const run = await pausedRun(actor, input);
  const kept = run.checkpoint as Kept;
  const staged = await countStaged(run.id);
  const read = (run.progress as { read?: Record<ObservationKind, number> }).read ?? staged;
  if (Object.entries(read).some(([kind, count]) => staged[kind as ObservationKind] < count)) {
    throw new AppError("conflict", "what this sync had read was lost when the database restarted", {
      remedy: "Discard it and sync again.",
    });
  }
  await transaction(
    async (tx) => {
      await tx.$executeRaw`set local statement_timeout = 0`;
      const { count } = await tx.syncRun.updateMany({
        where: { id: run.id, state: "paused" },
        data: { state: "reconciling" },
      });
      if (count === 0) throw new AppError("conflict", "somebody else has just decided on this sync");
      await record(tx, actor, {
        action: "sync.applied",
        target: { type: "connection", id: run.connectionId, name: run.connection.name },
        details: { runId: run.id, brake: run.brake },
      });
      await applyReading(tx, actor, {
        run,
        ended: new Set(kept.ended),
        staging: new Staging(run.id),
        coverage: kept.coverage,
        visibility: kept.visibility,
      });
    },
    { timeoutMs: 30 * minuteMs },
  );
  await clearStaging(run.id);
  return { runId: run.id };
}

/** Throws away what a paused sync had read; the inventory stays as it was and the next sync comes as scheduled. */
export async function discardSync(actor: Actor, input: { runId: string }): Promise<{ runId: string }> {
  const run = await pausedRun(actor, input);
  await transaction(async (tx) => {
    const { count } = await tx.syncRun.updateMany({
      where: { id: run.id, state: "paused" },
      data: { state: "discarded", finishedAt: now() },
    });
    if (count === 0) throw new AppError("conflict", "somebody else has just decided on this sync");
    const next =
      run.connection.scheduleMinutes === null ? null : plus(now(), run.connection.scheduleMinutes * minuteMs);
    await tx.connection.update({
      where: { id: run.connectionId },
      data: { status: run.connection.lastReadAt ? "current" : "new", nextSyncAt: next },
    });
    await record(tx, actor, {
      action: "sync.discarded",
      target: { type: "connection", id: run.connectionId, name: run.connection.name },
      details: { runId: run.id, brake: run.brake },
    });
  });
  await clearStaging(run.id);
  return { runId: run.id };
}

async function pausedRun(actor: Actor, input: { runId: string }) {
  const { runId } = runRef.parse(input);
  await authorize(actor, "sync:resolve", { type: "sync", id: runId });
  const run = await db().syncRun.findUnique({ where: { id: runId }, include: { connection: true } });
  if (!run) throw new AppError("not_found", "There is no such sync.");
  if (run.state !== "paused") throw new AppError("conflict", `this sync is ${run.state}, not paused`);
  return run;
}
