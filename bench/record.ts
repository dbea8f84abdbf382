import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { record } from "@/lib/audit/record";
import { sequenceEvents } from "@/lib/audit/sequence-events";
import { system } from "@/lib/auth/actor";
import { closeDatabase, pool, rows, transaction } from "@/lib/db/client";
import { startEmbedded } from "@/lib/db/embedded";
import { migrate } from "@/lib/db/migrate";
import { resetEnv } from "@/lib/env";
import { type Figure, lineOf, median, timed } from "./measure";
import { checkExport, checkLog } from "./record-checks";
import { prove } from "./record-proofs";

const actor = system("bench");
const whole = 1_000_000;

/** The record: what an event costs its change, sequencing, how soon an event is in the tree, the check, and proofs. */
export async function benchRecord(): Promise<Figure[]> {
  process.env.ROLLCALL_ENCRYPTION_KEY ??= Buffer.alloc(32, 7).toString("base64");
  resetEnv();
  const events = Number(process.env.BENCH_EVENTS ?? whole);
  const figures: Figure[] = [];
  // Each is said at once: the later ones take long.
  for (const measure of [
    () => onDurable(() => costOfAnEvent("written to disk, as the product runs")),
    () => costOfAnEvent("no writing to disk"),
    timeToTree,
    () => sequencing(events),
    checkLog,
    checkExport,
    () => prove(0),
    () => prove(Number(process.env.BENCH_TREE ?? 10 * whole)),
  ]) {
    const figure = await measure();
    process.stderr.write(`  ${lineOf(figure)}\n`);
    figures.push(figure);
  }
  return figures;
}

const writers = 8;
const each = 250;

// The other benches are on a server that leaves commits in memory, which no installation does: there a commit costs nothing
// and whatever else a command does costs the more.
async function onDurable<T>(work: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-bench-durable-"));
  const server = await startEmbedded(folder);
  const before = process.env.DATABASE_URL;
  try {
    await use(server.url);
    await migrate(server.url);
    return await work();
  } finally {
    await use(before);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function use(url: string | undefined): Promise<void> {
  await closeDatabase();
  process.env.DATABASE_URL = url;
  resetEnv();
}

// Eight writers, a small command each: a row is changed, with and without its event, in turns.
async function costOfAnEvent(how: string): Promise<Figure> {
  await rows("create table if not exists bench_rows (id int primary key, value int not null)");
  await rows("insert into bench_rows select n, 0 from generate_series(1, 64) n on conflict do nothing");
  const command = (withEvent: boolean, writer: number) => async () => {
    for (let n = 0; n < each; n++)
      await transaction(async (tx) => {
        await tx.$queryRaw`select value from bench_rows where id = ${writer + 1} for update`;
        await tx.$executeRaw`update bench_rows set value = value + 1 where id = ${writer + 1}`;
        if (withEvent)
          await record(tx, actor, { action: "bench.changed", target: { type: "row", id: String(writer) } });
      });
  };
  const round = (withEvent: boolean) =>
    timed(() => Promise.all(Array.from({ length: writers }, (_, writer) => command(withEvent, writer)())));
  await round(true);
  const [bare, ours]: [number[], number[]] = [[], []];
  for (let n = 0; n < 6; n++) {
    bare.push(await round(false));
    ours.push(await round(true));
  }
  return {
    what: `${writers * each} small commands by ${writers} writers with their event, ${how} (throughput at least 0.85 of bare)`,
    bareMs: median(bare),
    oursMs: median(ours),
    atMost: { ratio: 1 / 0.85 },
  };
}

// A thousand events a second for ten seconds, with the loop that the worker runs.
async function timeToTree(): Promise<Figure> {
  await sequenceEvents();
  const made = new Map<string, number>();
  const placed = new Map<string, number>();
  let writing = true;
  const sequencer = async () => {
    for (let last = await sizeOf(); writing || placed.size < made.size; await wait(200)) {
      await sequenceEvents();
      const found = await rows<{ id: string; position: string }>(
        "select event_id as id, position from audit_sequence where position > $1 order by position",
        [last],
      );
      for (const { id } of found) placed.set(id, performance.now());
      last = Number(found.at(-1)?.position ?? last);
    }
  };
  const running = sequencer();
  for (let n = 0; n < 100; n++) {
    const next = wait(100);
    const ids = await insert(100);
    for (const id of ids) made.set(id, performance.now());
    await next;
  }
  writing = false;
  await running;
  const done = [...made].map(([id, at]) => Math.max(0, (placed.get(id) ?? Number.NaN) - at));
  done.sort((a, b) => a - b);
  const p99 = done[Math.floor(done.length * 0.99)] ?? Number.NaN;
  return { what: "an event in the tree at 1,000 events/s, p99", bareMs: null, oursMs: p99, atMost: { ms: 1_000 } };
}

async function sizeOf(): Promise<number> {
  const [head] = await rows<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  return Number(head?.size ?? 0);
}

// Events as a grant makes them, in bulk, as one statement a batch.
async function insert(count: number, client: pg.Pool | pg.PoolClient = pool()): Promise<string[]> {
  const { rows: made } = await client.query<{ id: string }>(
    `with made as (
       insert into audit_events (at, actor_type, actor_id, actor_name, actor, action, target_type, target_id, target_name, outcome, details)
       select clock_timestamp(), 'person', 'u' || n % 500, 'Person ' || n % 500,
         jsonb_build_object('type', 'person', 'id', 'u' || n % 500, 'name', 'Person ' || n % 500, 'roles', '["member"]'::jsonb),
         'grant.activated', 'grant', gen_random_uuid()::text, 'SELECT on billing.invoices', 'allowed',
         jsonb_build_object('subjectId', gen_random_uuid(), 'durationSeconds', 3600, 'give', 'assignment')
       from generate_series(1, $1) n returning id),
     waiting as (insert into audit_intake (event_id) select id from made)
     select id from made`,
    [count],
  );
  return made.map(({ id }) => id);
}

async function sequencing(events: number): Promise<Figure> {
  const client = await pool().connect();
  await client.query("set statement_timeout = 0");
  for (let n = 0; n < events; n += 50_000) await insert(Math.min(50_000, events - n), client);
  await client.query("analyze audit_events, audit_intake");
  client.release(true);
  const ms = await timed(() => sequenceEvents());
  process.stderr.write(`  ${Math.round((events / ms) * 1_000)} events/s sequenced\n`);
  return {
    what: "sequencing, for each 10,000 events",
    bareMs: null,
    oursMs: (ms / events) * 10_000,
    atMost: { ms: 1_000 },
  };
}
