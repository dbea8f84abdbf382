import { createReadStream } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import path from "node:path";
import { dataFolder, env } from "../env";
import { AppError } from "../errors";
import { anchorFile } from "./anchor-file";
import { type JournalLine, type LineFault, readLine, writeLine } from "./journal-line";
import type { JournalEntry } from "./journal-schema";

const tailBytes = 65_536;
// Ours are some hundreds; what is longer was not written by us.
const longestLine = 8_192;

/** Where endings are written on this machine, or null where that is turned off: beside the anchor file unless told. */
export function journalFile(): string | null {
  const given = env().ROLLCALL_ENDINGS_FILE;
  if (given === "off") return null;
  if (given) return path.resolve(given);
  if (env().ROLLCALL_ANCHOR_FILE === "off") return null;
  return path.join(path.dirname(anchorFile() ?? dataFolder()), "endings.jsonl");
}

/** A line as it stands in the file: what it says, or why it is not believed; `gap`: lines before it are missing. */
export type FoundLine = { place: number; line: JournalLine; gap: boolean } | { place: number; fault: LineFault };

/**
 * Every line of a journal, in order, one at a time. What a full disk cut, what is of another log and what has not our seal
 * is told and passed over. A file that is not there has no lines.
 */
export async function* readJournal(file: string, log: string): AsyncGenerator<FoundLine> {
  let prev: string | null = null;
  let place = 0;
  for await (const text of linesOf(file)) {
    place++;
    if (text.trim() === "") continue;
    const line = readLine(text, log);
    if (typeof line === "string") {
      yield { place, fault: line };
      continue;
    }
    yield { place, line, gap: prev === null ? line.prev !== "" : line.prev !== prev };
    prev = line.mac;
  }
}

/** The newest line that this installation wrote, or null where there is none. Reads the end of the file, seldom more. */
export async function newestLine(file: string, log: string): Promise<JournalLine | null> {
  const size = await sizeOf(file);
  if (size === 0) return null;
  const text = await readTail(file, size);
  const found = text.split("\n").findLast((one) => typeof readLine(one, log) !== "string");
  const line = found === undefined ? null : readLine(found, log);
  if (line !== null && typeof line !== "string") return line;
  // Something else has filled the end of the file.
  let last: JournalLine | null = null;
  for await (const one of readJournal(file, log)) if ("line" in one) last = one.line;
  return last;
}

/**
 * Appends entries to the journal, and waits until the disk has them. Nothing is ever rewritten; what a full disk cut is
 * closed by the next write.
 * @throws AppError `conflict` when the file holds lines and none of them is this log's.
 */
export async function appendEntries(file: string, entries: readonly JournalEntry[]): Promise<void> {
  const [first] = entries;
  if (!first) return;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const last = await newestLine(file, first.log);
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    if (size > 0 && last === null) await assertNobodyElses(file, first.log);
    const lines: JournalLine[] = [];
    for (const entry of entries) lines.push(writeLine(entry, lines.at(-1)?.mac ?? last?.mac ?? ""));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await handle.writeFile(`${(await isCut(handle, size)) ? "\n" : ""}${text}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// What was cut before the first line was whole is nobody's.
async function assertNobodyElses(file: string, log: string): Promise<void> {
  for await (const found of readJournal(file, log))
    if ("fault" in found && found.fault !== "unreadable")
      throw new AppError("conflict", `${file} holds the endings of another log, or was written with another key`, {
        remedy: "Give this installation a file of its own, ROLLCALL_ENDINGS_FILE, or restore ROLLCALL_ENCRYPTION_KEY.",
      });
}

async function isCut(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== "\n";
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

async function readTail(file: string, size: number): Promise<string> {
  const handle = await open(file, "r");
  try {
    const length = Math.min(size, tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}

// By bytes: a line without an end must not fill the memory. What is too long comes as a piece that is none of ours.
async function* linesOf(file: string): AsyncGenerator<string> {
  if ((await sizeOf(file)) === 0) return;
  let rest = "";
  let skipping = false;
  for await (const chunk of createReadStream(file, { encoding: "latin1", highWaterMark: tailBytes })) {
    const pieces = `${rest}${chunk}`.split("\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      if (!skipping) yield piece;
      skipping = false;
    }
    if (rest.length <= longestLine) continue;
    if (!skipping) yield rest.slice(0, longestLine);
    skipping = true;
    rest = "";
  }
  if (rest !== "" && !skipping) yield rest;
}
