import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { may, reachOf } from "../auth/authorize";
import { rows } from "../db/client";

/** One thing that was found, ready to be shown and opened. */
export type Found = {
  type: "identity" | "account" | "group" | "resource" | "credential" | "connection";
  id: string;
  name: string;
  /** What tells it from others of the name: an e-mail address, a system. */
  detail: string | null;
  kind: string | null;
};

const each = 6;

/**
 * Finds people, machines, accounts, roles, tables, keys and systems by any part of their name, e-mail address or id, as
 * one types. Names that begin with the term come first. One or two characters find beginnings only: there is no index
 * that would find them elsewhere in good time.
 */
export async function findAnything(actor: Actor, term: string): Promise<Found[]> {
  const wanted = term.replaceAll("\u0000", "").trim().toLowerCase().slice(0, 100);
  if (wanted === "") return [];
  const seen = kindsSeenBy(actor);
  if (seen.length === 0) return [];
  const within = wanted.length < 3 ? null : `%${wanted.replace(/[\\%_]/g, "\\$&")}%`;
  const values = [wanted, `${wanted}\u{10ffff}`, within, identityOf(actor)];
  return rows<Found>(statementFor(seen), values, `find-${seen.join("-")}`);
}

function kindsSeenBy(actor: Actor): Kind[] {
  const reach = reachOf(actor, "identity:read");
  return [
    ...(reach === "all" ? (["identities", "principals"] as const) : []),
    ...(reach === "own" ? (["own"] as const) : []),
    ...(may(actor, "resource:read") ? (["resources"] as const) : []),
    ...(may(actor, "credential:read") ? (["credentials"] as const) : []),
    ...(may(actor, "connection:read") ? (["connections"] as const) : []),
  ];
}

type Searched = { table: string; live: string; select: string; joins: string };

const identities: Searched = {
  table: "identities",
  live: "t.removed_at is null",
  select: "'identity' as type, t.id, t.name, t.email as detail, t.kind",
  joins: "",
};
const kinds = {
  identities,
  own: { ...identities, live: `t.removed_at is null and t.id in (${ownIdentitiesSql("$4")})` },
  principals: {
    table: "principals",
    live: "t.removed_at is null",
    select: "case when t.type = 'group' then 'group' else 'account' end, t.id, t.name, c.name, t.kind_hint",
    joins: "join connections c on c.id = t.connection_id",
  },
  resources: {
    table: "resources",
    live: "t.removed_at is null",
    select: "'resource', t.id, t.name, t.type || ' in ' || c.name, t.type",
    joins: "join connections c on c.id = t.connection_id",
  },
  credentials: {
    table: "credentials",
    // Asked row by row: joined, all principals would be read for the few credentials that are looked at.
    live: "t.removed_at is null and (select p.identity_id from principals p where p.id = t.principal_id) is not null",
    select: "'credential', p.identity_id, t.name, p.name || ' in ' || c.name, t.kind",
    joins: "join principals p on p.id = t.principal_id join connections c on c.id = t.connection_id",
  },
} satisfies Record<string, Searched>;
type Kind = keyof typeof kinds | "connections";

// One statement that is planned once, whatever the term: the patterns are hidden from the planner, which else would
// plan it anew each time, for longer than it runs. Beginnings are read off the ordered index. What is common elsewhere
// is met among the first few rows; only what is not is worth the trigram index, which reads all there is of a term
// before it answers any. (A common table is planned for all its rows, so that the limit does not turn it into a walk.)
const firstRows = 500;

const searchSql = (kind: string, { table, live }: Searched) => `
  ${kind}_first as materialized (
    select t.id from ${table} t where ${live} and t.search ~>=~ (select $1::text) and t.search ~<~ (select $2::text)
    order by t.search using ~<~ limit ${each}),
  ${kind}_near as materialized (
    select t.id from (select * from ${table} limit ${firstRows}) t
    where (select count(*) from ${kind}_first) < ${each} and ${live} and t.search like (select $3::text)
    limit ${2 * each}),
  ${kind}_within as materialized (
    select t.id from ${table} t
    where (select count(*) from ${kind}_first) < ${each} and (select count(*) from ${kind}_near) < ${2 * each}
      and ${live} and t.search like (select $3::text)),
  ${kind}_found as materialized (
    select id, min(place) as place from (
      select id, 1 as place from ${kind}_first
      union all select id, 2 from ${kind}_near
      union all (select id, 2 from ${kind}_within limit ${2 * each})) as it
    group by id order by place limit ${each})`;

const shownSql = (kind: string, { table, select, joins }: Searched, order: number) => `
  select ${select}, ${order} as kind_place, f.place from ${kind}_found f join ${table} t on t.id = f.id ${joins}`;

const connectionsSql = (order: number) => `
  (select 'connection', id, name, connector, connector, ${order}, 1 from connections
    where removed_at is null and position((select $1::text) in lower(name)) > 0 order by name limit ${each})`;

const statements = new Map<string, string>();

function statementFor(seen: readonly Kind[]): string {
  const key = seen.join();
  const known = statements.get(key) ?? composed(seen);
  statements.set(key, known);
  return known;
}

function composed(seen: readonly Kind[]): string {
  const searched = seen.filter((kind) => kind !== "connections");
  const shown = seen.map((kind, order) =>
    kind === "connections" ? connectionsSql(order) : shownSql(kind, kinds[kind], order),
  );
  const given = `given as (select $1::text, $2::text, $3::text, $4::uuid)`;
  return `with ${[given, ...searched.map((kind) => searchSql(kind, kinds[kind]))].join(",")}
    select type, id, name, detail, kind from (select null::text as type, null::uuid as id, null::text as name,
      null::text as detail, null::text as kind, 0 as kind_place, 0 as place where false
      union all ${shown.join(" union all ")}) as found
    order by kind_place, place, name`;
}
