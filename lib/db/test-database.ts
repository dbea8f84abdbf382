import { randomBytes } from "node:crypto";
import pg from "pg";
import { resetEnv } from "../env";
import { closeDatabase } from "./client";

/**
 * For tests: a database of one's own, copied from the migrated template that the test run's server holds, and made the
 * one that `db()` reaches. @returns its address, and `drop` for afterwards.
 */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env.TEST_SERVER_URL;
  if (!server) throw new Error("TEST_SERVER_URL is not set: run the tests through vitest.config.ts");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdministrator(server, `create database ${name} template rollcall_template`);
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  await closeDatabase();
  process.env.DATABASE_URL = url;
  resetEnv();
  return {
    url,
    drop: async () => {
      await closeDatabase();
      await asAdministrator(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function asAdministrator(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
