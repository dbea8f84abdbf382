import { rows } from "../db/client";
import { journalFile, newestLine, readJournal } from "./journal-file";
import type { LineFault } from "./journal-line";
import { knownEvents } from "./send-endings";

/** Lines of a journal that are not believed, by why: how many, and the first places in the file. */
export type Doubts = Partial<Record<LineFault | "gap", { count: number; places: number[] }>>;

/** What a journal holds. `older`: its newest line tells of an event that this database does not know. */
export type JournalReport = { file: string; lines: number; doubts: Doubts; older: boolean };

/** Reads a journal from its beginning to its end and checks every line; null where there is none. */
export async function examineJournal(file: string | null = journalFile()): Promise<JournalReport | null> {
  const [key] = await rows<{ name: string }>("select name from audit_keys limit 1");
  if (file === null || !key) return null;
  const doubts: Doubts = {};
  let lines = 0;
  for await (const found of readJournal(file, key.name)) {
    if ("fault" in found) doubt(doubts, found.fault, found.place);
    else lines++;
    if ("line" in found && found.gap) doubt(doubts, "gap", found.place);
  }
  const last = lines === 0 ? null : await newestLine(file, key.name);
  return { file, lines, doubts, older: last !== null && !(await knownEvents([last.event])).has(last.event) };
}

/** Counts a line that is not believed. The first few places are enough to look there. */
export function doubt(doubts: Doubts, why: keyof Doubts, place: number): void {
  const known = doubts[why] ?? { count: 0, places: [] };
  doubts[why] = { count: known.count + 1, places: known.places.length < 10 ? [...known.places, place] : known.places };
}
