import type { ReadEvent } from "./contract";

type Problem = Extract<ReadEvent, { type: "problem" }>;

/** Problems of one sort that are named one by one; the rest is counted. */
const mostOfASort = 20;
const mostSorts = 50;

export type ProblemLog = {
  /** `sort` ends the sentence "12 more rows: …". */
  add(sort: string, row: number | null, message: string, remedy: string): void;
  /** What came up since the last call. */
  take(): Problem[];
  /** How many rows more there were of each sort, at the end of the file. */
  rest(): Problem[];
};

/**
 * The problems of a file, in bounded memory: the first of each sort with their rows, then how many more there were.
 */
export function problemLog(): ProblemLog {
  const counts = new Map<string, { count: number; remedy: string }>();
  let waiting: Problem[] = [];
  return {
    add(sort, row, message, remedy) {
      const seen = counts.get(sort) ?? { count: 0, remedy };
      if (!counts.has(sort) && counts.size >= mostSorts) return;
      seen.count++;
      counts.set(sort, seen);
      if (seen.count > mostOfASort) return;
      const where = row === null ? {} : { object: `row ${row}` };
      waiting.push({ type: "problem", message: row === null ? message : `Row ${row}: ${message}`, ...where, remedy });
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    rest() {
      return [...counts].flatMap(([sort, { count, remedy }]) =>
        count > mostOfASort
          ? [{ type: "problem" as const, message: `${count - mostOfASort} more rows: ${sort}.`, remedy }]
          : [],
      );
    },
  };
}

/** Text from a file in a message: one line, short, in quotes. */
export function quoted(text: string): string {
  const line = text.replace(/\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
  return `“${line.length > 60 ? `${line.slice(0, 57)}…` : line}”`;
}
