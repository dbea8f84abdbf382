import { spawn } from "node:child_process";
import { makeProgram } from "../db/test-program";
import { rootFolder } from "../env";

// For tests: the command behind every door as a process of its own, that can be killed.

export type OrderProcess = { ended: Promise<void>; kill(): Promise<void> };

/** Makes the program. @returns what starts it on a database */
export async function makeOrderProgram(): Promise<(identity: string, databaseUrl: string) => OrderProcess> {
  const root = rootFolder();
  const file = await makeProgram("lib/offboarding/test-order.ts");
  return (identity, databaseUrl) => {
    const child = spawn(process.execPath, ["--conditions=react-server", file], {
      cwd: root,
      env: { ...process.env, ORDER_OF: identity, DATABASE_URL: databaseUrl, ROLLCALL_ROOT: root },
      stdio: "ignore",
    });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const kill = () => {
      child.kill("SIGKILL");
      return ended;
    };
    return { ended, kill };
  };
}
