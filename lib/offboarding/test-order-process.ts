import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { rootFolder } from "../env";

// For tests: the command behind every door as a process of its own, that can be killed.

export type OrderProcess = { ended: Promise<void>; kill(): Promise<void> };

/** Makes the program. @returns what starts it on a database */
export async function makeOrderProgram(): Promise<(identity: string, databaseUrl: string) => OrderProcess> {
  const root = rootFolder();
  // In the project, so that its packages are found.
  const file = path.join(await mkdtemp(path.join(root, ".build", "order-")), "order.mjs");
  await build({
    ...{ absWorkingDir: root, entryPoints: ["lib/offboarding/test-order.ts"], outfile: file, bundle: true },
    ...{ platform: "node", target: "node20", format: "esm", packages: "external", logLevel: "silent" },
    banner: { js: 'import { createRequire as c } from "node:module"; const require = c(import.meta.url);' },
  });
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
