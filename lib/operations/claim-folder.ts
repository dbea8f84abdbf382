import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { AppError } from "../errors";
import { endProcess, isRunning, markOf, type ProcessMark } from "./processes";

const mark = z.object({ pid: z.number().int().positive(), startedAt: z.string() });
const claimFile = z.object({
  starter: mark,
  address: z.string(),
  children: z.array(mark.extend({ name: z.string() })),
});
type ClaimFile = z.infer<typeof claimFile>;

/** The right to run on a data folder. */
export type Claim = {
  /** What an earlier starter left running, and was ended now. */
  ended: string[];
  /** Notes a child, so that a later starter finds it if this one is killed. */
  noteChild(name: string, pid: number): void;
  release(): void;
};

/**
 * Claims `folder` for this process, and ends what a starter that was killed left running there (its own children
 * only, known by number and start time).
 * @throws AppError `conflict` when another starter runs on the folder.
 */
export async function claimFolder(folder: string, address: string): Promise<Claim> {
  const file = path.join(folder, "running.json");
  const starter = markOf(process.pid);
  if (!starter) throw new Error("this process cannot find itself");
  const own: ClaimFile = { starter, address, children: [] };
  const ended: string[] = [];
  while (!createNew(file, own)) {
    const other = read(file);
    if (other && isRunning(other.starter)) throw alreadyRunning(other, folder);
    for (const child of other?.children ?? []) {
      if (isRunning(child)) ended.push(child.name);
      await endProcess(child, 5_000);
    }
    setAside(file);
  }
  return {
    ended,
    noteChild: (name, pid) => {
      const found = markOf(pid);
      if (!found) return;
      own.children = [...own.children.filter((child) => isRunning(child)), { name, ...found }];
      replace(file, own);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** The starter that runs on `folder`, or null. */
export function starterOf(folder: string): { starter: ProcessMark; address: string } | null {
  const found = read(path.join(folder, "running.json"));
  return found && isRunning(found.starter) ? found : null;
}

function alreadyRunning(other: ClaimFile, folder: string): AppError {
  return new AppError("conflict", `Rollcall already runs at ${other.address} (process ${other.starter.pid})`, {
    remedy: `Stop it first (Ctrl-C there, or: kill ${other.starter.pid}), or give this one its own folder and port: ROLLCALL_DATA=${path.basename(folder)}-2 PORT=3001 npm start`,
  });
}

function createNew(file: string, content: ClaimFile): boolean {
  try {
    writeFileSync(file, JSON.stringify(content), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

// Renaming is what only one of two starters can do; the loser finds nothing to set aside, and looks again.
function setAside(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}

function replace(file: string, content: ClaimFile): void {
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

// A file that was cut by a crash says nothing, which is as good as not being there.
function read(file: string): ClaimFile | null {
  try {
    return claimFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}
