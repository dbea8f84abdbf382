import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** The product, started as a user starts it. */
export type Product = {
  address: string;
  /** The one-time sign-in link of the first start. */
  link: string | null;
  folder: string;
  process: ChildProcess;
  /** Ctrl-C, and a wait for the end. The data folder goes too, unless it was given. */
  stop(): Promise<void>;
};

export type StartOptions = { port: number; args?: string[]; env?: Record<string, string>; folder?: string };

/** Starts the product on a fresh data folder (or `folder`), and waits until it says where it is. */
export async function startProduct(options: StartOptions): Promise<Product> {
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), "rollcall-e2e-")));
  const child = spawn(process.execPath, ["bin/run.mjs", "start", ...(options.args ?? [])], {
    env: { ...process.env, PORT: String(options.port), ROLLCALL_DATA: folder, NODE_ENV: "production", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { address, link } = await saidLines(child);
  return {
    address,
    link,
    folder,
    process: child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGINT");
        await new Promise((resolve) => child.once("exit", resolve));
      }
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

function saidLines(child: ChildProcess): Promise<{ address: string; link: string | null }> {
  return new Promise((resolve, reject) => {
    const errors: string[] = [];
    const lines: string[] = [];
    child.once("exit", (code) => reject(new Error(`the product ended with code ${code}:\n${errors.join("\n")}`)));
    if (!child.stdout || !child.stderr) return reject(new Error("the product has no output"));
    createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
    createInterface({ input: child.stdout }).on("line", (line) => {
      // Both lines come in one piece, so that after the first there is nothing more to wait for.
      if (lines.length === 0) setImmediate(() => resolve(saidIn(lines.join("\n"))));
      lines.push(line);
    });
  });
}

function saidIn(text: string): { address: string; link: string | null } {
  return {
    address: /^Rollcall is at (\S+)/m.exec(text)?.[1] ?? "",
    link: /^First sign-in .*?: (\S+)/m.exec(text)?.[1] ?? null,
  };
}
