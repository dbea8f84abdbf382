import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { system } from "@/lib/auth/actor";
import type { Source } from "@/lib/connections/read-source";
import { orderSync } from "@/lib/connections/request-sync";
import { runSync } from "@/lib/connections/run-sync";
import type { Observation } from "@/lib/connectors/schema";
import { closeDatabase, db, pool, rows, transaction } from "@/lib/db/client";
import { migrate } from "@/lib/db/migrate";
import { env, resetEnv } from "@/lib/env";
import { nowMs } from "@/lib/time";
import type { World } from "./generate";
import type { Figure } from "./measure";

// More rows take longer and tell nothing else.
const mostAccounts = 100_000;

/** An import through the sync against COPY of the same rows, read again unchanged, and the memory that it took. */
export async function benchImport(world: World): Promise<Figure[]> {
  return inEmptyDatabase(() => importInto(Math.min(world.identities, mostAccounts)));
}

async function importInto(accounts: number): Promise<Figure[]> {
  const { rows: count, copyMs, importMs, unchangedMs, growthMb } = await measureImport(accounts);
  const what = `${count.toLocaleString("en-GB")} rows`;
  return [
    { what: `import of ${what}, against COPY`, bareMs: copyMs, oursMs: importMs, atMost: { ratio: 5 } },
    {
      what: `the same ${what} read again, unchanged, against COPY`,
      bareMs: copyMs,
      oursMs: unchangedMs,
      atMost: { ratio: 5 },
    },
    { what: "growth of memory meanwhile, in MB, held to 64", bareMs: null, oursMs: growthMb, atMost: { ms: 64 } },
  ];
}

// Beside the world that the other benches ask about, so that a kept one stays what it was.
async function inEmptyDatabase<T>(work: () => Promise<T>): Promise<T> {
  const address = env().DATABASE_URL ?? "";
  const beside = new URL(address);
  beside.pathname = "/imported";
  await rows("drop database if exists imported with (force)");
  await rows("create database imported");
  await use(beside.href);
  try {
    await migrate(beside.href);
    return await work();
  } finally {
    await use(address);
    await rows("drop database imported with (force)");
  }
}

async function use(address: string): Promise<void> {
  await closeDatabase();
  process.env.DATABASE_URL = address;
  resetEnv();
}

type ImportFigures = {
  rows: number;
  copyMs: number;
  importMs: number;
  unchangedMs: number;
  ratio: number;
  growthMb: number;
};

/**
 * Reads `accounts` accounts with five memberships each, in groups nested six deep that hold twenty entitlements, through
 * the same path as any sync; and copies the same rows with COPY into tables with the same columns and indexes.
 */
async function measureImport(accounts: number): Promise<ImportFigures> {
  process.env.ROLLCALL_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
  const { copyMs, rows } = await copySame(accounts);
  const connectionId = await connect("import");
  // What the engine needs for its own code and tables it has after a first, small sync.
  await sync(await connect("warm-up"), 2_000);
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  const importMs = await timed(() => sync(connectionId, accounts));
  clearInterval(watch);
  const unchangedMs = await timed(() => sync(connectionId, accounts));
  return { rows, copyMs, importMs, unchangedMs, ratio: importMs / copyMs, growthMb: (peak - before) / 1_048_576 };
}

async function connect(name: string): Promise<string> {
  const { id } = await db().connection.create({
    data: { name, connector: "postgresql", settings: { host: "unused", user: "unused" }, scheduleMinutes: null },
    select: { id: true },
  });
  return id;
}

async function sync(connectionId: string, accounts: number): Promise<void> {
  const actor = system("bench");
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  const source: Source = async function* () {
    for (const items of batches(accounts)) yield { type: "observations", items };
    for (const kind of ["principal", "membership", "resource", "assignment", "credential"] as const)
      yield { type: "ended", kind };
  };
  await runSync(actor, { runId, source });
  const run = await db().syncRun.findUniqueOrThrow({ where: { id: runId } });
  if (run.state !== "done") throw new Error(`the sync ended ${run.state}: ${JSON.stringify(run.error ?? run.brake)}`);
}

const depth = 6;
const groupsOf = (accounts: number) => Math.max(60, Math.floor(accounts / 100));

function* observations(accounts: number): Generator<Observation> {
  const groups = groupsOf(accounts);
  for (let n = 0; n < groups; n++) {
    yield { kind: "group", externalId: `group-${n}`, name: `group-${n}` };
    yield { kind: "resource", type: "table", externalId: `table-${n}`, name: `schema.table_${n}` };
    if (n % depth !== 0) yield { kind: "membership", member: `group-${n}`, group: `group-${n - 1}` };
    for (let k = 0; k < 4; k++) {
      yield {
        kind: "assignment",
        holder: `group-${n}`,
        resource: { type: "table", externalId: `table-${(n * 7 + k) % groups}` },
        permission: ["SELECT", "INSERT", "UPDATE", "DELETE"][k] ?? "SELECT",
        privilege: k === 0 ? 1 : 2,
      };
    }
  }
  for (let n = 0; n < accounts; n++) {
    yield {
      kind: "account",
      externalId: `account-${n}`,
      name: `svc-${n % 997}-${n}`,
      displayName: `Service ${n}`,
      kindHint: { kind: "service_account", reason: "generated" },
    };
    for (let k = 0; k < 5; k++)
      yield { kind: "membership", member: `account-${n}`, group: `group-${(n * 13 + k * 101) % groups}` };
  }
}

function* batches(accounts: number): Generator<Observation[]> {
  let batch: Observation[] = [];
  for (const item of observations(accounts)) {
    batch.push(item);
    if (batch.length < 1_000) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

async function copySame(accounts: number): Promise<{ copyMs: number; rows: number }> {
  const client = await pool().connect();
  let rows = 0;
  try {
    await client.query("create temp table copied_principals (like principals including all)");
    await client.query("create temp table copied_memberships (like memberships including all)");
    const ids = new Map<string, string>();
    const uuid = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
    const connection = uuid(0);
    const copyMs = await timed(async () => {
      let principals: string[] = [];
      let memberships: string[] = [];
      const flush = async () => {
        await copy(
          client,
          "copied_principals (id, connection_id, type, external_id, name, display_name, content_hash, first_seen_at, search)",
          principals,
        );
        await copy(
          client,
          "copied_memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)",
          memberships,
        );
        principals = [];
        memberships = [];
      };
      for (const item of observations(accounts)) {
        if (item.kind === "account" || item.kind === "group") {
          const id = uuid(++rows);
          ids.set(item.externalId, id);
          principals.push(
            `${id}\t${connection}\t${item.kind}\t${item.externalId}\t${item.name}\t${item.displayName ?? ""}\thash-of-twenty-four-char\t2026-01-01\t${item.name} ${item.externalId}\n`,
          );
        } else if (item.kind === "membership") {
          rows++;
          memberships.push(`${connection}\t${ids.get(item.member)}\t${ids.get(item.group)}\tt\tf\tf\t2026-01-01\n`);
        }
        if (principals.length + memberships.length > 20_000) await flush();
      }
      await flush();
    });
    return { copyMs, rows };
  } finally {
    client.release(true);
  }
}

async function copy(client: PoolClient, table: string, lines: string[]): Promise<void> {
  if (lines.length === 0) return;
  const stream = client.query(copyFrom(`copy ${table} from stdin`));
  const finished = once(stream, "finish");
  stream.end(Buffer.from(lines.join("")));
  await finished;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = nowMs();
  await work();
  return nowMs() - startedAt;
}
