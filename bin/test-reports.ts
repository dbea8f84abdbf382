import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

// What the runners wrote down, as counts and names: whoever reads only the end of a run must learn what failed.
export type Counts = { passed: number; failed: number; skipped: string[]; told: string[] };

export const noCounts = (): Counts => ({ passed: 0, failed: 0, skipped: [], told: [] });

const unitReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

type UnitFile = z.infer<typeof unitReport>["testResults"][number];

/** The files of a report of vitest, by their paths from the root. */
export async function readUnitFiles(file: string, root: string): Promise<UnitFile[]> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return [];
  const { testResults } = unitReport.parse(JSON.parse(text));
  return testResults.map((result) => ({ ...result, name: path.relative(root, result.name) }));
}

/** The files of which something failed: a test, or the file itself before any test of it began. */
export function failedFiles(files: UnitFile[]): UnitFile[] {
  return files.filter((file) => file.status === "failed");
}

/** Files that were run again stand in place of their first run; what they failed of is told either way. */
export function countUnit(files: UnitFile[], again: UnitFile[]): Counts {
  const byName = new Map(again.map((file) => [file.name, file]));
  const last = files.map((file) => byName.get(file.name) ?? file);
  const results = last.flatMap((file) => file.assertionResults);
  const broken = last.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed));
  const second = failedFiles(files).filter((file) => byName.get(file.name)?.status === "passed");
  return {
    passed: results.filter((result) => result.status === "passed").length,
    failed: results.filter(isFailed).length + broken.length,
    skipped: results
      .filter((result) => result.status !== "passed" && !isFailed(result))
      .map((result) => result.fullName),
    told: [
      ...second.flatMap((file) => tell("passed at the second try only", file)),
      ...failedFiles(last).flatMap((file) => tell("failed", file)),
    ],
  };
}

const isFailed = (result: { status: string }) => result.status === "failed";

function tell(what: string, file: UnitFile): string[] {
  const failed = file.assertionResults.filter(isFailed);
  if (failed.length === 0) return [`${what}: ${file.name}\n    ${firstLines(file.message ?? "")}`];
  return failed.map(
    (result) =>
      `${what}: ${file.name}: ${result.fullName}\n    ${firstLines((result.failureMessages ?? []).join("\n"))}`,
  );
}

// What the runner did itself explains nothing.
const firstLines = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes("node_modules"))
    .slice(0, 12)
    .join("\n    ")
    .slice(0, 1_500);

const browserReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
});

export async function countBrowser(file: string): Promise<Counts> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return noCounts();
  const { expected, unexpected, flaky, skipped } = browserReport.parse(JSON.parse(text)).stats;
  return {
    passed: expected + flaky,
    failed: unexpected,
    skipped: Array.from({ length: skipped }, () => "a browser test (its name is in the list above)"),
    told: flaky > 0 ? [`${flaky} browser tests passed at the second try only; their names are in the list above.`] : [],
  };
}
