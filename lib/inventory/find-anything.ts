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
  const wanted = term.trim().toLowerCase().slice(0, 100);
  if (wanted === "") return [];
  const sees = (permission: "identity:read" | "resource:read" | "credential:read" | "connection:read") =>
    may(actor, permission);
  const groups = await Promise.all([
    reachOf(actor, "identity:read") === "none" ? [] : findIdentities(actor, wanted),
    sees("identity:read") ? find(principals, wanted) : [],
    sees("resource:read") ? find(resources, wanted) : [],
    sees("credential:read") ? find(credentials, wanted) : [],
    sees("connection:read") ? findConnections(wanted) : [],
  ]);
  return groups.flat();
}

type Searched = { select: string; from: string; live: string };

const principals: Searched = {
  select: `case when t.type = 'group' then 'group' else 'account' end as type, t.id, t.name, c.name as detail, t.kind_hint as kind`,
  from: "principals t join connections c on c.id = t.connection_id",
  live: "t.removed_at is null",
};
const resources: Searched = {
  select: "'resource' as type, t.id, t.name, t.type || ' in ' || c.name as detail, t.type as kind",
  from: "resources t join connections c on c.id = t.connection_id",
  live: "t.removed_at is null",
};
const credentials: Searched = {
  select: "'credential' as type, p.identity_id as id, t.name, p.name || ' in ' || c.name as detail, t.kind",
  from: "credentials t join principals p on p.id = t.principal_id join connections c on c.id = t.connection_id",
  live: "t.removed_at is null and p.identity_id is not null",
};

async function findIdentities(actor: Actor, wanted: string): Promise<Found[]> {
  const own = may(actor, "identity:read") ? "" : `and t.id in (${ownIdentitiesSql("$3")})`;
  const searched = {
    select: "'identity' as type, t.id, t.name, t.email as detail, t.kind",
    from: "identities t",
    live: `t.removed_at is null ${own}`,
  };
  return find(searched, wanted, own === "" ? [] : [identityOf(actor)]);
}

async function find({ select, from, live }: Searched, wanted: string, more: unknown[] = []): Promise<Found[]> {
  const escaped = wanted.replace(/[\\%_]/g, "\\$&");
  const sql = (pattern: string) => `select ${select} from ${from} where ${live} and t.search like ${pattern} limit $2`;
  // The patterns are values, planned each time: a generic plan would choose the wrong index for half of all terms.
  const beginning = await rows<Found>(`${sql("$1")}`, [`${escaped}%`, each, ...more]);
  if (beginning.length >= each || wanted.length < 3) return beginning;
  const within = await rows<Found>(`${sql("$1")}`, [`%${escaped}%`, each * 2, ...more]);
  const known = new Set(beginning.map((found) => found.id + found.name));
  return [...beginning, ...within.filter((found) => !known.has(found.id + found.name))].slice(0, each);
}

async function findConnections(wanted: string): Promise<Found[]> {
  return rows<Found>(
    `select 'connection' as type, id, name, connector as detail, connector as kind from connections
    where removed_at is null and position($1 in lower(name)) > 0 order by name limit $2`,
    [wanted, each],
  );
}
