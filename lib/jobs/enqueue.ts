import type { Tx } from "../db/client";
import type { JobName, JobPayload } from "./schema";

export type JobTiming = {
  runAt?: Date;
  /** A second job with this key replaces the one that waits, so that a thing is done once. */
  key?: string;
  /** Lower runs first; revocation is ahead of reading. */
  priority?: number;
  /** Jobs of one queue run one after another. */
  queue?: string;
  maxAttempts?: number;
  /** Where a job with this key waits already for an earlier time, the earlier time stays. */
  sooner?: boolean;
};

/** Orders a job in the transaction that decided it: no commit, no job. A job may run twice and must not mind. */
export async function enqueue<Name extends JobName>(
  tx: Tx,
  name: Name,
  payload: JobPayload<Name>,
  timing: JobTiming = {},
): Promise<void> {
  await tx.$executeRaw`select graphile_worker.add_job(
    ${name}::text, ${JSON.stringify(payload)}::json, queue_name := ${timing.queue ?? null}::text,
    run_at := ${await timeOf(tx, timing)}::timestamptz, max_attempts := ${timing.maxAttempts ?? 25}::int,
    job_key := ${timing.key ?? null}::text, priority := ${timing.priority ?? 0}::int)`;
}

/** Orders many jobs of one name at once. */
export async function enqueueMany<Name extends JobName>(
  tx: Tx,
  name: Name,
  ordered: readonly { payload: JobPayload<Name>; timing: Omit<JobTiming, "sooner"> }[],
): Promise<void> {
  const given = ordered.map(({ payload, timing }) => ({ payload, ...timing, runAt: timing.runAt?.toISOString() }));
  await tx.$executeRaw`select count(graphile_worker.add_job(
      ${name}::text, j->'payload', queue_name := j->>'queue', run_at := (j->>'runAt')::timestamptz,
      max_attempts := coalesce((j->>'maxAttempts')::int, 25), job_key := j->>'key', priority := coalesce((j->>'priority')::int, 0)))
    from json_array_elements(${JSON.stringify(given)}::json) j`;
}

/** Takes back jobs that wait under these keys; one that runs already is not tried again when it fails. */
export async function dropJobs(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.$executeRaw`select count(graphile_worker.remove_job(key)) from unnest(${keys}::text[]) key`;
}

async function timeOf(tx: Tx, { runAt, key, sooner }: JobTiming): Promise<Date | null> {
  if (!sooner || runAt === undefined || key === undefined) return runAt ?? null;
  const [waiting] = await tx.$queryRaw<{ runAt: Date }[]>`
    select run_at as "runAt" from graphile_worker.jobs
    where key = ${key} and locked_at is null and attempts < max_attempts and run_at < ${runAt}::timestamptz`;
  return waiting?.runAt ?? runAt;
}
