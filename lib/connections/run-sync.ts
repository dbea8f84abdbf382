import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { Actor } from "../auth/actor";
import type { ObservationKind } from "../connectors/schema";
import { db, pool } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { now } from "../time";
import { failSync } from "./fail-sync";
import { readSource, readSystem, type Source } from "./read-source";
import type { Checkpoint, Reading, Run } from "./reading";
import { settleSync } from "./settle-sync";
import { clearStaging, countStaged, Staging } from "./stage-observations";

/**
 * Reads one connection into the inventory, as the run that was ordered. Safe to call twice and from anywhere: one worker
 * holds a connection at a time, an interrupted run is taken up at its last checkpoint, a finished one is left alone.
 * @returns false when another worker has the connection now.
 */
export async function runSync(
  actor: Actor,
  { runId, source = readSystem }: { runId: string; source?: Source },
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const run = await db().syncRun.findUnique({ where: { id: runId }, include: { connection: true } });
  if (!run) throw new AppError("not_found", "There is no such sync.");
  if (run.state !== "queued" && run.state !== "reading" && run.state !== "reconciling") return true;
  const lock = await pool().connect();
  try {
    if (!(await takeLock(lock, run.connectionId))) return false;
    await readAndReconcile(actor, run, source, signal);
    return true;
  } finally {
    await lock.query("select pg_advisory_unlock_all()").catch(() => undefined);
    lock.release();
  }
}

async function takeLock(client: PoolClient, connectionId: string): Promise<boolean> {
  const answer = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock(hashtextextended('sync ' || $1, 0)) taken",
    [connectionId],
  );
  return answer.rows[0]?.taken ?? false;
}

async function readAndReconcile(actor: Actor, run: Run, source: Source, signal: AbortSignal): Promise<void> {
  const claim = randomUUID();
  const reading: Reading = { staging: new Staging(run.id), ended: new Set(), coverage: {}, invisible: [] };
  try {
    const cursor = await takeUp(run, claim, reading);
    await readSource(run, claim, source, { ...reading, cursor, signal });
    await settleSync(actor, run, claim, reading);
  } catch (error) {
    // A worker that is asked to stop leaves the run as it is; the next one takes it up at its checkpoint.
    if (signal.aborted) throw error;
    await failSync(actor, run, claim, error);
  }
}

// A run that another worker began goes on at its checkpoint, unless what it had staged is gone.
async function takeUp(run: Run, claim: string, reading: Reading): Promise<unknown> {
  const checkpoint = run.checkpoint as Checkpoint | null;
  const staged = checkpoint ? await countStaged(run.id) : null;
  const intact =
    checkpoint &&
    staged &&
    Object.entries(checkpoint.read).every(([kind, count]) => staged[kind as ObservationKind] >= count);
  if (intact) {
    Object.assign(reading.staging.read, checkpoint.read);
    for (const kind of checkpoint.ended) reading.ended.add(kind);
    Object.assign(reading.coverage, checkpoint.coverage);
    reading.invisible.push(...checkpoint.invisible);
  } else {
    await clearStaging(run.id);
  }
  await db().syncRun.update({
    where: { id: run.id },
    data: {
      state: "reading",
      claim,
      startedAt: run.startedAt ?? (await clockOf(db())),
      heartbeatAt: now(),
      ...(intact ? {} : { checkpoint: {} }),
    },
  });
  return intact ? checkpoint.cursor : undefined;
}
