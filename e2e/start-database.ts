import pg from "pg";
import { hasDebianServer, startServer15, startServer18 } from "@/lib/db/test-clusters";

/** An ordinary PostgreSQL with an empty database for a product. */
export type Database = {
  url: string;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** A connection of one's own, to hold a lock with. */
  connect(): Promise<pg.Client>;
  stop(): Promise<void>;
};

/** Debian's PostgreSQL 15 where it is installed, as in CI; else another of the embedded one. */
export async function startDatabase(): Promise<Database> {
  const server = hasDebianServer() ? await startServer15() : await startServer18();
  const first = await server.connect();
  await first.query("create database product");
  await first.end();
  const url = `postgresql://${server.user}:${server.password}@127.0.0.1:${server.port}/product`;
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => undefined);
  return {
    url,
    rows: async (sql, values) => (await pool.query(sql, values)).rows,
    connect: () => server.connect("product"),
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
}
