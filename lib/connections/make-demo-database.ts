import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Actor } from "../auth/actor";
import { db } from "../db/client";
import { primaryOf } from "../db/primary";
import { env } from "../env";
import { createConnection } from "./create-connection";
import { requestSync } from "./request-sync";
import { runSync } from "./run-sync";

/** The name of the demonstration's real system. */
export const demoDatabase = "invoicing";

// Names of the cluster's own, so that nothing is taken for theirs.
const reader = "nordwind_reads";
const giver = "nordwind_gives";
/** The roles that can be asked for, and what each may. */
export const demoRoles = {
  nordwind_readers: "select",
  nordwind_clerks: "select, insert, update",
  nordwind_owners: "all",
} as const;

export type DemoAccount = { email: string; role: string };

/**
 * Makes a real database beside the product's own, with roles to be asked for and accounts of a few people, and connects
 * it with the right to give: what is asked for in the demonstration is given, proven and taken in a real PostgreSQL.
 * @returns the connection, or null where this cluster does not let us make databases and roles
 */
export async function makeDemoDatabase(actor: Actor, accounts: readonly DemoAccount[]): Promise<string | null> {
  const existing = await db().connection.findUnique({ where: { name: demoDatabase }, select: { id: true } });
  if (existing) return existing.id;
  const url = new URL(await primaryOf(env().DATABASE_URL ?? ""));
  const secrets = {
    password: randomBytes(24).toString("base64url"),
    provisionPassword: randomBytes(24).toString("base64url"),
  };
  const made = await prepare(url, secrets, accounts);
  if (!made) return null;
  const { id } = await createConnection(actor, {
    name: demoDatabase,
    connector: "postgresql",
    environment: "production",
    settings: {
      host: url.hostname,
      port: Number(url.port || 5432),
      user: reader,
      provisionUser: giver,
      database: demoDatabase,
      databases: "one",
      sslmode: url.searchParams.get("sslmode") ?? "disable",
    },
    secrets,
    syncNow: false,
  });
  const { runId } = await requestSync(actor, { id });
  await runSync(actor, { runId });
  await matchAccounts(id, accounts);
  return id;
}

async function prepare(
  url: URL,
  secrets: { password: string; provisionPassword: string },
  accounts: readonly DemoAccount[],
): Promise<boolean> {
  const may = await on(url, async (client) => {
    const { rows } = await client.query<{ may: boolean }>(
      "select rolsuper as may from pg_roles where rolname = current_user",
    );
    if (!rows[0]?.may) return false;
    const known = await client.query("select 1 from pg_database where datname = $1", [demoDatabase]);
    if (known.rowCount === 0) await client.query(`create database ${demoDatabase}`);
    return true;
  });
  if (!may) return false;
  const inside = new URL(url);
  inside.pathname = `/${demoDatabase}`;
  await on(inside, (client) => client.query(furnish(secrets, accounts)));
  return true;
}

async function on<T>(url: URL, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

// One statement after another, so that an interrupted demonstration begins anew where it stopped.
function furnish(
  { password, provisionPassword }: { password: string; provisionPassword: string },
  accounts: readonly DemoAccount[],
): string {
  const name = (text: string) => pg.escapeIdentifier(text);
  const role = (text: string, options: string) =>
    `do $$ begin create role ${name(text)} ${options}; exception when duplicate_object then alter role ${name(text)} ${options}; end $$;`;
  return [
    "create table if not exists invoices (number int primary key, customer text, amount numeric, paid boolean);",
    "insert into invoices select n, 'Customer ' || n % 40, n * 17 % 5000, n % 3 = 0 from generate_series(1, 500) n on conflict do nothing;",
    "create table if not exists credit_notes (number int primary key, invoice int, amount numeric);",
    role(reader, `login password ${pg.escapeLiteral(password)}`),
    role(giver, `login createrole password ${pg.escapeLiteral(provisionPassword)}`),
    `grant pg_read_all_stats to ${reader}; grant pg_signal_backend to ${giver};`,
    ...Object.entries(demoRoles).flatMap(([group, privileges]) => [
      role(group, "nologin"),
      `grant ${privileges} on invoices, credit_notes to ${group};`,
      `grant ${group} to ${giver} with admin true, inherit false, set false;`,
    ]),
    ...accounts.map((account) => role(account.role, "login")),
    ...accounts.map((account) => `grant ${name(account.role)} to ${giver} with admin true, inherit false, set false;`),
  ].join("\n");
}

async function matchAccounts(connectionId: string, accounts: readonly DemoAccount[]): Promise<void> {
  await db().$executeRaw`
    update principals p set identity_id = i.id, match_rule = 'person', match_set_by = 'demo',
      match_reason = 'Nordwind knows whose it is', match_confidence = 1
    from unnest(${accounts.map(({ role }) => role)}::text[], ${accounts.map(({ email }) => email)}::text[]) as a (role, email)
    join identities i on i.email = a.email and i.removed_at is null
    where p.connection_id = ${connectionId}::uuid and p.external_id = a.role and p.type = 'account'`;
}
