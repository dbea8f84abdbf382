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

const strayReport = z.array(z.object({ file: z.string().nullable(), text: z.string() }));

type UnitFile = z.infer<typeof unitReport>["testResults"][number] & { strays: string[] };

const nowhere = "outside any file";
const unfinished = "Error: the process of these tests ended before they did";

/**
 * The files of a report of vitest, by their paths from the root, each with the errors that strayed from its tests
 * (`strays`, as bin/stray-errors.ts wrote them): a file that has one failed.
 */
export async function readUnitFiles(file: string, strays: string, root: string): Promise<UnitFile[]> {
  const [text, strayed] = await Promise.all([file, strays].map((one) => readFile(one, "utf8").catch(() => null)));
  const { testResults } = unitReport.parse(text ? JSON.parse(text) : { testResults: [] });
  const errors = strayReport.parse(strayed ? JSON.parse(strayed) : []);
  const known = new Set(testResults.map((result) => result.name));
  const lost = errors.filter((error) => !error.file || !known.has(error.file)).map((error) => error.text);
  const files = testResults.map((result) => {
    const own = errors.filter((error) => error.file === result.name).map((error) => error.text);
    // Its process ended in the middle of a test: of what the runner knows no file, this is where it belongs.
    const strays = result.assertionResults.some(isUnfinished) ? [...own, unfinished, ...lost] : own;
    const status = strays.length > 0 ? "failed" : result.status;
    return { ...result, status, name: path.relative(root, result.name), strays };
  });
  if (lost.length === 0 || files.some((file) => file.strays.includes(unfinished))) return files;
  return [...files, { name: nowhere, status: "failed", assertionResults: [], strays: lost }];
}

/** The files of which something failed: a test, the file itself before any test of it began, or an error outside them. */
export function failedFiles(files: UnitFile[]): UnitFile[] {
  return files.filter((file) => file.status === "failed");
}

/** Files that were run again stand in place of their first run; what they failed of is told either way. */
export function countUnit(files: UnitFile[], again: UnitFile[]): Counts {
  const byName = new Map(again.map((file) => [file.name, file]));
  const last = files.map((file) => byName.get(file.name) ?? file);
  const results = last.flatMap((file) => file.assertionResults);
  const broken = last.filter((file) => file.status === "failed" && (file.strays.length > 0 || !hasFailed(file)));
  const second = failedFiles(files).filter((file) => byName.get(file.name)?.status === "passed");
  return {
    passed: results.filter((result) => result.status === "passed").length,
    failed: results.filter(isFailed).length + broken.length,
    skipped: results
      .filter((result) => result.status !== "passed" && !isFailed(result) && !isUnfinished(result))
      .map((result) => result.fullName),
    told: [
      ...second.flatMap((file) => tell("passed at the second try only", file)),
      ...failedFiles(last).flatMap((file) => tell("failed", file)),
    ],
  };
}

const isFailed = (result: { status: string }) => result.status === "failed";
// As the runner calls what it began and never saw end.
const isUnfinished = (result: { status: string }) => result.status === "pending";
const hasFailed = (file: UnitFile) => file.assertionResults.some(isFailed);

function tell(what: string, file: UnitFile): string[] {
  const failed = file.assertionResults
    .filter(isFailed)
    .map((result) => `${file.name}: ${result.fullName}\n    ${firstLines((result.failureMessages ?? []).join("\n"))}`);
  const strayed = file.strays.map((text) => `${file.name}, outside any test\n    ${firstLines(text)}`);
  const found = [...failed, ...strayed];
  if (found.length === 0) found.push(`${file.name}\n    ${firstLines(file.message ?? "")}`);
  return found.map((one) => `${what}: ${one}`);
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
