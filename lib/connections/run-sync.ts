import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { ConnectorError } from "../connectors/connector-error";
import type { Connector, ReadEvent, UsageCoverage } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import type { ObservationKind } from "../connectors/schema";
import { db, pool, type Tx, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { log } from "../log";
import { minuteMs, now, nowMs, plus } from "../time";
import { parseSettings } from "./parse-settings";
import { isUnchanged, reconcile, wouldBrake } from "./reconcile";
import type { SyncError } from "./schema";
import { openSecrets } from "./seal-secrets";
import { clearStaging, countStaged, Staging } from "./stage-observations";

/** Where the observations of a run come from: the system itself, or a file that streams by. */
export type Source = (
  connector: Connector,
  context: { settings: unknown; secrets: unknown; signal: AbortSignal; cursor: unknown; now: Date },
) => AsyncIterable<ReadEvent>;

type Run = Prisma.SyncRunGetPayload<{ include: { connection: true } }>;
type Reading = {
  staging: Staging;
  ended: Set<ObservationKind>;
  coverage: Record<string, UsageCoverage>;
  invisible: object[];
};

const reconcileTimeoutMs = 30 * minuteMs;
const progressEveryMs = 500;
const alertAfterFailures = 3;

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
    await read(run, claim, source, { ...reading, cursor, signal });
    await settle(actor, run, claim, reading);
  } catch (error) {
    // A worker that is asked to stop leaves the run as it is; the next one takes it up at its checkpoint.
    if (signal.aborted) throw error;
    await fail(actor, run, claim, error);
  }
}

// A run that another worker began goes on at its checkpoint, unless what it had staged is gone.
async function takeUp(run: Run, claim: string, reading: Reading): Promise<unknown> {
  const checkpoint = run.checkpoint as {
    cursor: unknown;
    ended: ObservationKind[];
    read: Record<ObservationKind, number>;
    coverage: Record<string, UsageCoverage>;
    invisible: object[];
  } | null;
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
      startedAt: run.startedAt ?? now(),
      heartbeatAt: now(),
      ...(intact ? {} : { checkpoint: {} }),
    },
  });
  return intact ? checkpoint.cursor : undefined;
}

/** The source of an ordinary sync: the connector's own `read`. */
export const readSystem: Source = (connector, context) => {
  if (!connector.read)
    throw new AppError("invalid", `${connector.label} is read from files, not from a live system`, {
      remedy: "Import a file.",
    });
  return connector.read(context);
};

async function read(
  run: Run,
  claim: string,
  source: Source,
  reading: Reading & { cursor: unknown; signal: AbortSignal },
): Promise<void> {
  const connector = connectorOf(run.connection.connector);
  const { settings, secrets } = parseSettings(connector, {
    settings: run.connection.settings as Record<string, unknown>,
    secrets: openSecrets(run.connection.secrets, run.connectionId),
  });
  const { staging, cursor, signal } = reading;
  let toldAt = 0;
  for await (const event of source(connector, { settings, secrets, signal, cursor, now: now() })) {
    if (event.type === "observations") await staging.add(event.items);
    else await note(run, claim, event, reading);
    if (nowMs() - toldAt >= progressEveryMs || nowMs() < toldAt) {
      toldAt = nowMs();
      await tell(run.id, claim, reading);
    }
  }
  await staging.flushAll();
  await tell(run.id, claim, reading);
}

async function note(
  run: Run,
  claim: string,
  event: Exclude<ReadEvent, { type: "observations" }>,
  reading: Reading,
): Promise<void> {
  if (event.type === "ended") reading.ended.add(event.kind);
  else if (event.type === "problem") reading.staging.problem(event.message, event.object ?? null, event.remedy ?? null);
  else if (event.type === "coverage") reading.coverage[event.coverage.subject] = event.coverage;
  else if (event.type === "invisible")
    reading.invisible.push({ what: event.what, because: event.because, remedy: event.remedy });
  else {
    await reading.staging.flushAll();
    const checkpoint = {
      cursor: event.cursor ?? null,
      ended: [...reading.ended],
      read: reading.staging.read,
      coverage: reading.coverage,
      invisible: reading.invisible,
    };
    await db().syncRun.updateMany({ where: { id: run.id, claim }, data: { checkpoint: json(checkpoint) } });
  }
}

async function tell(runId: string, claim: string, { staging, ended }: Reading): Promise<void> {
  const { count } = await db().syncRun.updateMany({
    where: { id: runId, claim, state: "reading" },
    data: {
      heartbeatAt: now(),
      progress: { read: { ...staging.read }, ended: [...ended] },
      problems: json(staging.problems),
      problemCount: staging.problemCount,
    },
  });
  if (count === 0) throw new AppError("conflict", "this sync was taken over or ended by somebody else");
}

async function settle(actor: Actor, run: Run, claim: string, reading: Reading): Promise<void> {
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
          data: { state: "paused", brake, checkpoint: json({ ended: [...reading.ended], ...facts }) },
        });
        await tx.connection.update({ where: { id: run.connectionId }, data: { status: "paused", nextSyncAt: null } });
        await record(tx, actor, {
          action: "sync.paused",
          target: { type: "connection", id: connection.id, name: connection.name },
          outcome: "failed",
          details: { runId: run.id, brake },
        });
        return;
      }
      await apply(tx, actor, { run, ended: reading.ended, staging: reading.staging, ...facts });
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
export async function apply(
  tx: Tx,
  actor: Actor,
  { run, ended, staging, coverage, visibility }: Applied,
): Promise<void> {
  const at = now();
  const { connection } = run;
  await tx.connection.update({
    where: { id: connection.id },
    data: { coverage: json(coverage), visibility: json(visibility) },
  });
  const result = await reconcile(
    tx,
    {
      runId: run.id,
      connectionId: run.connectionId,
      at,
      problem: (message, object) => staging.problem(message, object),
    },
    ended,
  );
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
      problems: json(staging.problems),
      problemCount: staging.problemCount,
      claim: null,
    },
  });
  // A system that has not changed leaves no event; the run itself is in the connection's history.
  if (isUnchanged(result)) return;
  await record(tx, actor, {
    action: "sync.finished",
    target: { type: "connection", id: connection.id, name: connection.name },
    details: { runId: run.id, result },
  });
}

async function fail(actor: Actor, run: Run, claim: string, error: unknown): Promise<void> {
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
    if (failures === alertAfterFailures)
      await record(tx, actor, {
        action: "connection.alerted",
        target,
        outcome: "failed",
        details: { failuresInRow: failures, ...shown },
      });
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

/** The connector of this name. @throws AppError `invalid` */
export function connectorOf(name: string): Connector {
  const connector = connectorNamed(name);
  if (!connector)
    throw new AppError("invalid", `there is no connector “${name}”`, {
      field: "connector",
      remedy: "Choose one of the connectors that this version has.",
    });
  return connector;
}

function json(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "\\ufffd"));
}
