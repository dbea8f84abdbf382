import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A web process of the same build from which proxy.ts was taken out, on a product's database. */
export type BareWeb = { process: ChildProcess; stop(): Promise<void> };

/** Starts it; `env` is what the product was given. */
export async function startWithoutProxy(port: number, env: Record<string, string>): Promise<BareWeb> {
  const root = await mkdtemp(path.join(tmpdir(), "rollcall-bare-"));
  const copied = spawnSync("cp", ["-a", path.resolve(".next"), path.join(root, ".next")], { encoding: "utf8" });
  if (copied.status !== 0) throw new Error(`the build was not copied: ${copied.stderr}`);
  for (const name of ["node_modules", "lib", "package.json", "next.config.ts", "tsconfig.json"]) {
    await symlink(path.resolve(name), path.join(root, name));
  }
  const manifest = path.join(root, ".next", "server", "functions-config-manifest.json");
  const { functions, ...rest } = JSON.parse(await readFile(manifest, "utf8"));
  const { "/_middleware": proxy, ...others } = functions;
  if (!proxy) throw new Error("the build has no proxy where it was looked for");
  await writeFile(manifest, JSON.stringify({ ...rest, functions: others }));
  const next = path.join(root, "node_modules", "next", "dist", "bin", "next");
  const child = spawn(process.execPath, [next, "start", "-p", String(port)], {
    cwd: root,
    env: {
      ...process.env,
      ...env,
      PORT: String(port),
      NODE_ENV: "production",
      ROLLCALL_ROOT: root,
      LOG_LEVEL: "silent",
    },
    stdio: "ignore",
  });
  return {
    process: child,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      await rm(root, { recursive: true, force: true });
    },
  };
}
