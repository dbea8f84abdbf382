import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { minuteMs, nowMs } from "../time";
import { endProcess, markOf } from "./processes";

/** A part of the running product, kept running as a process of its own. */
export type Part = {
  name: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  onStart(pid: number): void;
  onLine(line: string, stream: "stdout" | "stderr"): void;
  /** It ended by itself, and will be started again after `againInMs`. */
  onEnd(how: string, againInMs: number): void;
};

export type Supervised = { stop(): Promise<void> };

const longestWaitMs = 30_000;

/** Starts `part`, and starts it again whenever it ends: at once the first time, later and later if it keeps ending. */
export function supervise(part: Part): Supervised {
  const stopping = new AbortController();
  let child: ChildProcess | null = null;
  const done = (async () => {
    for (let waitMs = 250; !stopping.signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      const startedAtMs = nowMs();
      child = launch(part);
      const how = await ended(child);
      if (stopping.signal.aborted) return;
      if (nowMs() - startedAtMs > minuteMs) waitMs = 250;
      part.onEnd(how, waitMs);
      await wait(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      const mark = child?.pid === undefined ? null : markOf(child.pid);
      if (mark) await endProcess(mark, 15_000);
      await done;
    },
  };
}

function launch(part: Part): ChildProcess {
  // Detached, so that Ctrl-C reaches the starter alone, which ends its parts in their order.
  const child = spawn(process.execPath, part.args, {
    cwd: part.cwd,
    env: part.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid !== undefined) part.onStart(child.pid);
  for (const stream of ["stdout", "stderr"] as const) {
    const source = child[stream];
    if (source) createInterface({ input: source }).on("line", (line) => part.onLine(line, stream));
  }
  return child;
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
}
