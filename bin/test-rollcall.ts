import { spawn } from "node:child_process";

// For tests: the real command line in a process of its own, as a pipe would run it.

export type CommandAnswer = { code: number | null; out: string; err: string };

/** Runs `rollcall` with these arguments. */
export function runRollcall(
  args: readonly string[],
  { env = {}, stdin = "" }: { env?: Record<string, string | undefined>; stdin?: string } = {},
): Promise<CommandAnswer> {
  const child = spawn(process.execPath, ["bin/run.mjs", "rollcall", ...args], {
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(stdin);
  const answer: CommandAnswer = { code: null, out: "", err: "" };
  child.stdout.on("data", (chunk) => (answer.out += chunk));
  child.stderr.on("data", (chunk) => (answer.err += chunk));
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...answer, code })));
}

/** The objects of `--json`, one a line. */
export function jsonLines(text: string) {
  return text
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
