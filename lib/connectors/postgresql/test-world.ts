import type pg from "pg";
import { Dice } from "./test-dice";

// For tests: a random world of roles and privileges in a real server, the same for the same seed. Statements that the
// server refuses (a circle of memberships, a privilege that a kind of object lacks) are part of the game.

/** Runs SQL in the world's databases. */
export type World = { roles: string[]; databases: string[]; made: number; refused: number };
type Connect = (database: string) => Promise<pg.Client>;

const oddNames = [
  'Ann "the" O\'Neil',
  "спец ﷺ",
  "a b",
  "x/y",
  "dot.ted",
  "pg-like",
  "\u202egnp",
  "; drop role ann",
  "Ü".repeat(31),
  "n".repeat(62),
  "PUBLIC",
  "select",
];

const q = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Makes the world of `seed`: some twenty-four roles and three databases, named so that worlds do not meet. */
export async function makeWorld(connect: Connect, seed: number, major: number): Promise<World> {
  const dice = new Dice(seed);
  const prefix = `w${seed}_`;
  const roles = Array.from({ length: 24 }, (_, at) => cut(`${prefix}${oddNames[at] ?? `role${at}`}`));
  const databases = [`${prefix}app`, `${prefix}Odd "one"/x`, `${prefix}closed.db`];
  const world: World = { roles, databases, made: 0, refused: 0 };
  const cluster = await connect("postgres");
  try {
    for (const sql of clusterStatements(dice, { roles, databases, major })) await attempt(cluster, sql, world);
  } finally {
    await cluster.end();
  }
  for (const database of databases) {
    const client = await connect(database);
    try {
      for (const sql of databaseStatements(dice, { roles, major })) await attempt(client, sql, world);
    } finally {
      await client.end();
    }
  }
  return world;
}

/** Undoes a world. */
export async function dropWorld(connect: Connect, world: World): Promise<void> {
  const client = await connect("postgres");
  try {
    for (const database of world.databases) await client.query(`drop database if exists ${q(database)} with (force)`);
    for (const role of world.roles) {
      await client.query(`drop owned by ${q(role)} cascade`).catch(() => undefined);
    }
    for (const role of world.roles) await client.query(`drop role if exists ${q(role)}`).catch(() => undefined);
  } finally {
    await client.end();
  }
}

// Names are at most 63 bytes, which PostgreSQL would cut by itself.
function cut(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > 63) short = short.slice(0, -1);
  return short;
}

async function attempt(client: pg.Client, sql: string, world: World): Promise<void> {
  try {
    await client.query(sql);
    world.made += 1;
  } catch {
    world.refused += 1;
  }
}

function* clusterStatements(
  dice: Dice,
  { roles, databases, major }: { roles: string[]; databases: string[]; major: number },
): Generator<string> {
  for (const role of roles) {
    const options = [
      dice.chance(0.5) ? "login" : "nologin",
      dice.chance(0.3) ? "noinherit" : "inherit",
      ...(dice.chance(0.1) ? ["superuser"] : []),
      ...(dice.chance(0.15) ? ["createrole"] : []),
      ...(dice.chance(0.15) ? ["bypassrls"] : []),
      ...(dice.chance(0.1) ? ["createdb replication"] : []),
    ];
    yield `create role ${q(role)} ${options.join(" ")}`;
  }
  const bool = () => (dice.chance(0.6) ? "true" : "false");
  for (let at = 0; at < 45; at++) {
    const how =
      major >= 16
        ? `with inherit ${bool()}, set ${bool()}, admin ${dice.chance(0.3)}`
        : dice.chance(0.3)
          ? "with admin option"
          : "";
    const by = dice.chance(0.25) ? `granted by ${q(dice.pick(roles))}` : "";
    yield `grant ${q(dice.pick(roles))} to ${q(dice.pick(roles))} ${how} ${by}`;
  }
  const predefined = ["pg_read_all_data", "pg_write_all_data", "pg_monitor", "pg_signal_backend", "pg_maintain"];
  for (const role of predefined) {
    for (const to of dice.some(roles, 2)) if (dice.chance(0.7)) yield `grant ${role} to ${q(to)}`;
  }
  for (const database of databases) {
    yield `create database ${q(database)} owner ${q(dice.pick(roles))}`;
    yield* grants(dice, { what: `database ${q(database)}`, on: ["connect", "create", "temporary"], roles });
  }
  yield* grants(dice, { what: "tablespace pg_default", on: ["create"], roles });
  yield* grants(dice, { what: "parameter work_mem", on: ["set", "alter system"], roles });
  yield* grants(dice, { what: "parameter log_min_messages", on: ["set", "alter system"], roles });
}

const relationPrivileges = ["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"];
const schemas = ["plain", 'Odd "s".x', "ключ"];
type Where = { roles: string[]; major: number };

function* databaseStatements(dice: Dice, { roles, major }: Where): Generator<string> {
  for (const schema of schemas) {
    yield `create schema ${q(schema)} authorization ${q(dice.pick(roles))}`;
    yield* grants(dice, { what: `schema ${q(schema)}`, on: ["usage", "create"], roles });
  }
  yield* defaultPrivileges(dice, roles);
  for (const schema of schemas) yield* objectsIn(dice, schema, roles);
  yield* grants(dice, { what: "language plpgsql", on: ["usage"], roles });
  yield 'create foreign data wrapper "F.dw"';
  yield 'create server "Se rver" foreign data wrapper "F.dw"';
  yield* grants(dice, { what: 'foreign data wrapper "F.dw"', on: ["usage"], roles });
  yield* grants(dice, { what: 'foreign server "Se rver"', on: ["usage"], roles });
  yield `create foreign table plain."foreign" (a int, b int) server "Se rver"`;
  yield* grants(dice, { what: 'plain."foreign"', on: relationPrivileges, roles });
  for (const oid of [5001, 5002]) {
    yield `select lo_create(${oid})`;
    yield* owned(dice, { what: `large object ${oid}`, on: ["select", "update"], roles });
  }
  yield* systemGrants(dice, roles);
  if (major >= 16) yield `grant select on plain.t1 to pg_database_owner`;
}

function* objectsIn(dice: Dice, schema: string, roles: string[]): Generator<string> {
  const s = q(schema);
  const maker = q(dice.pick(roles));
  // Made by somebody, so that default privileges and the maker's ownership come into play.
  if (dice.chance(0.5)) yield `set role ${maker}`;
  for (const table of ["t1", 'T "2".x', "t3"]) {
    yield `create table ${s}.${q(table)} (a int, b int, "C c" int)`;
  }
  yield `create table ${s}.parts (a int) partition by range (a)`;
  yield `create view ${s}.v as select 1 as a, 2 as b`;
  yield `create materialized view ${s}.m as select 1 as a`;
  yield `create sequence ${s}.seq`;
  yield `create function ${s}.f(integer, text) returns int language sql as 'select 1'`;
  yield `create function ${s}.f("char"[], ${s}.t1) returns int language sql as 'select 1'`;
  yield `create procedure ${s}."P p"() language sql as 'select 1'`;
  yield `create aggregate ${s}.agg(int) (sfunc = int4pl, stype = int)`;
  yield `create type ${s}.colour as enum ('red')`;
  yield `create type ${s}.pair as (a int, b int)`;
  yield `create domain ${s}."D d" as int`;
  yield `create type ${s}.span as range (subtype = int4)`;
  yield "reset role";
  for (const table of ["t1", 'T "2".x', "t3", "parts", "v", "m"]) {
    const kind = table === "v" ? "view" : table === "m" ? "materialized view" : "table";
    yield* owned(dice, { what: `${s}.${q(table)}`, on: relationPrivileges, roles, alter: kind });
    if (kind === "table" && dice.chance(0.4)) yield* rowSecurity(dice, `${s}.${q(table)}`, roles);
    for (const column of dice.some(["a", "b", '"C c"'], 2)) {
      const on = dice.some(["select", "insert", "update", "references"], 2).map((p) => `${p} (${column})`);
      yield* grants(dice, { what: `${s}.${q(table)}`, on, roles });
    }
  }
  yield* owned(dice, { what: `sequence ${s}.seq`, on: ["usage", "select", "update"], roles });
  for (const routine of [`function ${s}.f(integer, text)`, `procedure ${s}."P p"()`]) {
    yield* owned(dice, { what: routine, on: ["execute"], roles });
  }
  yield* grants(dice, { what: `function ${s}.agg(int)`, on: ["execute"], roles });
  for (const type of ["colour", "pair", '"D d"', "span"])
    yield* owned(dice, { what: `type ${s}.${type}`, on: ["usage"], roles });
}

function* rowSecurity(dice: Dice, table: string, roles: string[]): Generator<string> {
  yield `alter table ${table} enable row level security`;
  if (dice.chance(0.3)) yield `alter table ${table} force row level security`;
  if (dice.chance(0.7)) yield `create policy p1 on ${table} for select to ${q(dice.pick(roles))} using (a > 0)`;
  if (dice.chance(0.5))
    yield `create policy "p 2" on ${table} as restrictive to public using (a > 0) with check (a < 9)`;
}

type Target = { what: string; on: string[]; roles: string[]; alter?: string };

/** A new owner perhaps, then grants and revokes. */
function* owned(dice: Dice, target: Target): Generator<string> {
  const kind = target.alter ? `${target.alter} ` : "";
  if (dice.chance(0.5)) yield `alter ${kind}${target.what} owner to ${q(dice.pick(target.roles))}`;
  if (dice.chance(0.1)) yield `alter ${kind}${target.what} owner to pg_database_owner`;
  yield* grants(dice, target);
}

function* grants(dice: Dice, { what, on, roles }: Target): Generator<string> {
  const someone = () => (dice.chance(0.12) ? "public" : dice.chance(0.06) ? "pg_database_owner" : q(dice.pick(roles)));
  for (let at = 0; at < 4; at++) {
    const option = dice.chance(0.3) ? "with grant option" : "";
    yield `grant ${dice.pick(on)} on ${what} to ${someone()} ${option}`;
  }
  if (dice.chance(0.3)) {
    // By somebody who may have the grant option and perhaps not.
    yield `set role ${q(dice.pick(roles))}`;
    yield `grant ${dice.pick(on)} on ${what} to ${someone()}`;
    yield "reset role";
  }
  if (dice.chance(0.3)) yield `revoke ${dice.pick(on)} on ${what} from public`;
  if (dice.chance(0.3)) yield `revoke ${dice.pick(on)} on ${what} from ${q(dice.pick(roles))} cascade`;
  if (dice.chance(0.1)) yield `revoke all on ${what} from ${roles.slice(0, 12).map(q).join(", ")} cascade`;
}

function* defaultPrivileges(dice: Dice, roles: string[]): Generator<string> {
  for (let at = 0; at < 6; at++) {
    const where = dice.chance(0.5) ? `in schema ${q(dice.pick(schemas))}` : "";
    const [what, on] = dice.pick([
      ["tables", relationPrivileges.slice(0, 7)],
      ["sequences", ["usage", "select", "update"]],
      ["functions", ["execute"]],
      ["types", ["usage"]],
    ] as const);
    const give = dice.chance(0.75);
    const whom = dice.chance(0.2) ? "public" : q(dice.pick(roles));
    yield `alter default privileges for role ${q(dice.pick(roles))} ${where} ${give ? "grant" : "revoke"} ${dice.pick(on)} on ${what} ${give ? "to" : "from"} ${whom}`;
  }
}

// What somebody changed in the system's own schemas is seen without reading all of them.
function* systemGrants(dice: Dice, roles: string[]): Generator<string> {
  yield `grant select on pg_catalog.pg_authid to ${q(dice.pick(roles))}`;
  yield `grant insert, delete on pg_catalog.pg_class to ${q(dice.pick(roles))}`;
  yield `revoke execute on function pg_catalog.pg_sleep(double precision) from public`;
  yield `grant execute on function pg_catalog.pg_sleep(double precision) to ${q(dice.pick(roles))}`;
  yield `grant select on information_schema.sql_features to ${q(dice.pick(roles))}`;
  yield `grant update (rolname) on pg_catalog.pg_authid to ${q(dice.pick(roles))}`;
  yield `grant usage on language sql to ${q(dice.pick(roles))}`;
}
