import { createHmac, timingSafeEqual } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { derivedKey } from "../auth/seal-secrets";
import { type JournalEntry, journalEntry } from "./journal-schema";

/** A line that this installation wrote: `prev` is the seal of the line before it, empty in the first. */
export type JournalLine = JournalEntry & { prev: string; mac: string };

/** Why a line is not believed. */
export type LineFault = "unreadable" | "foreign" | "forged";

const sealed = journalEntry.extend({ prev: z.string().max(64), mac: z.string().max(64) });

/**
 * An entry as a line of the journal. Its seal (HMAC-SHA-256 over its canonical JSON, RFC 8785) is made by a key that comes
 * from this installation's encryption key, which no database holds, and covers the line before it.
 */
export function writeLine(entry: JournalEntry, prev: string): JournalLine {
  return { ...entry, prev, mac: macOf({ ...entry, prev }) };
}

/** What a line says, when this installation wrote it of this log; else why it is not believed. */
export function readLine(text: string, log: string): JournalLine | LineFault {
  const line = parsed(text);
  if (line === null) return "unreadable";
  if (line.log !== log) return "foreign";
  const { mac, ...said } = line;
  const given = Buffer.from(mac, "base64url");
  const ours = Buffer.from(macOf(said), "base64url");
  return given.length === ours.length && timingSafeEqual(given, ours) ? line : "forged";
}

function parsed(text: string): JournalLine | null {
  try {
    return sealed.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function macOf(said: Omit<JournalLine, "mac">): string {
  return createHmac("sha256", derivedKey("journal of endings"))
    .update(canonicalize(said) ?? "")
    .digest("base64url");
}
