import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { dataFolder, env } from "../env";
import { AppError } from "../errors";
import type { SignedCheckpoint } from "./sign-checkpoint";

const line = z.object({ origin: z.string(), size: z.number(), root: z.string(), note: z.string() });
const tailBytes = 65_536;

/** A log, those of its checkpoints that are to be written, and over how many events its newest one is. */
export type Log = { origin: string; checkpoints: SignedCheckpoint[]; newest: number };

/** Where checkpoints are written on this machine, or null where that is turned off. */
export function anchorFile(): string | null {
  const given = env().ROLLCALL_ANCHOR_FILE;
  if (given === "off") return null;
  return given ? path.resolve(given) : path.join(dataFolder(), "anchors", "checkpoints.jsonl");
}

/**
 * Appends checkpoints to a file, one JSON object a line, and waits until the disk has them. Nothing is ever rewritten,
 * so the file may be one that can only be appended to. A line that a full disk cut is left as it is and closed by the
 * next write; those who read the file pass it over.
 * @throws AppError `conflict` when the file tells of more than the log has now, or of another log.
 */
export async function appendCheckpoints(file: string, { origin, checkpoints, newest }: Log): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "a+", 0o600);
  try {
    const { last, isCut } = await readTail(handle);
    if (last) assertContinues(last, { origin, checkpoints, newest }, file);
    const fresh = checkpoints.filter(({ size }) => size > (last?.size ?? 0));
    if (fresh.length === 0) return;
    const text = fresh.map(({ size, root, note, signedAt }) =>
      JSON.stringify({ at: signedAt, origin, size, root: root.toString("base64"), note }),
    );
    await handle.writeFile(`${isCut ? "\n" : ""}${text.join("\n")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The newest checkpoint that a file holds, or null where it holds none. */
export async function newestAnchored(file: string): Promise<{ origin: string; size: number; root: Buffer } | null> {
  try {
    const handle = await open(file, "r");
    const { last } = await readTail(handle).finally(() => handle.close());
    return last && { origin: last.origin, size: last.size, root: Buffer.from(last.root, "base64") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

type Line = z.infer<typeof line>;

async function readTail(handle: Awaited<ReturnType<typeof open>>): Promise<{ last: Line | null; isCut: boolean }> {
  const { size } = await handle.stat();
  const length = Math.min(size, tailBytes);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const text = buffer.toString("utf8");
  const lines = text.split("\n").flatMap((one) => parsed(one) ?? []);
  return { last: lines.at(-1) ?? null, isCut: text !== "" && !text.endsWith("\n") };
}

function parsed(text: string): Line | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function assertContinues(last: Line, { origin, checkpoints, newest }: Log, file: string): void {
  if (last.origin !== origin)
    throw new AppError("conflict", `${file} holds the checkpoints of another log, ${last.origin}`, {
      remedy: "Give this installation a file of its own: ROLLCALL_ANCHOR_FILE.",
    });
  const same = checkpoints.find(({ size }) => size === last.size);
  if (newest >= last.size && (!same || same.root.toString("base64") === last.root)) return;
  const why = same ? "of which it has other ones" : `and this database's newest is over ${newest}`;
  throw new AppError(
    "conflict",
    `${file} holds a checkpoint over ${last.size} events, ${why}: it is older than what was anchored, or was changed`,
    { remedy: "Find out which: rollcall audit verify. After restoring a backup, keep that file and begin another." },
  );
}
