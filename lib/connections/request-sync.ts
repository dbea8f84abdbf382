import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { connectorNamed } from "../connectors/registry";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { now, plus, secondMs } from "../time";
import { connectorOf } from "./connector-of";
import { connectionRef } from "./schema";

/**
 * Orders a sync. One that waits or runs already is the answer; one that the brake has paused must be decided first.
 * @throws AppError `not_found`, `conflict`, `forbidden`
 */
export async function requestSync(actor: Actor, input: { id: string }): Promise<{ runId: string }> {
  const { id } = connectionRef.parse(input);
  await authorize(actor, "connection:sync", { type: "connection", id });
  return transaction(async (tx) => {
    const connection = await tx.connection.findFirst({ where: { id, removedAt: null } });
    if (!connection) throw new AppError("not_found", "There is no such connection.");
    if (!connectorOf(connection.connector).read) {
      throw new AppError("conflict", `${connection.name} is read from files`, { remedy: "Import a newer file." });
    }
    return { runId: await orderSync(tx, actor, id) };
  });
}

/** Puts a run in place and orders its job, unless one is under way. */
export async function orderSync(tx: Tx, actor: Actor, connectionId: string): Promise<string> {
  // The row lock makes two orders at once follow each other; the second finds the first's run.
  await tx.$executeRaw`select id from connections where id = ${connectionId}::uuid for update`;
  const live = await tx.syncRun.findFirst({
    where: { connectionId, state: { in: ["queued", "reading", "reconciling", "paused"] } },
  });
  if (live?.state === "paused") {
    throw new AppError("conflict", "the brake has paused this connection's last sync", {
      remedy: "Apply or discard that sync first.",
    });
  }
  if (live) return live.id;
  const { id } = await tx.syncRun.create({
    data: { connectionId, state: "queued", requestedBy: actor.name, createdAt: now() },
    select: { id: true },
  });
  await enqueue(tx, "sync-connection", { connectionId, runId: id }, { key: `sync:${connectionId}`, maxAttempts: 100 });
  if (actor.type !== "system") {
    const connection = await tx.connection.findUniqueOrThrow({ where: { id: connectionId }, select: { name: true } });
    await record(tx, actor, {
      action: "sync.requested",
      target: { type: "connection", id: connectionId, name: connection.name },
      details: { runId: id },
    });
  }
  return id;
}

/** Orders a sync of every connection whose time has come. @returns how many. */
export async function startDueSyncs(actor: Actor): Promise<number> {
  await authorize(actor, "connection:sync");
  return transaction(async (tx) => {
    const due = await tx.$queryRaw<{ id: string }[]>`
      select id from connections where removed_at is null and next_sync_at <= ${now()}::timestamptz and status <> 'paused' order by next_sync_at limit 100 for update skip locked`;
    for (const { id } of due) {
      await tx.connection.update({
        where: { id },
        data: { nextSyncAt: plus(now(), 30 * secondMs) },
        select: { id: true },
      });
      await orderSync(tx, actor, id);
    }
    await orderUsage(tx);
    return due.length;
  });
}

// Systems that keep no log of use are looked at each minute, so that short sessions are seen as far as they can be.
async function orderUsage(tx: Tx): Promise<void> {
  const current = await tx.connection.findMany({
    where: { removedAt: null, lastReadAt: { not: null } },
    select: { id: true, connector: true },
  });
  for (const { id, connector } of current) {
    if (connectorNamed(connector)?.usage)
      await enqueue(tx, "take-usage", { connectionId: id }, { key: `take-usage:${id}`, maxAttempts: 1 });
  }
}
