import { type ChildProcess, spawn } from "node:child_process";
import { rootFolder } from "../env";

// For tests: the product's own worker, as a process that can be killed.

export type WorkerProcess = {
  pid: number;
  ended: Promise<void>;
  /** How it ended and what it said last, where nobody here ended it; null while it runs. */
  died(): string | null;
  end(signal: NodeJS.Signals): Promise<void>;
};

const lastWords = 4_000;

/** Starts a worker on the database of this test, or on another. */
export function startWorkerProcess(env: Record<string, string> = {}): WorkerProcess {
  const root = rootFolder();
  const child: ChildProcess = spawn(process.execPath, ["--conditions=react-server", "bin/run.mjs", "worker"], {
    cwd: root,
    env: { ...process.env, ROLLCALL_ROOT: root, LOG_LEVEL: "silent", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  let died: string | null = null;
  let ending = false;
  child.stderr?.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-lastWords);
  });
  const ended = new Promise<void>((resolve) =>
    child.once("exit", (code, signal) => {
      if (!ending) died = `the worker ${child.pid} ended by itself (${signal ?? code}): ${said}`;
      resolve();
    }),
  );
  return {
    pid: child.pid ?? 0,
    ended,
    died: () => died,
    end: async (signal) => {
      ending = true;
      child.kill(signal);
      await ended;
    },
  };
}
