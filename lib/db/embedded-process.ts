import { spawn, spawnSync } from "node:child_process";
import { open, readdir, readFile, readlink, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../time";
import type { Place } from "./embedded-place";

/** The server's process on `cluster`, or null. After `kill -9` of its starter the server lives on. */
export async function serverProcess(cluster: string): Promise<number | null> {
  const pid = await notedPid(cluster);
  if (pid === null) return null;
  const command = await commandOf(pid);
  return command.includes("postgres") && command.includes(cluster) ? pid : null;
}

/** The port that the running server itself noted. */
export async function notedPort(cluster: string): Promise<number | null> {
  const lines = (await readFile(path.join(cluster, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  return Number(lines[3]) || null;
}

/** A server that was just started: `ended` turns true should it end. */
export type Launched = { readonly ended: boolean };

/** Starts the server and leaves it running beside us. */
export async function launchServer(place: Place, port: number, durable: boolean): Promise<Launched> {
  await clearLeftovers(place.cluster);
  const log = await open(path.join(place.folder, "server.log"), "a", 0o600);
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=256MB",
    ...(durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
  ];
  const args = ["-D", place.cluster, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  // Detached: Ctrl-C goes to the starter, which stops the server last, in its own order.
  const child = spawn(place.postgres, args, {
    ...runsAs(place),
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  const launched = { ended: false };
  child.once("exit", () => {
    launched.ended = true;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  await log.close();
  return launched;
}

/** Stops the server: sessions are ended and everything is written (SIGINT), or after a while at once (SIGQUIT). */
export async function stopServer(cluster: string): Promise<void> {
  for (const [signal, patienceMs] of [
    ["SIGINT", 20_000],
    ["SIGQUIT", 10_000],
  ] as const) {
    const pid = await serverProcess(cluster);
    if (pid === null) return;
    process.kill(pid, signal);
    for (const deadline = nowMs() + patienceMs; nowMs() < deadline; ) {
      if ((await serverProcess(cluster)) === null) return;
      await wait(25);
    }
  }
}

/** Working folder, user and environment of the server's programs. */
export function runsAs(place: Place): { cwd: string; uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  const plain = {
    cwd: path.dirname(place.cluster),
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  };
  return place.owner ? { ...plain, ...place.owner } : plain;
}

// When the server is killed, those that it started to serve sessions may outlive it for a moment, and a number in
// postmaster.pid may by now be another program's. PostgreSQL refuses to start in both cases; here both are told apart
// from a server that runs.
async function clearLeftovers(cluster: string): Promise<void> {
  for (const pid of await orphans(cluster)) signal(pid, "SIGQUIT");
  for (const deadline = nowMs() + 5_000; (await orphans(cluster)).length > 0 && nowMs() < deadline; ) await wait(25);
  for (const pid of await orphans(cluster)) signal(pid, "SIGKILL");
  const pid = await notedPid(cluster);
  if (pid !== null && (await commandOf(pid)) !== "" && (await serverProcess(cluster)) === null)
    await rm(path.join(cluster, "postmaster.pid"), { force: true });
}

// Every process of the server works in the cluster's folder.
async function orphans(cluster: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) =>
      (await readlink(`/proc/${name}/cwd`).catch(() => "")) === cluster ? Number(name) : null,
    ),
  );
  const servers = await Promise.all(
    found.map(async (pid) => (pid !== null && (await commandOf(pid)).startsWith("postgres:") ? pid : null)),
  );
  return servers.filter((pid) => pid !== null);
}

async function notedPid(cluster: string): Promise<number | null> {
  const text = await readFile(path.join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}
