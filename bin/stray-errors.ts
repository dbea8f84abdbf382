import { writeFile } from "node:fs/promises";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/**
 * A reporter of vitest that writes what was thrown outside any test to the file of `STRAY_ERRORS`: a JSON list of
 * `{ file, text }`, the file null where the runner does not know it. The runner's own JSON report leaves these out, and
 * they would be lost when the files that failed pass at the second try.
 */
export default class StrayErrors implements Reporter {
  async onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): Promise<void> {
    const file = process.env.STRAY_ERRORS;
    if (file) await writeFile(file, JSON.stringify(errors.map(factsOf)));
  }
}

function factsOf(error: SerializedError): { file: string | null; text: string } {
  const file: unknown = error.VITEST_TEST_PATH;
  const text = error.stack ?? `${error.name ?? "Error"}: ${error.message}`;
  return { file: typeof file === "string" ? file : null, text };
}
