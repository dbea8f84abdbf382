import { spawn } from "node:child_process";
import { makeProgram } from "../db/test-program";
import { rootFolder } from "../env";

// For tests: what another process of the product is asked, and how.

export type Question =
  | { kind: "token" | "session"; secret: string }
  | { kind: "grant"; id: string }
  | { kind: "reads"; account: string };

export type Elsewhere = {
  /** Several times at once, so that more than one of its connections answers; all the answers. */
  ask(question: Question): Promise<unknown[]>;
  stop(): Promise<void>;
};

const atOnce = 4;

/** Starts another process on the database of this test. */
export async function startElsewhere(): Promise<Elsewhere> {
  const root = rootFolder();
  const child = spawn(
    process.execPath,
    ["--conditions=react-server", await makeProgram("lib/requests/test-elsewhere.ts")],
    { cwd: root, env: { ...process.env, ROLLCALL_ROOT: root }, stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  const waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.on("message", (answer: { n: number; value?: unknown; error?: string }) => {
    waiting.get(answer.n)?.(answer);
    waiting.delete(answer.n);
  });
  let last = 0;
  const askOnce = (question: Question) =>
    new Promise<unknown>((resolve, reject) => {
      const n = last++;
      waiting.set(n, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
      child.send({ n, question });
    });
  return {
    ask: (question) => Promise.all(Array.from({ length: atOnce }, () => askOnce(question))),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
