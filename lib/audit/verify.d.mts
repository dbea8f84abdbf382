/** The check that travels with every export; see verify.mjs, which is one file so that an auditor can read it. */
export type Fault = {
  what:
    | "key"
    | "checkpoint"
    | "not_signed"
    | "cut_off"
    | "cut"
    | "missing"
    | "changed"
    | "erased"
    | "adrift"
    | "tree"
    | "not_compared";
  /** The first event concerned, where that is known. */
  number: number | null;
  message: string;
};

/** What a check found. */
export type Report = {
  intact: boolean;
  from: number;
  /** Events that were read. */
  size: number;
  /** Of a receipt: its run, its lines, and how many of those are proven gone by an event of their own. */
  receipt?: { number: number; lines: number; proven: number };
  /** Is it a choice of events, which proves each of them and not that there is no other? */
  chosen?: boolean;
  lastAt: string | null;
  /** Of a choice: the highest number of its events. */
  newest?: number;
  /** `size`: up to where the log is as it was signed; `elsewhereSize`: up to where by a checkpoint kept elsewhere. */
  checked: { size: number; checkpoints: number; elsewhere: number; elsewhereSize: number };
  /** Parts of events that were erased on purpose. */
  erased: number;
  faults: Fault[];
  keysGiven: boolean;
  origin: string;
};

export type LogFacts = {
  origin: string;
  keys: { verifierKey: string; endorsement: string | null }[];
  from?: number;
  frontier?: string[];
};
/** What the reader trusts beforehand: verifier keys, and checkpoints that were kept elsewhere. */
export type Given = { keys?: string[]; checkpoints?: { note: string; source: string }[] };

export class LogCheck {
  constructor(log: LogFacts, given?: Given);
  readonly size: number;
  readonly faults: Fault[];
  fault(what: Fault["what"], number: number | null, message: string): void;
  expect(note: string, source?: string | null): void;
  push(hash: Buffer): void;
  onWhole: ((width: number, size: number, hash: Buffer) => void) | null;
  root(): Buffer;
  finish(): Pick<Report, "size" | "checked" | "faults">;
}
export function canonical(value: unknown): string;
export function digestOf(salt: string, values: string): string;
export function checkEntry(entry: unknown): { hash: Buffer; wrong: string[]; erased: number };
export function verifyExport(folder: string, given?: Given, onProgress?: (read: number) => void): Promise<Report>;
export function verifyFile(file: string, given?: Given): Promise<Report>;
export function verifyChoice(file: string, given?: Given): Promise<Report>;
export function rootOfPath(hash: Buffer, index: number, size: number, path: readonly string[]): string | null;
export function isContinued(facts: {
  first: number;
  firstRoot: string;
  second: number;
  secondRoot: string;
  path: readonly string[];
}): boolean;
export class ChoiceCheck {
  readonly faults: Fault[];
  fault(what: Fault["what"], number: number | null, message: string): void;
  take(entry: unknown, size: number): void;
  finish(end: ChoiceEnd, given?: Given): Report;
}
export type ChoiceEnd = LogFacts & {
  count: number;
  size: number;
  checkpoint: string;
  consistency: Record<string, string[]>;
};
export function readNotes(text: string): string[];
export function reportWords(report: Report): string[];
