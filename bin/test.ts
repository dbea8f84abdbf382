import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { rootFolder } from "@/lib/env";
import { messageOf } from "@/lib/errors";
import { buildProduct, isBuildCurrent } from "@/lib/operations/build-product";
import { nowMs } from "@/lib/time";
import { findChromium, findDirectories, findPostgres15 } from "./test-needs";
import { type Counts, countBrowser, countUnit, failedFiles, noCounts, readUnitFiles } from "./test-reports";

// `npm test`: everything that must hold before a change lands, in the order in which it fails fastest.
const root = rootFolder();
const reports = path.join(root, "test-results");
const say = (line: string) => void process.stdout.write(`${line}\n`);
const bin = (name: string, file: string) => path.join(root, "node_modules", name, file);
const parts = { check, unit, e2e } as const;
const startedAtMs = nowMs();
// More files than this do not fail because a machine is slow.
const mostTriedAgain = 5;

async function main(args: string[]): Promise<number> {
  const only = args[0] === "--only" ? args[1] : undefined;
  const rest = args[0] === "--only" ? args.slice(2) : args;
  if (only !== undefined && !Object.hasOwn(parts, only)) {
    process.stderr.write(`npm test: there is no part "${only}"; there are: ${Object.keys(parts).join(", ")}\n`);
    return 2;
  }
  await mkdir(reports, { recursive: true });
  const total = noCounts();
  for (const [name, run] of Object.entries(parts)) {
    if (only !== undefined && name !== only) continue;
    const counts = await run(rest).catch((error): Counts => {
      say(messageOf(error));
      return { ...noCounts(), failed: 1, told: [`failed: ${name}`] };
    });
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped.push(...counts.skipped);
    total.told.push(...counts.told);
  }
  return report(total);
}

function report({ passed, failed, skipped, told }: Counts): number {
  for (const line of told) say(line);
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
  const counts = noCounts();
  for (const [name, args] of steps) {
    say(`\n== ${name}`);
    if ((await node(args)) === 0) {
      counts.passed++;
      continue;
    }
    counts.failed++;
    counts.told.push(`failed: ${name}`);
  }
  return counts;
}

async function unit(args: string[]): Promise<Counts> {
  say("\n== unit and integration");
  const postgres = findPostgres15();
  if (!postgres.path) say(postgres.remedy);
  const directories = findDirectories();
  if (!directories.path) say(directories.remedy);
  const first = await runUnit("unit.json", args);
  const failed = failedFiles(first.files);
  // As for the browser: a second try tells a slow machine from a broken promise, and what needed one is named.
  const canTry = failed.every((file) => file.name.endsWith(".test.ts") || file.name.endsWith(".test.tsx"));
  const again = process.env.CI && canTry && failed.length > 0 && failed.length <= mostTriedAgain;
  if (!again) return atLeastOneFailure(first.code, countUnit(first.files, []));
  say(`\n== once more, alone: ${failed.length} files`);
  const second = await runUnit(
    "unit-again.json",
    failed.map((file) => file.name),
  );
  return atLeastOneFailure(second.code, countUnit(first.files, second.files));
}

async function runUnit(report: string, args: string[]) {
  const file = path.join(reports, report);
  const strays = path.join(reports, `strays-${report}`);
  for (const old of [file, strays]) await rm(old, { force: true });
  const own = path.join(root, "bin/stray-errors.ts");
  const reporters = ["--reporter=default", `--reporter=${own}`, "--reporter=json", `--outputFile.json=${file}`];
  const code = await node([bin("vitest", "vitest.mjs"), "run", ...reporters, ...args], { STRAY_ERRORS: strays });
  return { code, files: await readUnitFiles(file, strays, root) };
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
  return atLeastOneFailure(code, await countBrowser(file));
}

// A run that fails outside any test (a suite that does not load, a server that does not start) counts as one.
function atLeastOneFailure(code: number, counts: Counts): Counts {
  return code !== 0 && counts.failed === 0
    ? { ...counts, failed: 1, told: [...counts.told, "failed: something outside any test; it is in the list above"] }
    : counts;
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
