import { afterAll, beforeAll } from "vitest";
import { startServer18, type TestServer } from "../../db/test-clusters";
import type { Connector, Context, ReadEvent } from "../contract";
import { hostileNames, testContract } from "../contract-tests";
import { postgresql } from "./connector";
import { type Secrets, type Settings, settings } from "./schema";

const now = new Date("2026-11-21T12:00:00Z");
let server: TestServer;

beforeAll(async () => {
  server = await startServer18();
});
afterAll(() => server.stop());

function context(overrides: Partial<Settings> = {}, more: Partial<Context<Settings, Secrets>> = {}) {
  return {
    settings: settings.parse({
      host: "127.0.0.1",
      port: server.port,
      user: server.user,
      database: "postgres",
      ...overrides,
    }),
    secrets: { password: server.password, provisionPassword: "" },
    signal: new AbortController().signal,
    now,
    ...more,
  } satisfies Context<Settings, Secrets>;
}

function read(overrides: Partial<Settings> = {}, more: Partial<Context<Settings, Secrets>> = {}) {
  return (signal: AbortSignal): AsyncIterable<ReadEvent> =>
    postgresql.read?.(context(overrides, { signal, ...more })) ?? (async function* () {})();
}

const fitting = hostileNames.map((name) => (Buffer.byteLength(name) > 63 ? name.slice(0, 63) : name));

/** A small world: nested roles, every kind of object, and names that somebody will try. */
async function makeWorld(): Promise<void> {
  const client = await server.connect();
  try {
    for (const name of fitting) await client.query(`create role ${client.escapeIdentifier(name)}`);
    await client.query(`
      create role ann login password 'ann' valid until '2026-01-01'; create role analysts; create role dba superuser;
      grant analysts to ann; grant dba to ann; grant pg_read_all_data to analysts`);
    await client.query("create database app owner ann");
  } finally {
    await client.end();
  }
  const app = await server.connect("app");
  try {
    await app.query(`
      create schema billing; create table billing.invoices (id int, amount numeric, "say ""hi""" text);
      grant usage on schema billing to analysts; grant select on billing.invoices to analysts with grant option;
      grant update (amount) on billing.invoices to public; create view billing.due as select id from billing.invoices;
      create function billing.total(integer, text) returns int language sql as 'select 1';
      revoke execute on function billing.total from public;
      create procedure billing.close() language sql as 'select 1'; create sequence billing.numbers;
      create type billing.colour as enum ('red'); create domain billing.cents as integer;
      alter table billing.invoices enable row level security;
      create policy mine on billing.invoices for select to analysts using (id > 0);
      alter default privileges in schema billing grant select on tables to analysts;
      select lo_create(4711); grant select on large object 4711 to analysts;
      grant set on parameter work_mem to analysts; grant select on pg_catalog.pg_authid to analysts`);
    for (const [at, name] of fitting.entries()) {
      await app.query(`create table billing.${app.escapeIdentifier(name)} (a${at} int)`);
    }
  } finally {
    await app.end();
  }
}

beforeAll(makeWorld);

testContract("postgresql", {
  connector: postgresql as Connector,
  read: read(),
  readHostile: read(),
  hostileNames: fitting,
  secrets: ["wrong-canary"],
  failures: {
    "a wrong password": read({}, { secrets: { password: "wrong-canary", provisionPassword: "" } }),
    "a database that is not there": read({ database: "nowhere" }),
    "a host that is not there": read({ host: "no-such-host.invalid" }),
    "a port that nobody listens on": read({ port: 1 }),
  },
});
