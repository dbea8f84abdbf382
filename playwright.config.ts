import { defineConfig, devices } from "@playwright/test";

const port = Number(process.env.E2E_PORT ?? 4310);

// One product, built and started as a user would, for all journeys; the first of them signs in by the one-time link.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/browser",
  globalSetup: "./e2e/start-once.ts",
  workers: 1,
  fullyParallel: false,
  // A second try tells a slow machine from a broken promise; what needed one is named in the report.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  // Beside other work a page takes longer than the five seconds of the default to answer a press.
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://localhost:${port}`,
    trace: "retain-on-failure",
    launchOptions: {
      ...(process.env.CHROMIUM ? { executablePath: process.env.CHROMIUM } : {}),
      args: [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    },
  },
  projects: [
    { name: "first start", testMatch: "first-start.spec.ts" },
    {
      name: "journeys",
      testIgnore: "first-start.spec.ts",
      dependencies: ["first start"],
      use: { storageState: "test-results/administrator.json" },
    },
  ],
});
