import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { carryRecord } from "../audit/carry-record";
import { sequenceEvents } from "../audit/sequence-events";
import { signCheckpoint } from "../audit/sign-checkpoint";
import { closeDatabase } from "../db/client";
import { resetEnv } from "../env";
import { worker } from "../requests/test-world";

// For tests: the product's own database is backed up and restored, as a copy that PostgreSQL makes.

/** A journal and an anchor file of the test's own. */
export function outside(): { folder: string; journal: string; anchor: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "rollcall-outside-"));
  const journal = path.join(folder, "endings.jsonl");
  const anchor = path.join(folder, "checkpoints.jsonl");
  Object.assign(process.env, { ROLLCALL_ENDINGS_FILE: journal, ROLLCALL_ANCHOR_FILE: anchor });
  resetEnv();
  return { folder, journal, anchor, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Copies this test's database as it is now. @returns its end, and what puts the copy in the place of the database */
export async function backUp(): Promise<{ restore(): Promise<void>; drop(): Promise<void> }> {
  const name = nameOf(process.env.DATABASE_URL ?? "");
  const copy = `${name}_backup_${process.hrtime.bigint()}`;
  await closeDatabase();
  await ask(`create database ${copy} template ${name}`);
  return {
    restore: async () => {
      await closeDatabase();
      await ask(`drop database ${name} with (force)`, `create database ${name} template ${copy}`);
    },
    drop: () => ask(`drop database if exists ${copy} with (force)`),
  };
}

/** What the worker does within a second or two: events get their place, are signed, and are carried outside. */
export async function carry(): Promise<void> {
  await sequenceEvents();
  await signCheckpoint("atOnce");
  await carryRecord(worker);
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function ask(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}
