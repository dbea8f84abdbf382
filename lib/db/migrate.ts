import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { rootFolder } from "../env";
import { AppError } from "../errors";
import { primaryOf } from "./primary";

/** One folder of prisma/migrations. */
export type Migration = { name: string; sql: string; checksum: string };

const lockKey = 7_251_998_013;

/**
 * Brings the database at `url` up to date: one file, one transaction, under a lock, so that many processes may start
 * at once. Rows go into Prisma's own `_prisma_migrations`, which keeps `prisma migrate deploy` usable.
 * @returns the names of the migrations that were applied now.
 * @throws AppError `conflict` when an applied migration was edited, or the database is newer than this program.
 */
export async function migrate(url: string): Promise<string[]> {
  // A tenth of a second to load, which the database's answer covers.
  const graphile = import("graphile-worker");
  const connectionString = await primaryOf(url);
  const client = new pg.Client({ connectionString, application_name: "rollcall migrate" });
  await Promise.all([client.connect(), graphile]);
  try {
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    const applied = await applyMigrations(client, await readMigrations());
    await (await graphile).runMigrations({ connectionString });
    return applied;
  } finally {
    await client.end();
  }
}

/** The migrations that ship with this program, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const folder = path.join(rootFolder(), "prisma", "migrations");
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function applyMigrations(client: pg.Client, migrations: Migration[]): Promise<string[]> {
  await client.query(`create table if not exists _prisma_migrations (
    id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
    logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    "select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null",
  );
  const known = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  assertSameHistory(migrations, known);
  const pending = migrations.filter((migration) => !known.has(migration.name));
  for (const migration of pending) await applyOne(client, migration);
  return pending.map((migration) => migration.name);
}

function assertSameHistory(migrations: Migration[], known: Map<string, string>): void {
  for (const migration of migrations) {
    const checksum = known.get(migration.name);
    if (checksum !== undefined && checksum !== migration.checksum) {
      throw new AppError("conflict", `the migration ${migration.name} was edited after it had been applied`, {
        remedy: "Restore the file as it was and put the change into a new migration.",
      });
    }
  }
  const names = new Set(migrations.map((migration) => migration.name));
  const newer = [...known.keys()].find((name) => !names.has(name));
  if (newer) {
    throw new AppError(
      "conflict",
      `the database knows the migration ${newer}, which this version of Rollcall does not`,
      {
        remedy: "Run the version of Rollcall that made it, or a later one.",
      },
    );
  }
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      "insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) values (gen_random_uuid(), $1, now(), $2, 1)",
      [migration.checksum, migration.name],
    );
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    throw new AppError(
      "conflict",
      `the migration ${migration.name} failed: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
