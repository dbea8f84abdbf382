import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../time";

/** A process as it can be found again: its number alone may have been given to another since. */
export type ProcessMark = { pid: number; startedAt: string };

/** The mark of a running process, or null when there is none of this number. */
export function markOf(pid: number): ProcessMark | null {
  const startedAt = process.platform === "linux" ? startFromProc(pid) : startFromPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Does this very process still run? */
export function isRunning(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.startedAt === mark.startedAt;
}

/** Asks the process and all that it started to end, and makes it after `graceMs`. */
export async function endProcess(mark: ProcessMark, graceMs: number): Promise<void> {
  if (!isRunning(mark)) return;
  signalGroup(mark.pid, "SIGTERM");
  for (const deadline = nowMs() + graceMs; isRunning(mark) && nowMs() < deadline; ) await wait(25);
  if (!isRunning(mark)) return;
  signalGroup(mark.pid, "SIGKILL");
  for (const deadline = nowMs() + 5_000; isRunning(mark) && nowMs() < deadline; ) await wait(25);
}

/** Who listens on this port of this machine, as "node (process 4711)", where that can be found out. */
export function listenerOn(port: number): string | null {
  if (process.platform !== "linux") return null;
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) =>
    readOr(file, "")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((field) => field[1]?.endsWith(hex) && field[3] === "0A")
      .map((field) => `socket:[${field[9]}]`),
  );
  const pid = namesIn("/proc").find(
    (name) =>
      /^\d+$/.test(name) &&
      namesIn(`/proc/${name}/fd`).some((fd) => sockets.includes(linkOr(`/proc/${name}/fd/${fd}`, ""))),
  );
  return pid ? `${readOr(`/proc/${pid}/comm`, "a process").trim()} (process ${pid})` : null;
}

// Children lead a process group of their own, so that what they started goes with them.
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "ESRCH") throw error;
    }
  }
}

function startFromProc(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`, "");
  // After the name, which may itself hold spaces and brackets: state is field 3, the start field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || fields[0] === "Z") return null;
  return fields[19] ?? null;
}

function startFromPs(pid: number): string | null {
  const run = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  const line = run.status === 0 ? run.stdout.trim() : "";
  return line === "" || line.startsWith("Z") ? null : line.replace(/^\S+\s+/, "");
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}

function linkOr(file: string, otherwise: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return otherwise;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
