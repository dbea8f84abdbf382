/** See file-marks.mjs, which bin/run.mjs reads before anything is bundled. */
export function marksOf(root: string, names: readonly string[]): string;
