import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { enqueue } from "./enqueue";
import { announceWorker, countLiveWorkers, unlockDeadWorkers } from "./live-workers";
import { runWorker, type Tasks } from "./run-worker";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const connectionId = "00000000-0000-7000-8000-000000000001";

test("a job that was ordered in a committed transaction runs, with its payload parsed", async () => {
  const ran = startWorker((seen) => ({
    "refresh-facts": async (payload, { attempt }) => seen({ ...payload, attempt }),
  }));
  await transaction((tx) => enqueue(tx, "refresh-facts", { connectionId }));
  expect(await ran.first).toEqual({ connectionId, attempt: 1 });
  await ran.stop();
});

test("a job whose payload does not fit fails without reaching its command", async () => {
  const ran = startWorker((seen) => ({ "refresh-facts": async (payload) => seen(payload) }));
  await rows("select graphile_worker.add_job('refresh-facts', '{\"connectionId\": 7}'::json, max_attempts := 1)");
  await transaction((tx) => enqueue(tx, "refresh-facts", { connectionId: null }));
  expect(await ran.first).toEqual({ connectionId: null });
  await ran.stop();
  const [failed] = await rows<{ last_error: string }>("select last_error from graphile_worker.jobs");
  expect(failed?.last_error).toContain("connectionId");
  await rows("delete from graphile_worker._private_jobs");
});

test("jobs of a dead worker are given back, those of a live one are not", async () => {
  const live = announceWorker("worker-that-lives");
  await expect.poll(countLiveWorkers).toBe(1);
  await transaction((tx) => enqueue(tx, "keep-house", {}, { key: "dead" }));
  await transaction((tx) => enqueue(tx, "keep-house", {}, { key: "live" }));
  await rows(
    "update graphile_worker._private_jobs set locked_at = now(), locked_by = 'worker-that-' || case key when 'dead' then 'died' else 'lives' end",
  );
  expect(await unlockDeadWorkers(10)).toEqual(["worker-that-died"]);
  const locked = await rows<{ key: string }>("select key from graphile_worker.jobs where locked_by is not null");
  expect(locked).toEqual([{ key: "live" }]);
  await live.close();
  await expect.poll(countLiveWorkers).toBe(0);
  await rows("delete from graphile_worker._private_jobs");
});

test("a worker that loses all its connections takes its lock anew and goes on", async () => {
  const ran = startWorker((seen) => ({ "refresh-facts": async (payload) => seen(payload) }));
  await expect.poll(countLiveWorkers).toBe(1);
  await rows(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await transaction((tx) => enqueue(tx, "refresh-facts", { connectionId }));
  expect(await ran.first).toEqual({ connectionId });
  await expect.poll(countLiveWorkers).toBe(1);
  await ran.stop();
});

function startWorker(tasks: (seen: (what: unknown) => void) => Tasks) {
  const stopping = new AbortController();
  let seen: (what: unknown) => void = () => undefined;
  const first = new Promise<unknown>((resolve) => {
    seen = resolve;
  });
  const done = runWorker({
    tasks: tasks((what) => seen(what)),
    eachMinute: [],
    concurrency: 2,
    signal: stopping.signal,
  });
  return {
    first,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
