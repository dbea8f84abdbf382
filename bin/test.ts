import { spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { rootFolder } from "@/lib/env";
import { messageOf } from "@/lib/errors";
import { buildProduct, isBuildCurrent } from "@/lib/operations/build-product";
import { nowMs } from "@/lib/time";
import { findChromium, findDirectories, findPostgres15 } from "./test-needs";

// `npm test`: everything that must hold before a change lands, in the order in which it fails fastest.
type Counts = { passed: number; failed: number; skipped: string[] };

const root = rootFolder();
const reports = path.join(root, "test-results");
const say = (line: string) => void process.stdout.write(`${line}\n`);
const bin = (name: string, file: string) => path.join(root, "node_modules", name, file);
const parts = { check, unit, e2e } as const;
const startedAtMs = nowMs();

async function main(args: string[]): Promise<number> {
  const only = args[0] === "--only" ? args[1] : undefined;
  const rest = args[0] === "--only" ? args.slice(2) : args;
  if (only !== undefined && !Object.hasOwn(parts, only)) {
    process.stderr.write(`npm test: there is no part "${only}"; there are: ${Object.keys(parts).join(", ")}\n`);
    return 2;
  }
  await mkdir(reports, { recursive: true });
  const total: Counts = { passed: 0, failed: 0, skipped: [] };
  for (const [name, run] of Object.entries(parts)) {
    if (only !== undefined && name !== only) continue;
    const counts = await run(rest).catch((error): Counts => {
      say(messageOf(error));
      return { passed: 0, failed: 1, skipped: [] };
    });
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped.push(...counts.skipped);
  }
  return report(total);
}

function report({ passed, failed, skipped }: Counts): number {
  for (const title of skipped) say(`skipped: ${title}`);
  // Whoever lands a change on the strength of a green run must know that everything ran.
  const missing = process.env.CI ? skipped.filter((title) => !title.includes("sample data")) : [];
  for (const title of missing) say(`Nothing may be skipped here: ${title}`);
  const all = failed + missing.length;
  say(`Took ${Math.round((nowMs() - startedAtMs) / 1_000)} s.`);
  say(`${passed} passed, ${all} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`);
  return all > 0 ? 1 : 0;
}

async function check(): Promise<Counts> {
  const steps: [string, string[]][] = [
    ["route types", [bin("next", "dist/bin/next"), "typegen"]],
    ["format and lint", [bin("@biomejs/biome", "bin/biome"), "ci", "."]],
    ["types", [bin("typescript", "bin/tsc"), "--noEmit"]],
    [
      "architecture",
      [bin("dependency-cruiser", "bin/dependency-cruise.mjs"), "app", "components", "lib", "worker", "bin"].concat(
        "--config",
        ".dependency-cruiser.cjs",
      ),
    ],
  ];
  const counts: Counts = { passed: 0, failed: 0, skipped: [] };
  for (const [name, args] of steps) {
    say(`\n== ${name}`);
    if ((await node(args)) === 0) counts.passed++;
    else counts.failed++;
  }
  return counts;
}

async function unit(args: string[]): Promise<Counts> {
  say("\n== unit and integration");
  const postgres = findPostgres15();
  if (!postgres.path) say(postgres.remedy);
  const directories = findDirectories();
  if (!directories.path) say(directories.remedy);
  const file = path.join(reports, "unit.json");
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await node([bin("vitest", "vitest.mjs"), "run", ...reporters, ...args]);
  return atLeastOneFailure(code, countUnit(await readFile(file, "utf8").catch(() => null)));
}

async function e2e(args: string[]): Promise<Counts> {
  say("\n== build");
  if (await isBuildCurrent(root)) say("The build is current.");
  else await buildProduct(root, path.join(reports, "build.log"));
  say("\n== browser");
  const chromium = findChromium();
  if (!chromium.path) throw new Error(chromium.remedy);
  const file = path.join(reports, "browser.json");
  await rm(file, { force: true });
  const code = await node([bin("@playwright/test", "cli.js"), "test", "--reporter=list,json", ...args], {
    CHROMIUM: chromium.path,
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
  });
  return atLeastOneFailure(code, countBrowser(await readFile(file, "utf8").catch(() => null)));
}

// A run that fails outside any test (a suite that does not load, a server that does not start) counts as one.
function atLeastOneFailure(code: number, counts: Counts): Counts {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

const unitReport = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })),
});

function countUnit(text: string | null): Counts {
  if (text === null) return { passed: 0, failed: 0, skipped: [] };
  const results = unitReport.parse(JSON.parse(text)).testResults.flatMap((file) => file.assertionResults);
  const titles = (wanted: (status: string) => boolean) =>
    results.filter((result) => wanted(result.status)).map((result) => result.fullName);
  return {
    passed: titles((status) => status === "passed").length,
    failed: titles((status) => status === "failed").length,
    skipped: titles((status) => status !== "passed" && status !== "failed"),
  };
}

const browserReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

function countBrowser(text: string | null): Counts {
  if (text === null) return { passed: 0, failed: 0, skipped: [] };
  const { expected, unexpected, flaky, skipped } = browserReport.parse(JSON.parse(text)).stats;
  if (flaky > 0) say(`${flaky} browser tests passed at the second try only; their names are in the list above.`);
  return {
    passed: expected + flaky,
    failed: unexpected,
    skipped: Array.from({ length: skipped }, () => "a browser test (its name is in the list above)"),
  };
}

function node(args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
