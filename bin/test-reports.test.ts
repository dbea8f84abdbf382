import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { countUnit, failedFiles, readUnitFiles } from "./test-reports";

const folder = mkdtempSync(path.join(tmpdir(), "rollcall-reports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Stray = { file: string | null; text: string };

async function read(files: Record<string, string[]>, strays: Stray[] = []) {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name: path.join(folder, name),
    status: statuses.includes("failed") ? "failed" : "passed",
    assertionResults: statuses.map((status, n) => ({ status, fullName: `test ${n}`, failureMessages: [] })),
  }));
  writeFileSync(path.join(folder, "unit.json"), JSON.stringify({ testResults }));
  writeFileSync(path.join(folder, "strays.json"), JSON.stringify(strays));
  return readUnitFiles(path.join(folder, "unit.json"), path.join(folder, "strays.json"), folder);
}

test("a test that failed is counted and told, and what was skipped is named", async () => {
  const counts = countUnit(await read({ "a.test.ts": ["passed", "failed", "skipped"] }), []);
  expect(counts).toMatchObject({ passed: 1, failed: 1, skipped: ["test 2"] });
  expect(counts.told.join("\n")).toContain("failed: a.test.ts: test 1");
});

test("an error outside any test fails the file that it strayed from, though all its tests passed", async () => {
  const strays = [{ file: path.join(folder, "a.test.ts"), text: "Error: strayed" }];
  const files = await read({ "a.test.ts": ["passed"], "b.test.ts": ["passed"] }, strays);
  expect(failedFiles(files).map(({ name }) => name)).toEqual(["a.test.ts"]);
  const once = countUnit(files, []);
  expect([once.failed, once.told.join("\n")]).toEqual([1, expect.stringContaining("Error: strayed")]);
  const again = countUnit(files, await read({ "a.test.ts": ["passed"] }));
  expect([again.failed, again.told.join("\n")]).toEqual([0, expect.stringContaining("at the second try only")]);
});

test("a process that ended in the middle of a test fails its file, and of one whose file nobody knows the run", async () => {
  const died = [{ file: null, text: "Error: Worker exited unexpectedly" }];
  const files = await read({ "a.test.ts": ["passed", "pending"], "b.test.ts": ["passed"] }, died);
  expect(failedFiles(files).map(({ name }) => name)).toEqual(["a.test.ts"]);
  expect(countUnit(files, [])).toMatchObject({ passed: 2, failed: 1, skipped: [] });
  const nowhere = await read({ "b.test.ts": ["passed"] }, died);
  expect(countUnit(nowhere, [])).toMatchObject({ passed: 1, failed: 1 });
});
