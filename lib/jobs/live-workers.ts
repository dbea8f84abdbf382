import { setTimeout as wait } from "node:timers/promises";
import type { PoolClient } from "pg";
import { pool, rows } from "../db/client";
import { log } from "../log";

// First half of the lock's key; the second is the worker's name, hashed. No other lock of the product uses them.
const locks = { worker: 1_380_927_308, hand: 1_380_927_309 } as const;

/** A worker, or a hand: jobs that a worker's process takes apart from the others. Only workers are counted. */
export type WorkerKind = keyof typeof locks;

/** A worker's claim to be alive; it ends with `close`, or with the process. */
export type Announcement = { close(): Promise<void> };

/**
 * Says that the worker `name` is alive, by a lock that PostgreSQL itself drops when the process or its connection dies.
 * A connection that breaks is replaced, and the lock taken anew.
 */
export function announceWorker(name: string, as: WorkerKind = "worker"): Announcement {
  const closing = new AbortController();
  const done = hold(name, as, closing.signal);
  return {
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

async function hold(name: string, as: WorkerKind, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await holdOnce(name, as, signal);
    } catch (error) {
      log().debug({ err: error }, "the worker's lock was lost");
    }
    if (!signal.aborted) await wait(250, undefined, { signal }).catch(() => undefined);
  }
}

async function holdOnce(name: string, as: WorkerKind, signal: AbortSignal): Promise<void> {
  const client = await pool().connect();
  try {
    await client.query("select pg_advisory_lock($1, hashtext($2))", [locks[as], name]);
    await untilEnd(client, signal);
  } finally {
    // Never back into the pool: the lock belongs to the connection.
    client.release(true);
  }
}

function untilEnd(client: PoolClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    client.once("error", () => resolve());
    client.once("end", () => resolve());
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const liveLocks = `select classid, objid from pg_locks
  where locktype = 'advisory' and objsubid = 2 and classid in (${locks.worker}::oid, ${locks.hand}::oid) and granted
    and database = (select oid from pg_database where datname = current_database())`;

/** How many workers are alive. */
export async function countLiveWorkers(): Promise<number> {
  const [row] = await rows<{ workers: number }>(
    `select count(*)::int as workers from (${liveLocks}) live where classid = ${locks.worker}::oid`,
  );
  return row?.workers ?? 0;
}

/**
 * Gives back the jobs of workers that are dead; without this they would stay locked for hours. A worker counts as dead
 * when it is seen without its lock twice, `graceMs` apart: one that has just lost its connection takes the lock anew
 * within that time.
 * @returns the names of the dead.
 */
export async function unlockDeadWorkers(graceMs = 2_000): Promise<string[]> {
  const suspects = await holdersWithoutLock();
  if (suspects.length === 0) return [];
  await wait(graceMs);
  const still = new Set(await holdersWithoutLock());
  const dead = suspects.filter((name) => still.has(name));
  if (dead.length > 0) await rows("select graphile_worker.force_unlock_workers($1::text[])", [dead]);
  return dead;
}

async function holdersWithoutLock(): Promise<string[]> {
  const found = await rows<{ name: string }>(
    `select holder.name from (
       select locked_by as name from graphile_worker._private_jobs where locked_by is not null
       union select locked_by from graphile_worker._private_job_queues where locked_by is not null) holder
     where (hashtext(holder.name)::bigint & 4294967295)::oid not in (select objid from (${liveLocks}) live)`,
  );
  return found.map((row) => row.name);
}
