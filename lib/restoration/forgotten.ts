import type { EndingFacts } from "../audit/journal-schema";
import type { EndingKind } from "../audit/schema";
import type { EndingState } from "./schema";

/** An ending that this database does not know. */
export type Forgotten = {
  eventId: string;
  kind: EndingKind;
  thingId: string;
  facts: unknown;
  action: string;
  number: number;
  at: Date;
};

/** What became of it, and what is to be said of that. */
export type Repeated = { state: EndingState; detail: string };

export const unknownHere = {
  state: "unknown",
  detail: "It began after the backup and had ended before the restore: this database never knew it.",
} as const;
export const alreadySo = { state: "already", detail: "This database has it so." } as const;

export const taken: Repeated = { state: "taken", detail: "" };

/** Why it ends now, and when it had ended first. */
export function wordsOf({ at, number }: Pick<Forgotten, "at" | "number">): string {
  return `Taken back again, because this database was restored from an older backup: first at ${at.toISOString()}, event ${number} of the record before.`;
}

export type Repeating = EndingFacts & { words: string; action: string };
