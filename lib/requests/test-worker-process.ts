import { type ChildProcess, spawn } from "node:child_process";
import { rootFolder } from "../env";

// For tests: the product's own worker, as a process that can be killed.

export type WorkerProcess = { pid: number; ended: Promise<void>; end(signal: NodeJS.Signals): Promise<void> };

/** Starts a worker on the database of this test, or on another. */
export function startWorkerProcess(env: Record<string, string> = {}): WorkerProcess {
  const root = rootFolder();
  const child: ChildProcess = spawn(process.execPath, ["--conditions=react-server", "bin/run.mjs", "worker"], {
    cwd: root,
    env: { ...process.env, ROLLCALL_ROOT: root, LOG_LEVEL: "silent", ...env },
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    pid: child.pid ?? 0,
    ended,
    end: async (signal) => {
      child.kill(signal);
      await ended;
    },
  };
}
