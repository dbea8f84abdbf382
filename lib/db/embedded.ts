import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { AppError, messageOf } from "../errors";
import { nowMs } from "../time";
import { findPlace, type Place } from "./embedded-place";
import { launchServer, notedPort, runsAs, serverProcess, stopServer } from "./embedded-process";

/** A running server: how to reach it, and how to end it. */
export type EmbeddedServer = {
  url: string;
  port: number;
  /** False when a server that outlived its launcher was found and taken over. */
  startedHere: boolean;
  /** What the reader should be told of where it runs, if anything. */
  note: string | null;
  isRunning(): Promise<boolean>;
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** False for throw-away test servers: no fsync. */
  durable?: boolean;
  /** Exactly this port; otherwise the one it had before, or a free one. */
  port?: number;
};

const serverFile = z.object({ port: z.number().int(), password: z.string().min(1) });
type Known = z.infer<typeof serverFile>;

/**
 * Starts the PostgreSQL that ships with the product on `folder`, making the cluster and the database `rollcall` at
 * first use, or takes over one that already runs there. Listens on 127.0.0.1 only, with a random password (scram).
 * @throws AppError `unavailable`, with what the server said.
 */
export async function startEmbedded(folder: string, options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const place = await findPlace(path.resolve(folder));
  const known = await firstUse(place);
  await assertSameMajor(place);
  const joined = await joinServer(place, known);
  const port = joined ?? (await bringUp(place, known, options));
  if (port !== known.port) await writeWhole(place, { ...known, port });
  const base = addressOf(known, port);
  await ensureDatabase(`${base}/postgres`);
  return {
    url: `${base}/rollcall`,
    port,
    startedHere: joined === null,
    note: place.note,
    isRunning: async () => (await serverProcess(place.cluster)) !== null,
    stop: () => stopServer(place.cluster),
  };
}

async function firstUse(place: Place): Promise<Known> {
  const file = path.join(place.folder, "server.json");
  const text = await readFile(file, "utf8").catch(() => null);
  const complete = await stat(path.join(place.cluster, "PG_VERSION")).catch(() => null);
  if (text !== null && complete) return serverFile.parse(JSON.parse(text));
  if (complete) {
    throw new AppError(
      "unavailable",
      `there is a database in ${place.cluster}, but ${file} with its password is gone`,
      {
        remedy: "Restore server.json from a backup, or move the folder away to begin with an empty database.",
      },
    );
  }
  const fresh = { port: 0, password: randomBytes(24).toString("base64url") };
  const half = await makeCluster(place, fresh.password);
  await writeWhole(place, fresh);
  await rename(half, place.cluster);
  return fresh;
}

async function makeCluster(place: Place, password: string): Promise<string> {
  // Made aside and renamed when whole: a start that was killed meanwhile leaves nothing that looks like a cluster.
  const half = `${place.cluster}.new`;
  const passwordFile = path.join(path.dirname(place.cluster), "password.new");
  await rm(half, { recursive: true, force: true });
  await rm(place.cluster, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await mkdir(half, { mode: 0o700 });
  if (place.owner) {
    await chown(half, place.owner.uid, place.owner.gid);
    await chown(passwordFile, place.owner.uid, place.owner.gid);
  }
  const access = ["-U", "rollcall", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const args = ["-D", half, ...access, "-E", "UTF8", "--locale=C", "--no-sync"];
  const run = spawnSync(place.initdb, args, { ...runsAs(place), encoding: "utf8" });
  await rm(passwordFile, { force: true });
  if (run.status !== 0) {
    await rm(half, { recursive: true, force: true });
    const said = (run.stderr || messageOf(run.error)).trim();
    throw new AppError("unavailable", `the embedded PostgreSQL could not make its cluster in ${half}: ${said}`, {
      remedy: "Mend what it says, or set DATABASE_URL to a PostgreSQL 15 or later.",
    });
  }
  return half;
}

async function assertSameMajor(place: Place): Promise<void> {
  const made = Number((await readFile(path.join(place.cluster, "PG_VERSION"), "utf8")).trim());
  if (made === place.major) return;
  throw new AppError("unavailable", `the data was made by PostgreSQL ${made}, and this version brings ${place.major}`, {
    remedy: "Take it over as docs/operating.md says under Upgrades.",
  });
}

// One that is just dying counts as none.
async function joinServer(place: Place, known: Known): Promise<number | null> {
  const runs = async () => (await serverProcess(place.cluster)) !== null;
  if (!(await runs())) return null;
  const port = (await notedPort(place.cluster)) ?? known.port;
  return (await untilReady(place, addressOf(known, port), runs)) ? port : null;
}

// A server that was killed may leave parts of itself behind for a moment, so that the next one gives up at once.
async function bringUp(place: Place, known: Known, options: EmbeddedOptions): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort(known.port));
    const server = await launchServer(place, port, options.durable ?? true);
    if (await untilReady(place, addressOf(known, port), async () => !server.ended)) return port;
    if (tries === 5) throw await didNotComeUp(place);
    await wait(tries * 200);
  }
}

async function untilReady(place: Place, base: string, runs: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = nowMs() + 120_000; await runs(); ) {
    if (await answers(`${base}/postgres`)) return true;
    if (nowMs() > deadline) throw await didNotComeUp(place);
    await wait(25);
  }
  return false;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function didNotComeUp(place: Place): Promise<AppError> {
  const file = path.join(place.folder, "server.log");
  const log = await readFile(file, "utf8").catch(() => "");
  const last = log.trim().split("\n").slice(-3).join(" ");
  return new AppError("unavailable", `the embedded PostgreSQL did not come up: ${last}`, { remedy: `Read ${file}.` });
}

function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : wanted));
    });
  });
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

async function writeWhole(place: Place, known: Known): Promise<void> {
  const file = path.join(place.folder, "server.json");
  const handle = await open(`${file}.new`, "w", 0o600);
  await handle.writeFile(JSON.stringify(known));
  await handle.sync();
  await handle.close();
  // Root may start what an ordinary user made; the file stays that user's.
  if (place.owner) await chown(`${file}.new`, (await stat(place.folder)).uid, -1).catch(() => undefined);
  await rename(`${file}.new`, file);
}

function addressOf(known: Known, port: number): string {
  return `postgresql://rollcall:${known.password}@127.0.0.1:${port}`;
}
