import { setTimeout as wait } from "node:timers/promises";
import { carryRecord } from "@/lib/audit/carry-record";
import { sequenceEvents } from "@/lib/audit/sequence-events";
import { signCheckpoint } from "@/lib/audit/sign-checkpoint";
import { system } from "@/lib/auth/actor";
import { env } from "@/lib/env";
import { AppError, messageOf } from "@/lib/errors";
import { refreshStaleFacts } from "@/lib/inventory/stale-facts";
import { runWorker } from "@/lib/jobs/run-worker";
import type { JobName } from "@/lib/jobs/schema";
import { log } from "@/lib/log";
import { observeJob } from "@/lib/operations/metrics";
import { serveMetrics } from "@/lib/operations/serve-metrics";
import { loadPolicies } from "@/lib/policies/load-policies";
import { tellPeople } from "@/lib/requests/tell-people";
import { catchUp, keepCaughtUp } from "@/lib/restoration/catch-up";
import { secondMs } from "@/lib/time";
import { accessTasks, deliveryTasks, leavingTasks, tasks } from "./tasks";

// The door that time uses: takes jobs from the database, and gives waiting events their place in the record.
process.env.ROLLCALL_PART ??= "worker";
const sequenceEveryMs = 200;
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
  });
}
process.on("unhandledRejection", (error) => log().error({ err: error }, "a promise was rejected and nobody listened"));

const deliveries = { tasks: deliveryTasks, eachMinute: [], concurrency: 8, as: "hand" as const };
const accessEachMinute: JobName[] = ["watch-grants", "watch-requests", "watch-offboardings"];
// One runner for both: each holds two connections of the pool for as long as it lives. Its hands mostly wait for systems;
// one that hangs keeps ten of them at most, by its lanes.
const access = {
  tasks: { ...accessTasks, ...leavingTasks },
  eachMinute: accessEachMinute,
  as: "hand" as const,
};

try {
  const { HOST, WORKER_METRICS_PORT, WORKER_ACCESS_HANDS } = env();
  if (WORKER_METRICS_PORT) await serveMetrics(HOST, WORKER_METRICS_PORT);
  // Before the first minute is over, and while the database may still be coming up.
  const loaded = loadPolicies(system("worker")).catch((error) =>
    log().warn({ err: error }, "the policies were not loaded"),
  );
  // Jobs of an older database would give what was taken back since: first that is taken back again.
  await catchUp(system("worker"), stopping.signal);
  await Promise.all([
    runWorker({ tasks, eachMinute: eachMinute(), concurrency: 4, signal: stopping.signal, observe: observeJob }),
    runWorker({ ...deliveries, signal: stopping.signal, observe: observeJob }),
    runWorker({ ...access, concurrency: WORKER_ACCESS_HANDS, signal: stopping.signal, observe: observeJob }),
    loaded,
    keepRecord(stopping.signal),
    carryEachSecond(stopping.signal),
    followEachSecond(stopping.signal),
    keepCaughtUp(system("worker"), stopping.signal),
  ]);
  process.exit(0);
} catch (error) {
  process.stderr.write(`rollcall worker: ${messageOf(error)}\n`);
  if (error instanceof AppError && error.remedy) process.stderr.write(`${error.remedy}\n`);
  process.exit(1);
}

function eachMinute(): JobName[] {
  const wanted: JobName[] = ["start-due-syncs", "keep-house", "load-policies"];
  return wanted.filter((name) => name in tasks);
}

// Several times a second, so that an event is in the tree within one; looking when nothing waits is one small question.
async function keepRecord(signal: AbortSignal): Promise<void> {
  for (let said = ""; !signal.aborted; ) {
    await sequenceEvents().catch((error) => log().debug({ err: error }, "events keep waiting for their place"));
    const trouble = await signCheckpoint().then(() => "", messageOf);
    if (trouble !== said && trouble !== "") log().error({ trouble }, "the record is not signed");
    said = trouble;
    await wait(sequenceEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

// Not one turn after another: a place that hangs keeps its own turn open, and the others have theirs meanwhile.
async function carryEachSecond(signal: AbortSignal): Promise<void> {
  const turns = new Set<Promise<void>>();
  while (!signal.aborted) {
    const turn = carryRecord(system("worker"), signal)
      .catch((error) => log().warn({ err: error }, "the record waits to be carried outside the database"))
      .finally(() => turns.delete(turn));
    turns.add(turn);
    await wait(secondMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(turns);
}

async function followEachSecond(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await tellPeople(system("worker")).catch((error) => log().warn({ err: error }, "people wait to be told"));
    await refreshStaleFacts(system("worker")).catch((error) => log().warn({ err: error }, "kept facts are behind"));
    await wait(secondMs, undefined, { signal }).catch(() => undefined);
  }
}
