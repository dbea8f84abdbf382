import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { startEmbedded } from "./embedded";
import { migrate } from "./migrate";

// Vitest's global set-up: one real PostgreSQL for the run, with a migrated template that each test file copies.
export default async function startTestServer(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), "rollcall-test-"));
  const server = await startEmbedded(folder, { durable: false });
  await migrate(server.url);
  const client = new pg.Client({ connectionString: server.url.replace(/\/[^/]*$/, "/postgres") });
  await client.connect();
  await client.query("alter database rollcall rename to rollcall_template");
  await client.end();
  process.env.TEST_SERVER_URL = server.url.replace(/\/[^/]*$/, "/postgres");
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
