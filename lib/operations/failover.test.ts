import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { record } from "../audit/record";
import { system } from "../auth/actor";
import { closeDatabase, isDatabaseAway, rows, transaction } from "../db/client";
import { migrate } from "../db/migrate";
import { freePort, hasDebianServer } from "../db/test-clusters";
import { resetEnv } from "../env";
import { countLiveWorkers } from "../jobs/live-workers";
import { nowMs } from "../time";

const programs = "/usr/lib/postgresql/15/bin";
const password = randomBytes(12).toString("base64url");
const children: ChildProcess[] = [];
let folder: string;
let primary: Server;
let standby: Server;

type Server = { data: string; port: number; process: ChildProcess };

describe.skipIf(!hasDebianServer())("two PostgreSQL 15, one a synchronous standby, with two workers", () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "rollcall-failover-"));
    await chmod(folder, 0o711);
    primary = await makePrimary();
    standby = await makeStandby();
    await ask(primary, "alter system set synchronous_standby_names = '*'");
    await ask(primary, "select pg_reload_conf()");
    await ask(primary, "create database rollcall");
    const hosts = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`;
    process.env.DATABASE_URL = `postgresql://rollcall:${password}@${hosts}/rollcall`;
    await closeDatabase();
    resetEnv();
    await migrate(process.env.DATABASE_URL);
    for (let n = 0; n < 2; n++) startWorker();
  });

  afterAll(async () => {
    await closeDatabase();
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  test("when the primary is killed and the standby promoted, no acknowledged write is lost and work goes on", async () => {
    await expect.poll(countLiveWorkers, { timeout: 120_000 }).toBe(2);
    const writing = write();
    await expect.poll(() => writing.acknowledged.length, { timeout: 120_000 }).toBeGreaterThan(200);
    const killedAtMs = nowMs();
    primary.process.kill("SIGKILL");
    run("pg_ctl", ["promote", "-w", "-D", standby.data]);
    const promotedAtMs = nowMs();
    const before = writing.acknowledged.length;
    await expect.poll(() => writing.acknowledged.length, { timeout: 120_000 }).toBeGreaterThan(before + 200);
    const outage = writing.acknowledged.find((one) => one.atMs > promotedAtMs)?.atMs ?? Number.POSITIVE_INFINITY;
    await writing.stop();

    expect(writing.unexpected).toEqual([]);
    expect(await missing(writing.acknowledged.map((one) => one.id))).toEqual([]);
    expect(outage - promotedAtMs).toBeLessThan(1_000);
    await expect.poll(countLiveWorkers, { timeout: 120_000 }).toBe(2);
    await expect.poll(eventsWaiting, { timeout: 120_000 }).toBe(0);
    expect(await gapsInLog()).toBe(0);
    process.stdout.write(
      `fail-over: ${writing.acknowledged.length} writes acknowledged, 0 lost; promoted after ${promotedAtMs - killedAtMs} ms, first write ${outage - promotedAtMs} ms later\n`,
    );
  });

  test("when the database is shut down at once and started again, the first write succeeds within a second", async () => {
    const writing = write();
    await expect.poll(() => writing.acknowledged.length, { timeout: 120_000 }).toBeGreaterThan(50);
    run("pg_ctl", ["stop", "-m", "immediate", "-D", standby.data]);
    standby.process = launch(standby.data, standby.port);
    await untilUp(standby);
    const upAtMs = nowMs();
    const before = writing.acknowledged.length;
    await expect.poll(() => writing.acknowledged.length, { timeout: 120_000, interval: 10 }).toBeGreaterThan(before);
    const first = writing.acknowledged[before]?.atMs ?? Number.POSITIVE_INFINITY;
    await writing.stop();

    expect(writing.unexpected).toEqual([]);
    expect(first - upAtMs).toBeLessThan(1_000);
    expect(await missing(writing.acknowledged.map((one) => one.id))).toEqual([]);
    await expect.poll(countLiveWorkers, { timeout: 120_000 }).toBe(2);
    await expect.poll(eventsWaiting, { timeout: 120_000 }).toBe(0);
  });
});

/** Four writers, each one small change with its event after another. */
function write() {
  const acknowledged: { id: string; atMs: number }[] = [];
  const unexpected: unknown[] = [];
  let going = true;
  const writers = [1, 2, 3, 4].map(async (n) => {
    while (going) {
      try {
        const id = await transaction((tx) => record(tx, system(`writer ${n}`), { action: "test.written" }));
        acknowledged.push({ id, atMs: nowMs() });
      } catch (error) {
        if (!isDatabaseAway(error)) unexpected.push(error);
        await wait(20);
      }
    }
  });
  return {
    acknowledged,
    unexpected,
    stop: async () => {
      going = false;
      await Promise.all(writers);
    },
  };
}

async function missing(ids: string[]): Promise<string[]> {
  const found = await rows<{ id: string }>(
    "select wanted.id from unnest($1::uuid[]) wanted (id) where not exists (select from audit_events e where e.id = wanted.id)",
    [ids],
  );
  return found.map((row) => row.id);
}

async function eventsWaiting(): Promise<number> {
  const [row] = await rows<{ waiting: number }>("select count(*)::int as waiting from audit_intake").catch(() => []);
  return row?.waiting ?? -1;
}

async function gapsInLog(): Promise<number> {
  const [row] = await rows<{ gaps: number }>(
    "select (max(position) - count(distinct event_id))::int as gaps from audit_sequence",
  );
  return row?.gaps ?? -1;
}

function startWorker(): void {
  const child = spawn(process.execPath, ["--conditions=react-server", "bin/run.mjs", "worker"], {
    env: { ...process.env, LOG_LEVEL: "warn", ROLLCALL_PART: "worker" },
    stdio: "ignore",
  });
  children.push(child);
}

async function makePrimary(): Promise<Server> {
  const data = path.join(folder, "primary");
  const passwordFile = path.join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  const { uid, gid } = owner();
  await chown(folder, uid, gid);
  await chown(passwordFile, uid, gid);
  run("initdb", ["-D", data, "-U", "rollcall", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"]);
  return started(data);
}

async function makeStandby(): Promise<Server> {
  const data = path.join(folder, "standby");
  const source = `host=127.0.0.1 port=${primary.port} user=rollcall password=${password}`;
  run("pg_basebackup", ["-D", data, "-d", source, "-R", "--no-sync", "-c", "fast"]);
  return started(data);
}

async function started(data: string): Promise<Server> {
  const port = await freePort();
  const server = { data, port, process: launch(data, port) };
  await untilUp(server);
  return server;
}

function launch(data: string, port: number): ChildProcess {
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const args = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  const child = spawn(path.join(programs, "postgres"), args, { ...owner(), cwd: folder, stdio: "ignore" });
  children.push(child);
  return child;
}

function run(program: string, args: string[]): void {
  const done = spawnSync(path.join(programs, program), args, { ...owner(), cwd: folder, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program}: ${done.stderr}`);
}

function owner(): { uid: number; gid: number } {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? { uid: 65534, gid: 65534 } : { uid, gid: process.getgid?.() ?? 0 };
}

async function untilUp(server: Server): Promise<void> {
  for (const deadline = nowMs() + 30_000; ; await wait(20)) {
    const answer = await ask(server, "select 1").catch((error) => error);
    if (!(answer instanceof Error)) return;
    if (nowMs() > deadline) throw answer;
  }
}

async function ask(server: Server, sql: string): Promise<void> {
  const connectionString = `postgresql://rollcall:${password}@127.0.0.1:${server.port}/postgres`;
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
