import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { nowMs } from "../time";
import { startEmbedded } from "./embedded";

// For tests: real servers of one's own, on a free port in a temporary folder, ended by their process id.

/** A server, its administrator's sign-in, and its end. */
export type TestServer = {
  major: number;
  port: number;
  user: string;
  password: string;
  /** A client signed in to `database`; end it. */
  connect(database?: string, user?: string, password?: string): Promise<pg.Client>;
  stop(): Promise<void>;
};

const debianBinaries = "/usr/lib/postgresql/15/bin";

/** Is Debian's PostgreSQL 15 installed here? In CI it must be. */
export function hasDebianServer(): boolean {
  const found = existsSync(path.join(debianBinaries, "postgres"));
  if (!found && process.env.CI === "true") throw new Error("PostgreSQL 15 is missing: apt-get install postgresql-15");
  return found;
}

/** The embedded PostgreSQL 18, apart from the one that the test run shares: roles belong to a whole cluster. */
export async function startServer18(): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-pg18-"));
  const server = await startEmbedded(folder, { durable: false });
  const url = new URL(server.url);
  return {
    ...signIns(18, server.port, "rollcall", url.password),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A server that can be killed with all its processes by SIGKILL, and started again on what it wrote. */
export type MortalServer = TestServer & {
  url: string;
  kill(): Promise<void>;
  /** As `pg_ctl stop -m immediate`: it drops everything where it is, and recovers at its next start. */
  stopAtOnce(): Promise<void>;
  again(): Promise<void>;
};

/** The embedded PostgreSQL 18 again: what it acknowledged it has written, as in life. */
export async function startMortalServer18(): Promise<MortalServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-pg18-"));
  const server = await startEmbedded(folder);
  const { port, url } = server;
  const signing = signIns(18, port, "rollcall", new URL(url).password);
  // What dies here is the server, not the machine: what was written is in the system's hands, and need not be on the disk.
  const client = await signing.connect();
  await client.query("alter system set fsync = off");
  await client.query("select pg_reload_conf()");
  await client.end();
  return {
    ...signing,
    url,
    kill: () => killAll(path.join(folder, "cluster")),
    stopAtOnce: async () => {
      const [first = ""] = (await readFile(path.join(folder, "cluster", "postmaster.pid"), "utf8")).split("\n");
      process.kill(Number(first), "SIGQUIT");
      while (lives(Number(first), 0)) await wait(5);
    },
    again: async () => void (await startEmbedded(folder, { port })),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function killAll(cluster: string): Promise<void> {
  const [first = ""] = (await readFile(path.join(cluster, "postmaster.pid"), "utf8")).split("\n");
  const said = spawnSync("ps", ["-o", "pid=", "--ppid", first], { encoding: "utf8" }).stdout;
  const pids = [first, ...said.split("\n")].map(Number).filter((pid) => pid > 0);
  for (const pid of pids) lives(pid, "SIGKILL");
  while (pids.some((pid) => lives(pid, 0))) await wait(5);
}

// A part that ended by itself meanwhile is as dead.
function lives(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

type Options = {
  /** The texts of a certificate and its key. */
  ssl?: { cert: string; key: string };
  /** It stays in recovery, as a standby whose primary is away. */
  standby?: boolean;
};

/** Debian's PostgreSQL 15. */
export async function startServer15({ ssl, standby }: Options = {}): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-pg15-"));
  const owner = await ownerOf(folder);
  const data = path.join(folder, "cluster");
  const password = randomBytes(12).toString("base64url");
  const passwordFile = path.join(folder, "password");
  await writeFile(passwordFile, password);
  await chown(passwordFile, owner.uid, owner.gid);
  const args = ["-D", data, "-U", "rollcall", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const made = spawnSync(`${debianBinaries}/initdb`, [...args, "-E", "UTF8", "--locale=C", "--no-sync"], {
    ...owner,
    cwd: folder,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const files = {
    ...(ssl ? { "server.crt": ssl.cert, "server.key": ssl.key } : {}),
    ...(standby ? { "standby.signal": "" } : {}),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(data, name), text, { mode: 0o600 });
    await chown(path.join(data, name), owner.uid, owner.gid);
  }
  const port = await freePort();
  const options = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "fsync=off"];
  if (ssl) options.push("ssl=on");
  const child = spawn(
    `${debianBinaries}/postgres`,
    ["-D", data, "-p", String(port), ...options.flatMap((o) => ["-c", o])],
    {
      ...owner,
      cwd: folder,
      stdio: "ignore",
    },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const server = signIns(15, port, "rollcall", password);
  await untilUp(server).catch((error) => {
    child.kill("SIGQUIT");
    throw error;
  });
  return {
    ...server,
    stop: async () => {
      child.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function signIns(major: number, port: number, user: string, password: string): Omit<TestServer, "stop"> {
  return {
    major,
    port,
    user,
    password,
    connect: async (database = "postgres", as = user, withPassword = password) => {
      const client = new pg.Client({ host: "127.0.0.1", port, user: as, password: withPassword, database });
      await client.connect();
      return client;
    },
  };
}

// PostgreSQL refuses to run as root.
async function ownerOf(folder: string): Promise<{ uid: number; gid: number }> {
  if (process.getuid?.() !== 0) return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const owner = { uid: 65534, gid: 65534 };
  await chmod(folder, 0o755);
  await chown(folder, owner.uid, owner.gid);
  return owner;
}

async function untilUp(server: Omit<TestServer, "stop">): Promise<void> {
  const deadline = nowMs() + 30_000;
  for (;;) {
    try {
      await (await server.connect()).end();
      return;
    } catch (error) {
      if (nowMs() > deadline) throw error;
      await wait(50);
    }
  }
}

/** A port that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
