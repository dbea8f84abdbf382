import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { Connector, Context } from "../contract";
import { hostileNames } from "../contract-tests";
import type { AccountRef, HeldAccess } from "../provisioning";
import { type ProvisioningSubject, testProvisioning } from "../provisioning-contract-tests";
import { postgresql } from "./connector";
import { inDatabase } from "./names";
import { type Impostor, startImpostor } from "./test-impostor";
import {
  accountOf,
  adminOption,
  asAdministrator,
  callOn,
  held,
  makeProvisioner,
  membershipOf,
  privilegeOn,
  provisioner,
} from "./test-provisioner";

// As roles, tables and databases: at most 63 bytes, which PostgreSQL would cut by itself.
const hostile = [
  ...hostileNames,
  'quote"s and ""more""',
  "a.b/c",
  "a(b)c",
  "back\\slash E'\\'",
  "$$ ; select 1 --",
].map((name) => cut(name));
const q = (name: string) => pg.escapeIdentifier(name);

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  let hanging: Impostor;
  const odd = 'odd "db"/x';
  const everything: HeldAccess[] = [];

  beforeAll(async () => {
    server = await start();
    hanging = await startImpostor(() => undefined);
    await makeProvisioner(server);
    await asAdministrator(server, async (client) => {
      for (const role of ["ann", "lea", "olga"]) await client.query(`create role ${role} login password '${role}'`);
      for (const role of ["analysts", ...hostile]) {
        await client.query(`create role ${q(role)}`);
        await client.query(adminOption(server, role));
      }
      if (major >= 16) for (const role of ["lea", "olga"]) await client.query(adminOption(server, role));
      await client.query("create table olgas (a int); alter table olgas owner to olga");
      await client.query(adminOption(server, "pg_read_all_data"));
      await client.query(`create database ${q(odd)}`);
      await client.query(`grant connect, create on database ${q(odd)} to ${provisioner} with grant option;
        grant create on tablespace pg_default to ${provisioner} with grant option;
        grant set, alter system on parameter work_mem to ${provisioner} with grant option`);
    });
    everything.push(...(await asAdministrator(server, (client) => makeObjects(client, odd, major), odd)));
  });
  afterAll(async () => {
    await hanging.stop();
    await server.stop();
  });

  const call =
    (overrides = {}) =>
    (signal?: AbortSignal) =>
      callOn(server, overrides, signal) as Context<unknown, unknown>;
  const wrongPassword = (signal?: AbortSignal) => {
    const right = callOn(server, {}, signal);
    return { ...right, secrets: { ...right.secrets, provisionPassword: "wrong-canary" } } as Context<unknown, unknown>;
  };

  async function open({ externalId }: AccountRef, password = externalId) {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: server.port,
      user: externalId,
      password,
      database: "postgres",
    });
    const cut = new Promise((resolve) => client.on("error", resolve));
    await client.connect();
    return { client, cut };
  }

  const subject = (): ProvisioningSubject => ({
    connector: postgresql as Connector,
    call: call(),
    readOnly: callOn(server, { provisionUser: "" }).settings,
    held: [held("ann", membershipOf("analysts")), held("ann", membershipOf("pg_read_all_data")), ...everything],
    hostile: hostile.flatMap((name) => [
      held(name, membershipOf("analysts")),
      held("ann", membershipOf(name)),
      held(name, privilegeOn("table", inDatabase(odd, `${q(name)}.${q(name)}`), "SELECT")),
      held(name, privilegeOn("column", inDatabase(odd, `${q(name)}.${q(name)}.${q(name)}`), "UPDATE")),
    ]),
    absent: {
      account: held("nobody", membershipOf("analysts")),
      "an account whose name would be cut to one that is there": held(
        `${cut("x".repeat(99))}x`,
        membershipOf("analysts"),
      ),
      group: held("ann", membershipOf("nothing")),
      database: held("ann", privilegeOn("table", "nowhere/a.b", "SELECT")),
      schema: held("ann", privilegeOn("table", inDatabase(odd, "nowhere.b"), "SELECT")),
      table: held("ann", privilegeOn("table", inDatabase(odd, "s.nothing"), "SELECT")),
      "a view by the name of a table": held("ann", privilegeOn("view", inDatabase(odd, "s.t"), "SELECT")),
      function: held("ann", privilegeOn("function", inDatabase(odd, "s.f(integer)"), "EXECUTE")),
    },
    refused: {
      superuser: privilegeOn("cluster", "cluster", "SUPERUSER"),
      pattern: privilegeOn("cluster", "cluster", "pg_read_all_data"),
      ownership: privilegeOn("table", inDatabase(odd, "s.t"), "OWNER"),
      defaults: privilegeOn("schema", inDatabase(odd, "s"), "DEFAULT SELECT ON TABLES FOR ROLE ann"),
      PUBLIC: membershipOf("public"),
      "the owners of a database": membershipOf("pg_database_owner/postgres"),
      "what members inherit": membershipOf("pg_inherited/analysts"),
      "no such permission": privilegeOn("schema", inDatabase(odd, "s"), "SELECT"),
      "no such kind": privilegeOn("teapot", "t", "POUR"),
      "a name that is none": privilegeOn("table", inDatabase(odd, 's."t'), "SELECT"),
      "SQL as a permission": privilegeOn("table", inDatabase(odd, "s.t"), "SELECT, INSERT"),
    },
    failures: {
      "a wrong password": { call: wrongPassword, retryable: false },
      "a host that hangs": { call: call({ port: hanging.port, connectTimeoutSeconds: 1 }), retryable: true },
      "a port that nobody listens on": { call: call({ port: 1 }), retryable: true },
      "a connection that only reads": { call: call({ provisionUser: "" }), retryable: false },
    },
    secrets: ["canary"],
    open,
    leaver: accountOf("lea"),
    owner: accountOf("olga"),
    own: [accountOf(server.user), accountOf(provisioner)],
    issued: {
      order: {
        name: 'rc "ann"; --',
        for: "Ann",
        access: [membershipOf("analysts"), ...everything.map(({ access }) => access)],
        until: new Date("2099-01-01T00:00:00Z"),
      },
      signIn: async (account, secret) => (await open(account, secret)).client.end(),
    },
  });

  testProvisioning("postgresql", subject);
});

/** A schema of everything that privileges exist on, all of it to be given; and tables by the hostile names. */
async function makeObjects(client: pg.Client, database: string, major: number): Promise<HeldAccess[]> {
  await client.query(`
    create schema s; create table s.t (a int, "c.c" int); create view s.v as select 1 as a;
    create materialized view s.m as select 1 as a; create sequence s.q; create type s.colour as enum ('red');
    create function s.f(integer, "char"[]) returns int language sql as 'select 1';
    create procedure s."p p"() language sql as 'select 1'; create aggregate s.agg(int) (sfunc = int4pl, stype = int);
    create foreign data wrapper w; create server "se rver" foreign data wrapper w; select lo_create(4711);
    create foreign table s.ft (a int) server "se rver";
    revoke execute on all routines in schema s from public; revoke usage on type s.colour from public`);
  const on: [type: string, name: string, sql: string, permissions: string[]][] = [
    ["schema", "s", "schema s", ["USAGE", "CREATE"]],
    [
      "table",
      "s.t",
      "s.t",
      [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "REFERENCES",
        "TRIGGER",
        ...(major >= 17 ? ["MAINTAIN"] : []),
      ],
    ],
    ["view", "s.v", "s.v", ["SELECT"]],
    ["materialized_view", "s.m", "s.m", ["SELECT"]],
    ["foreign_table", "s.ft", "s.ft", ["SELECT"]],
    ["sequence", "s.q", "sequence s.q", ["USAGE", "SELECT", "UPDATE"]],
    ["type", "s.colour", "type s.colour", ["USAGE"]],
    ["function", 's.f(integer, "char"[])', 'function s.f(integer, "char"[])', ["EXECUTE"]],
    ["function", "s.agg(integer)", "function s.agg(integer)", ["EXECUTE"]],
    ["procedure", 's."p p"()', 'procedure s."p p"()', ["EXECUTE"]],
    ["language", "plpgsql", "language plpgsql", ["USAGE"]],
    ["foreign_data_wrapper", "w", "foreign data wrapper w", ["USAGE"]],
    ["foreign_server", '"se rver"', 'foreign server "se rver"', ["USAGE"]],
    ["large_object", "4711", "large object 4711", ["SELECT", "UPDATE"]],
  ];
  for (const [, , sql, permissions] of on) {
    await client.query(`grant ${permissions.join(", ")} on ${sql} to ${provisioner} with grant option`);
  }
  await client.query(`grant select ("c.c"), update ("c.c") on s.t to ${provisioner} with grant option`);
  for (const name of hostile) {
    await client.query(`create schema ${q(name)}; create table ${q(name)}.${q(name)} (${q(name)} int);
      grant usage on schema ${q(name)} to ${provisioner};
      grant select, update on ${q(name)}.${q(name)} to ${provisioner} with grant option`);
  }
  const privileges = on.flatMap(([type, name, , permissions]) =>
    permissions.map((permission) => held("ann", privilegeOn(type, inDatabase(database, name), permission))),
  );
  return [
    ...privileges,
    held("ann", privilegeOn("column", inDatabase(database, 's.t."c.c"'), "SELECT")),
    held("ann", privilegeOn("column", inDatabase(database, 's.t."c.c"'), "UPDATE")),
    held("ann", privilegeOn("database", q(database), "CREATE")),
    held("ann", privilegeOn("tablespace", "pg_default", "CREATE")),
    held("ann", privilegeOn("parameter", "work_mem", "SET")),
    held("ann", privilegeOn("parameter", "work_mem", "ALTER SYSTEM")),
  ];
}

function cut(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > 63) short = short.slice(0, -1);
  return short;
}
