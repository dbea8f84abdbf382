import { EventEmitter } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import {
  type CronItem,
  Logger,
  parseCronItems,
  run,
  type Task,
  type TaskList,
  type WorkerEvents,
} from "graphile-worker";
import { type SystemActor, system } from "../auth/actor";
import { pool } from "../db/client";
import { log } from "../log";
import { minuteMs, nowMs, secondMs } from "../time";
import { type Announcement, announceWorker, unlockDeadWorkers, type WorkerKind } from "./live-workers";
import { type JobName, type JobPayload, jobs } from "./schema";

/** What a job is told beside its payload. */
export type JobContext = {
  actor: SystemActor;
  /** Aborted when the worker is asked to stop; a long job ends at its next safe point. */
  signal: AbortSignal;
  attempt: number;
  isLastAttempt: boolean;
};

/** Job name → what it does. A job may run twice and must not mind. */
export type Tasks = { [Name in JobName]?: (payload: JobPayload<Name>, context: JobContext) => Promise<unknown> };

export type WorkerPlan = {
  tasks: Tasks;
  /** Jobs that are ordered each minute, once for all workers together. */
  eachMinute: JobName[];
  concurrency: number;
  /** A hand takes its jobs apart from the worker of the same process, so that neither waits for the other. */
  as?: WorkerKind;
  /** Ends the worker: jobs that run get a moment to finish. */
  signal: AbortSignal;
  /** Told of each job that ended. */
  observe?: (job: EndedJob) => void;
};

/** A job that ran, however it ended. */
export type EndedJob = { name: JobName; outcome: "done" | "failed"; seconds: number };

// After this jobs of a runner that ends are not waited for, and how often those of dead workers are given back.
const patienceMs = 6 * secondMs;
const lookForDeadMs = 5 * secondMs;

/** Takes jobs from the database until `signal` aborts. Outlives the database: it waits, and goes on when that is back. */
export async function runWorker(plan: WorkerPlan): Promise<void> {
  const watch = plan.as === "hand" ? undefined : watchForDeadWorkers(plan.signal);
  for (let waitMs = 250; !plan.signal.aborted; waitMs = Math.min(waitMs * 2, 2_000)) {
    const startedAtMs = nowMs();
    await runOnce(plan).catch((error) => log().warn({ err: error }, "the worker lost the database and will try again"));
    if (nowMs() - startedAtMs > minuteMs) waitMs = 250;
    if (!plan.signal.aborted) await wait(waitMs, undefined, { signal: plan.signal }).catch(() => undefined);
  }
  await watch;
}

async function runOnce(plan: WorkerPlan): Promise<void> {
  const announced: Announcement[] = [];
  const events: WorkerEvents = new EventEmitter();
  events.on("pool:create", ({ workerPool }) => announced.push(announceWorker(workerPool.id, plan.as)));
  const runner = await run({
    pgPool: pool(),
    taskList: taskList(plan),
    parsedCronItems: parseCronItems(plan.eachMinute.map(eachMinute)),
    noHandleSignals: true,
    logger: quietLogger(),
    events,
    // Failing to tell that a job ended must end this runner, not the process: its lock goes, and the job runs again.
    preset: {
      worker: { concurrentJobs: plan.concurrency, pollInterval: 1_000, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
  });
  const stop = () => void runner.stop().catch(() => undefined);
  plan.signal.addEventListener("abort", stop, { once: true });
  if (plan.signal.aborted) stop();
  try {
    await Promise.race([runner.promise, stuck(events, plan.signal)]);
  } finally {
    plan.signal.removeEventListener("abort", stop);
    await Promise.all(announced.map((one) => one.close()));
  }
}

// A runner that lost the database ends once its jobs do, and one that waits for an answer that never comes does not. It is
// left behind: its lock goes, so that its jobs are given to others, and what it may still do is fenced.
function stuck(events: WorkerEvents, stopping: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    events.on("pool:gracefulShutdown", () => {
      const tell = () => stopping.aborted || reject(new Error("jobs did not end after the database was lost"));
      setTimeout(tell, patienceMs).unref();
    });
  });
}

function eachMinute(task: JobName): CronItem {
  return {
    task,
    match: "* * * * *",
    options: { jobKey: task, queueName: task, maxAttempts: 1, backfillPeriod: 0 },
  };
}

function taskList(plan: WorkerPlan): TaskList {
  const names = Object.keys(plan.tasks) as JobName[];
  return Object.fromEntries(names.map((name) => [name, taskOf(name, plan)]));
}

function taskOf<Name extends JobName>(name: Name, { tasks, observe }: WorkerPlan): Task {
  return async (payload, helpers) => {
    const { id, attempts, max_attempts } = helpers.job;
    const startedAtMs = nowMs();
    const facts = { job: name, jobId: id, attempt: attempts };
    const tell = (outcome: EndedJob["outcome"]) => {
      const durationMs = nowMs() - startedAtMs;
      observe?.({ name, outcome, seconds: durationMs / 1_000 });
      return { ...facts, durationMs };
    };
    try {
      await tasks[name]?.(jobs[name].parse(payload) as JobPayload<Name>, {
        actor: system("worker", `job-${id}`),
        signal: helpers.abortSignal ?? new AbortController().signal,
        attempt: attempts,
        isLastAttempt: attempts >= max_attempts,
      });
      log().info(tell("done"), "job done");
    } catch (error) {
      log().error({ ...tell("failed"), err: error }, "job failed");
      throw error;
    }
  };
}

async function watchForDeadWorkers(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const dead = await unlockDeadWorkers().catch(() => []);
    if (dead.length > 0) log().warn({ workers: dead }, "jobs of dead workers were given back");
    await wait(lookForDeadMs, undefined, { signal }).catch(() => undefined);
  }
}

// The library tells of each job in words; the lines above do it in fields.
function quietLogger(): Logger {
  return new Logger(() => (level, message) => {
    if (level === "error" && !message.startsWith("Failed task")) log().warn({ message }, "job queue");
  });
}
