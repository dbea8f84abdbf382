import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { readDestinations } from "../audit/destination-queries";
import { pool, rows } from "../db/client";
import { countLiveWorkers } from "../jobs/live-workers";
import type { EndedJob } from "../jobs/run-worker";
import { measureClocks } from "../offboarding/clock-queries";
import { clockStandings } from "../offboarding/clock-standing";
import { secondMs } from "../time";

type Metrics = { registry: Registry; requests: Counter; durations: Histogram; jobs: Histogram };

// Next.js may load this module once for each of its bundles; the figures are the process's.
const kept = globalThis as typeof globalThis & { rollcallMetrics?: Metrics };

/** Counts one answered request. `route` has no ids in it. */
export function observeRequest(request: { method: string; route: string; status: number; seconds: number }): void {
  const labels = { method: request.method, route: request.route, status: String(request.status) };
  const { requests, durations } = metrics();
  requests.inc(labels);
  durations.observe({ method: labels.method, route: labels.route }, request.seconds);
}

/** Counts one job that ended in this process. */
export function observeJob({ name, outcome, seconds }: EndedJob): void {
  metrics().jobs.observe({ job: name, outcome }, seconds);
}

/** The figures of this process alone, in the text format of Prometheus. */
export async function renderProcessMetrics(): Promise<{ text: string; contentType: string }> {
  const { registry } = metrics();
  return { text: await registry.metrics(), contentType: registry.contentType };
}

/**
 * Everything in the text format of Prometheus: the figures of this process, and those of the whole installation, which
 * are read from the database and therefore the same from every web process. Without the database, the former only and
 * `rollcall_database_up 0`.
 */
export async function renderMetrics(): Promise<{ text: string; contentType: string }> {
  const { registry } = metrics();
  const shared = new Registry();
  await measureInstallation(shared);
  return { text: `${await registry.metrics()}\n${await shared.metrics()}`, contentType: registry.contentType };
}

function metrics(): Metrics {
  kept.rollcallMetrics ??= makeMetrics();
  return kept.rollcallMetrics;
}

function makeMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "rollcall_" });
  const connections = gauge(registry, "rollcall_database_pool_connections", "Connections of this process, by state", [
    "state",
  ]);
  connections.reset();
  Object.assign(connections, {
    collect() {
      const { totalCount, idleCount, waitingCount } = pool();
      connections.set({ state: "busy" }, totalCount - idleCount);
      connections.set({ state: "idle" }, idleCount);
      connections.set({ state: "waited for" }, waitingCount);
    },
  });
  return {
    registry,
    requests: new Counter({
      name: "rollcall_http_requests_total",
      help: "Answered requests",
      labelNames: ["method", "route", "status"],
      registers,
    }),
    durations: new Histogram({
      name: "rollcall_http_request_duration_seconds",
      help: "From the first byte of the request to the last of the answer",
      labelNames: ["method", "route"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    jobs: new Histogram({
      name: "rollcall_job_duration_seconds",
      help: "How long a job ran in this process, by name and outcome",
      labelNames: ["job", "outcome"],
      buckets: [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 1_800],
      registers,
    }),
  };
}

async function measureInstallation(shared: Registry): Promise<void> {
  const up = gauge(shared, "rollcall_database_up", "1 when the database answers");
  try {
    await measureJobs(shared);
    await measureSyncs(shared);
    await measureRecord(shared);
    await measureLeavings(shared);
    up.set(1);
  } catch {
    // Away or too slow to count: that is what the gauge says, and the rest of the page still has its worth.
    up.set(0);
  }
}

async function measureJobs(shared: Registry): Promise<void> {
  const jobs = gauge(shared, "rollcall_jobs", "Jobs by name and state", ["job", "state"]);
  const oldest = gauge(shared, "rollcall_job_oldest_due_seconds", "How long the job that is due longest has waited");
  gauge(shared, "rollcall_workers", "Workers that are alive").set(await countLiveWorkers());
  const counted = await rows<{ job: string; state: string; count: number }>(
    `select task_identifier as job, count(*)::int as count, case when locked_at is not null then 'running'
       when attempts >= max_attempts then 'failed' when attempts > 0 then 'retrying' else 'waiting' end as state
     from graphile_worker.jobs group by 1, 3`,
  );
  for (const { job, state, count } of counted) jobs.set({ job, state }, count);
  const [due] = await rows<{ seconds: number | null }>(
    `select extract(epoch from now() - min(run_at))::float8 as seconds from graphile_worker.jobs
     where locked_at is null and attempts < max_attempts and run_at <= now()`,
  );
  oldest.set(due?.seconds ?? 0);
}

async function measureSyncs(shared: Registry): Promise<void> {
  const age = gauge(shared, "rollcall_sync_last_read_age_seconds", "Since a connection was last read whole", [
    "connection",
  ]);
  const failures = gauge(shared, "rollcall_sync_failures_in_row", "Reads that failed one after another", [
    "connection",
  ]);
  const duration = gauge(shared, "rollcall_sync_last_duration_seconds", "How long the last finished read took", [
    "connection",
    "state",
  ]);
  const read = await rows<{ name: string; age: number | null; failures: number }>(
    `select name, extract(epoch from now() - last_read_at)::float8 as age, failures_in_row as failures
     from connections where removed_at is null`,
  );
  for (const { name, age: seconds, failures: count } of read) {
    if (seconds !== null) age.set({ connection: name }, seconds);
    failures.set({ connection: name }, count);
  }
  const runs = await rows<{ name: string; state: string; seconds: number }>(
    `select c.name, run.state, extract(epoch from run.finished_at - run.started_at)::float8 as seconds
     from connections c cross join lateral (
       select state, started_at, finished_at from sync_runs
       where connection_id = c.id and finished_at is not null and started_at is not null
       order by created_at desc limit 1) run
     where c.removed_at is null`,
  );
  for (const { name, state, seconds } of runs) duration.set({ connection: name, state }, seconds);
}

async function measureRecord(shared: Registry): Promise<void> {
  const [log] = await rows<{ waiting: number; size: string; signed: string; age: number | null }>(
    `select (select count(*)::int from audit_intake) as waiting,
       (select coalesce(max(position), 0) from audit_sequence) as size, coalesce(max(size), 0) as signed,
       extract(epoch from now() - max(signed_at))::float8 as age
     from (select size, signed_at from audit_checkpoints order by size desc limit 1) newest`,
  );
  gauge(shared, "rollcall_audit_events_waiting", "Events that have no place in the log yet").set(log?.waiting ?? 0);
  gauge(shared, "rollcall_audit_events", "Events in the log").set(Number(log?.size ?? 0));
  gauge(shared, "rollcall_audit_events_signed", "Events under a signed checkpoint").set(Number(log?.signed ?? 0));
  if (log && log.age !== null)
    gauge(shared, "rollcall_audit_checkpoint_age_seconds", "Since the newest checkpoint was signed").set(log.age);
  await measureRestorations(shared);
  const failing = gauge(shared, "rollcall_audit_destination_failures_in_row", "Tries that failed one after another", [
    "destination",
    "kind",
  ]);
  const behind = gauge(shared, "rollcall_audit_destination_behind", "Checkpoints or events that have not arrived", [
    "destination",
    "kind",
  ]);
  for (const { name: destination, kind, failuresInRow, behind: missing } of await readDestinations()) {
    failing.set({ destination, kind }, failuresInRow);
    behind.set({ destination, kind }, missing);
  }
}

async function measureRestorations(shared: Registry): Promise<void> {
  const [found] = await rows<{ unseen: number; waiting: number; failed: number }>(
    `select (select count(*)::int from restorations where seen_at is null) as unseen,
       count(*) filter (where e.state = 'waiting')::int as waiting, count(*) filter (where e.state = 'failed')::int as failed
     from restored_endings e join restorations r on r.id = e.restoration_id where r.seen_at is null`,
  );
  gauge(
    shared,
    "rollcall_restorations_unseen",
    "Times the database was older than its journal, seen by nobody yet",
  ).set(found?.unseen ?? 0);
  const endings = gauge(shared, "rollcall_restored_endings", "Of those, what is not taken back again, by state", [
    "state",
  ]);
  endings.set({ state: "waiting" }, found?.waiting ?? 0);
  endings.set({ state: "failed" }, found?.failed ?? 0);
}

async function measureLeavings(shared: Registry): Promise<void> {
  const runs = gauge(shared, "rollcall_offboarding_runs", "Leavings of 90 days, by how a clock stands to its target", [
    "kind",
    "clock",
    "standing",
  ]);
  const seconds = gauge(shared, "rollcall_offboarding_seconds", "How long it took, of what is proven in 90 days", [
    "kind",
    "clock",
    "quantile",
  ]);
  const target = gauge(shared, "rollcall_offboarding_target_seconds", "How soon it is wanted", ["kind", "clock"]);
  for (const { kind, clock, targetMs, p50Ms, p95Ms, ...counted } of await measureClocks()) {
    for (const standing of clockStandings) runs.set({ kind, clock, standing }, counted[standing]);
    if (p50Ms !== null) seconds.set({ kind, clock, quantile: "0.5" }, p50Ms / secondMs);
    if (p95Ms !== null) seconds.set({ kind, clock, quantile: "0.95" }, p95Ms / secondMs);
    target.set({ kind, clock }, targetMs / secondMs);
  }
}

function gauge<Label extends string>(registry: Registry, name: string, help: string, labelNames: Label[] = []) {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}
