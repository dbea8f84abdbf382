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
    run_at := ${timing.runAt ?? null}::timestamptz, max_attempts := ${timing.maxAttempts ?? 25}::int,
    job_key := ${timing.key ?? null}::text, priority := ${timing.priority ?? 0}::int)`;
}
