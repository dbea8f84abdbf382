import { afterAll, beforeAll, expect, test } from "vitest";
import { transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { enqueue } from "../jobs/enqueue";
import { runWorker } from "../jobs/run-worker";
import { observeJob } from "./metrics";
import { type MetricsServer, serveMetrics } from "./serve-metrics";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: MetricsServer;
beforeAll(async () => {
  database = await freshDatabase();
  server = await serveMetrics("127.0.0.1", 0);
});
afterAll(async () => {
  server.close();
  await database.drop();
});

const read = (path = "/metrics", headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { headers });

test("a worker tells how long its jobs took, those that failed apart from those that were done", async () => {
  const stopping = new AbortController();
  const working = runWorker({
    tasks: {
      "keep-house": async () => undefined,
      "refresh-facts": async () => {
        throw new Error("the test says so");
      },
    },
    eachMinute: [],
    concurrency: 1,
    signal: stopping.signal,
    observe: observeJob,
  });
  await transaction(async (tx) => {
    await enqueue(tx, "keep-house", {});
    await enqueue(tx, "refresh-facts", { connectionId: null }, { maxAttempts: 1 });
  });
  const text = async () => (await read()).text();
  await expect.poll(text).toContain('rollcall_job_duration_seconds_count{job="keep-house",outcome="done"} 1');
  await expect.poll(text).toContain('rollcall_job_duration_seconds_count{job="refresh-facts",outcome="failed"} 1');
  expect(await text()).toContain("rollcall_process_resident_memory_bytes");
  stopping.abort();
  await working;
});

test("its figures are for the bearer of the token, or for this machine alone, and nothing else is there", async () => {
  expect((await read("/metrics", { "x-forwarded-for": "198.51.100.7" })).status).toBe(401);
  expect((await read("/")).status).toBe(404);
  process.env.METRICS_TOKEN = "a-token-of-some-length";
  resetEnv();
  expect((await read()).status).toBe(401);
  expect((await read("/metrics", { authorization: "Bearer a-token-of-some-length" })).status).toBe(200);
  delete process.env.METRICS_TOKEN;
  resetEnv();
});

test("a port that is taken is no end of the worker", async () => {
  const second = await serveMetrics("127.0.0.1", server.port);
  expect(second.port).toBe(0);
  expect((await read()).status).toBe(200);
});
