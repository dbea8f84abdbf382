import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": path.resolve(import.meta.dirname) } },
  test: {
    include: ["{lib,bin,worker,app,components,bench}/**/*.test.{ts,tsx}"],
    globalSetup: ["lib/db/test-server.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Real servers and processes, on a machine that may have other work: what hangs ends, what is slow passes.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Of itself a poll gives up after one second.
    expect: { poll: { timeout: 120_000 } },
    env: { LOG_LEVEL: "silent", TZ: "UTC" },
  },
});
