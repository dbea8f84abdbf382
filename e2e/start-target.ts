import { spawnSync } from "node:child_process";
import pg from "pg";
import { adminOption, makeProvisioner, provisioner } from "@/lib/connectors/postgresql/test-provisioner";
import { startServer18, type TestServer } from "@/lib/db/test-clusters";

/** How somebody signs in there. */
export type SignIn = { user: string; password: string };

/** A PostgreSQL of an organisation, in which access is asked for, given and taken. */
export type Target = {
  /** What the product needs to connect it, as its API takes it. */
  connection: { settings: Record<string, unknown>; secrets: Record<string, unknown> };
  /** A client signed in; `cut` becomes what the server said when it ended the session. */
  open(as: SignIn): Promise<{ client: pg.Client; cut: Promise<string> }>;
  /** What one query of a client of its own answers, or the refusal in the server's words. */
  ask(as: SignIn, sql: string): Promise<string>;
  stop(): Promise<void>;
};

export const ownAccount: SignIn = { user: "lev", password: "the-password-of-lev" };

/** Starts it, with two tables, a role for each, and an account of one person who is in none of them. */
export async function startTarget(): Promise<Target> {
  const server = await startServer18();
  await furnish(server);
  const open = async ({ user, password }: SignIn) => {
    const client = new pg.Client({ host: "127.0.0.1", port: server.port, user, password, database: "postgres" });
    const cut = new Promise<string>((resolve) => client.on("error", (error) => resolve(error.message)));
    await client.connect();
    return { client, cut };
  };
  return {
    connection: postgresConnection(server),
    open,
    ask: async (as, sql) => {
      try {
        const { client } = await open(as);
        const { rows } = await client.query({ text: sql, rowMode: "array" }).finally(() => client.end());
        return rows.flat().join(", ");
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    stop: server.stop,
  };
}

/** What the product needs to connect a server in which the role that gives access was made. */
export function postgresConnection({ port, user, password }: TestServer): Target["connection"] {
  const rest = { provisionUser: provisioner, databases: "one", sslmode: "disable" };
  return {
    settings: { host: "127.0.0.1", port, user, ...rest },
    secrets: { password, provisionPassword: "provision-canary" },
  };
}

async function furnish(server: TestServer): Promise<void> {
  const client = await server.connect();
  await client.query(`
    create table invoices (number int); insert into invoices values (17), (18);
    create table salaries (person text, amount int); insert into salaries values ('lev', 4200);
    create role invoice_readers; grant select on invoices to invoice_readers;
    create role salary_readers; grant select on salaries to salary_readers;
    create role ${ownAccount.user} login password '${ownAccount.password}'`);
  await makeProvisioner(server);
  for (const role of ["invoice_readers", "salary_readers"]) await client.query(adminOption(server, role));
  await client.end();
}

/** Runs the command that a page shows, in a shell as its reader would; null where there is no psql. */
export function runShown(command: string, password: string, sql: string): string | null {
  if (spawnSync("psql", ["--version"]).status !== 0) return null;
  const run = spawnSync("sh", ["-c", `${command} --no-align --tuples-only --command "$ASKED"`], {
    encoding: "utf8",
    env: { ...process.env, PGPASSWORD: password, ASKED: sql },
  });
  return (run.stdout + run.stderr).trim();
}
