import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { postgresql } from "../connectors/postgresql/connector";
import { guardCommits, isDatabaseAway, rows } from "../db/client";
import { activateGrant } from "../grants/activate-grant";
import { compareGrants } from "../grants/compare-grants";
import { convergeAccess } from "../grants/converge-access";
import { convergeCredential } from "../grants/converge-credential";
import { endDueGrant } from "../grants/end-due-grant";
import { type JobName, jobs } from "../jobs/schema";
import { ownTime } from "../time";
import { settleRequest } from "./settle-request";
import { worker } from "./test-world";

// For tests: a worker whose jobs are taken one by one, and that dies or falls asleep between any two of its steps. A step
// is a call of a connector's verb or a commit of ours; to die is to do nothing more, not even to say that it failed.

/**
 * What becomes of a worker at its `at`th point, or at the point of that name: killed there, stopped and woken later, or cut off from our
 * database before it commits. */
export type Fate = { at: number | string; end: "die" | "sleep" | "cut" };

/** A worker that sleeps in the middle of a job. `wake` lets it go on to the job's end. */
export type Sleeper = { point: string; wake(): Promise<void> };

/** How a job went: to its end, to its death at a point, or to sleep. `points` are those that it passed. */
export type Went = { task: JobName; points: string[]; died: string | null; asleep: Sleeper | null };

type Walk = { points: string[]; fate: Fate | null; stop: AbortController; fellAsleep(point: string): Promise<void> };

const walks = new AsyncLocalStorage<Walk>();

class Died extends Error {}

const verbs = [
  "grant",
  "revoke",
  "revokeAll",
  "readBack",
  "endSessions",
  "issue",
  "withdraw",
  "readBackIssued",
] as const;

// The verbs of the real connector, with a point before and after each.
for (const verb of verbs) {
  const connector = postgresql as unknown as Record<string, ((...given: unknown[]) => Promise<unknown>) | undefined>;
  const real = connector[verb];
  if (!real) continue;
  connector[verb] = (...given) => between(verb, () => real(...given));
}

const realTogether = postgresql.together;
postgresql.together = (context, held, work) => {
  if (!realTogether) throw new Error("the connector lost a verb");
  return realTogether(context, held, ({ grant, revoke, readBack, endSessions }) =>
    work({
      grant: (until) => between("grant", () => grant(until)),
      revoke: () => between("revoke", revoke),
      readBack: () => between("readBack", readBack),
      endSessions: () => between("endSessions", endSessions),
    }),
  );
};

async function between<T>(verb: string, work: () => Promise<T>): Promise<T> {
  await reach(`before ${verb}`);
  const answer = await work();
  await reach(`after ${verb}`);
  return answer;
}

async function reach(point: string): Promise<void> {
  const walk = walks.getStore();
  if (!walk) return;
  // What is dead does nothing more.
  if (walk.stop.signal.aborted) throw new Died(point);
  const at = walk.points.push(point) - 1;
  if (walk.fate?.at !== at && walk.fate?.at !== point) return;
  if (walk.fate.end === "sleep" && !point.endsWith("commit")) return walk.fellAsleep(point);
  if (walk.fate.end === "cut") return cutDatabase(point);
  walk.stop.abort();
  throw new Died(point);
}

// As when the server is stopped at once: every session is gone, and what was not committed never was.
async function cutDatabase(point: string): Promise<void> {
  if (!point.endsWith("commit")) return;
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await client.end();
}

type Job = { id: string; task: string; payload: unknown };

/** The jobs that are due by the clock of the test, in the order in which workers take them. */
export function dueJobs(): Promise<Job[]> {
  return kept<Job>(
    `select j.id::text, t.identifier as task, j.payload from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id
     where j.is_available and j.run_at <= greatest(coalesce($1::timestamptz, clock_timestamp()), clock_timestamp()) and t.identifier = any($2::text[])
     order by j.priority, j.run_at, j.id`,
    [ownTime(), Object.keys(tasks)],
  );
}

/** Takes one job, as a worker with that fate. What died is given back to the queue, as the next worker does. */
export async function runJob(job: Job, fate: Fate | null = null): Promise<Went> {
  await kept(
    "update graphile_worker._private_jobs set locked_at = now(), locked_by = 'test', attempts = attempts + 1 where id = $1",
    [job.id],
  );
  const task = job.task as JobName;
  const walk: Walk = { points: [], fate, stop: new AbortController(), fellAsleep: async () => undefined };
  const went: Went = { task, points: walk.points, died: null, asleep: null };
  const asleep = new Promise<void>((fell) => {
    walk.fellAsleep = (point) =>
      new Promise<void>((wake) => {
        went.asleep = { point, wake: () => Promise.resolve(wake()).then(() => done) };
        fell();
      });
  });
  const work = walks.run(walk, () =>
    guardCommits(
      () => reach("commit"),
      () => tasks[task]?.(job.payload, walk.stop.signal) ?? Promise.reject(new Error(`no task ${task}`)),
    ),
  );
  const done: Promise<void> = work.then(
    () => remove(job.id),
    (error) => {
      if (!walk.stop.signal.aborted && !isDatabaseAway(error)) throw error;
      went.died = walk.points.at(-1) ?? null;
      return giveBack(job.id);
    },
  );
  await Promise.race([done, asleep]);
  // Nobody hears of it any more: another worker may take the job.
  if (went.asleep) await giveBack(job.id);
  return went;
}

async function remove(id: string): Promise<void> {
  await kept("delete from graphile_worker._private_jobs where id = $1", [id]);
}

async function giveBack(id: string): Promise<void> {
  await kept(
    "update graphile_worker._private_jobs set locked_at = null, locked_by = null where id = $1 and locked_by = 'test'",
    [id],
  );
}

// A session that was cut a moment ago may still be in the pool: the queue is kept all the same, as its own server would.
async function kept<Row>(sql: string, values: unknown[]): Promise<Row[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await rows<Row>(sql, values);
    } catch (error) {
      if (tries > 10 || !isDatabaseAway(error)) throw error;
    }
  }
}

/** Runs what is due, and what that orders, until nothing is. */
export async function runDue(): Promise<Went[]> {
  const went: Went[] = [];
  for (let [job] = await dueJobs(); job; [job] = await dueJobs()) {
    went.push(await runJob(job));
    if (went.length > 500) throw new Error(`jobs without end: ${went.slice(-5).map((it) => it.task)}`);
  }
  return went;
}

const tasks: Partial<Record<JobName, (payload: unknown, signal: AbortSignal) => Promise<unknown>>> = {
  "activate-grant": (payload) => activateGrant(worker, jobs["activate-grant"].parse(payload)),
  "converge-access": (payload, signal) => convergeAccess(worker, jobs["converge-access"].parse(payload), signal),
  "converge-credential": (payload, signal) =>
    convergeCredential(worker, jobs["converge-credential"].parse(payload), signal),
  "end-grant": (payload) => endDueGrant(worker, jobs["end-grant"].parse(payload)),
  "compare-grants": (payload, signal) => compareGrants(worker, jobs["compare-grants"].parse(payload), signal),
  "settle-request": (payload) => settleRequest(worker, jobs["settle-request"].parse(payload)),
};
