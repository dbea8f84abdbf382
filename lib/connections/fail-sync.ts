import { randomUUID } from "node:crypto";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { ConnectorError } from "../connectors/connector-error";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import { log } from "../log";
import { minuteMs, now, plus } from "../time";
import type { Run } from "./reading";
import type { SyncError } from "./schema";
import { clearStaging } from "./stage-observations";
import { tellOfConnection } from "./tell-of-connection";

export const alertAfterFailures = 3;

/** Ends the run as failed, plans the next try, and alerts at the third failure in a row; a bug is thrown on. */
export async function failSync(actor: Actor, run: Run, claim: string, error: unknown): Promise<void> {
  const shown = errorOf(error);
  await clearStaging(run.id).catch(() => undefined);
  const first = await transaction(async (tx) => {
    const { count } = await tx.syncRun.updateMany({
      where: { id: run.id, claim, state: { in: ["queued", "reading", "reconciling"] } },
      data: { state: "failed", finishedAt: now(), error: shown, claim: null, checkpoint: {} },
    });
    if (count === 0) return false;
    const failures = run.connection.failuresInRow + 1;
    const wait = Math.min((run.connection.scheduleMinutes ?? 60) * minuteMs, 2 ** Math.min(failures, 10) * minuteMs);
    await tx.connection.update({
      where: { id: run.connectionId },
      data: {
        failuresInRow: failures,
        nextSyncAt: run.connection.scheduleMinutes === null ? null : plus(now(), wait),
        ...(failures >= alertAfterFailures ? { status: "failing" } : {}),
      },
    });
    const target = { type: "connection", id: run.connectionId, name: run.connection.name };
    await record(tx, actor, {
      action: "sync.failed",
      target,
      outcome: "failed",
      details: { runId: run.id, ...shown, failuresInRow: failures },
    });
    if (failures === alertAfterFailures) {
      await record(tx, actor, {
        action: "connection.alerted",
        target,
        outcome: "failed",
        details: { failuresInRow: failures, ...shown },
      });
      await tellOfConnection(tx, {
        connectionId: run.connectionId,
        runId: run.id,
        news: "failing",
        failures,
        error: shown,
      });
    }
    return true;
  });
  if (first && !(error instanceof ConnectorError) && !(error instanceof AppError)) throw error;
}

function errorOf(error: unknown): SyncError {
  if (error instanceof ConnectorError)
    return { code: error.code, message: error.message, object: error.object, remedy: error.remedy, reference: null };
  if (error instanceof AppError)
    return { code: error.code, message: error.message, object: null, remedy: error.remedy ?? null, reference: null };
  const reference = randomUUID().slice(0, 8);
  log().error({ err: error, reference }, "a sync failed");
  return {
    code: "bug",
    message: "something went wrong in Rollcall while reading this system",
    object: null,
    remedy: "Look for the reference in Rollcall's log.",
    reference,
  };
}
