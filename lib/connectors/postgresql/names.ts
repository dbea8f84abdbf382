// How things of a cluster are named in the inventory. Pure.
//
// A role's external id is its name. PostgreSQL itself reserves "public" and every name that begins with "pg_", so what
// Rollcall names by those can never be mistaken for a role that somebody made.

/** External id of PUBLIC, the group that every role is in. */
export const publicGroup = "public";

/** The group of whoever owns `database`: the role pg_database_owner means somebody else in each database. */
export function databaseOwners(database: string): string {
  return `pg_database_owner/${database}`;
}

/**
 * What members of `role` inherit from it: its grants and what it owns, but never its attributes (SUPERUSER,
 * CREATEROLE …). Made only for roles that have both attributes and members that inherit.
 */
export function inheritedFrom(role: string): string {
  return `pg_inherited/${role}`;
}

/** The one resource of type `cluster`. */
export const cluster = { type: "cluster", externalId: "cluster" } as const;

/** A database's external id: its name, quoted only where it would be mistaken for a longer id. */
export function databaseId(database: string): string {
  return /[/"]/.test(database) ? `"${database.replaceAll('"', '""')}"` : database;
}

/** `app/billing.invoices`: `name` as the server quotes it. */
export function inDatabase(database: string, name: string): string {
  return `${databaseId(database)}/${name}`;
}

/** `a."b.c".d` → `a."b.c"`; null where there is nothing before a dot. */
export function withoutLastPart(id: string): string | null {
  let quoted = false;
  let lastDot = -1;
  for (let at = 0; at < id.length; at++) {
    if (id[at] === '"') quoted = !quoted;
    else if (id[at] === "." && !quoted) lastDot = at;
  }
  return lastDot > 0 ? id.slice(0, lastDot) : null;
}

/** Does the id name something in pg_catalog? */
export function isInCatalog(id: string): boolean {
  return /(^|\/)pg_catalog\./.test(id);
}

/** The name of a database from its external id. */
export function databaseOf(id: string): string {
  return id.startsWith('"') && id.endsWith('"') && id.length > 2 ? id.slice(1, -1).replaceAll('""', '"') : id;
}

/** `app/billing.invoices` → `app` and `billing.invoices`; null where that is no id of something in a database. */
export function splitDatabase(id: string): { database: string; name: string } | null {
  const found = /^("(?:[^"]|"")+"|[^/"]+)\/(.+)$/s.exec(id);
  return found?.[1] && found[2] ? { database: databaseOf(found[1]), name: found[2] } : null;
}

/** `billing."Order lines"` → `billing`, `Order lines`; null where it is not as the server quotes names. */
export function partsOf(name: string): string[] | null {
  const parts: string[] = [];
  const part = /("(?:[^"]|"")+"|[^".]+)(\.|$)/sy;
  for (let end = 0; end < name.length; end = part.lastIndex) {
    part.lastIndex = end;
    const found = part.exec(name);
    if (!found?.[1]) return null;
    parts.push(found[1].startsWith('"') ? found[1].slice(1, -1).replaceAll('""', '"') : found[1]);
    if (found[2] === "" && part.lastIndex === name.length) return parts;
  }
  return null;
}

/** Could the server have something of this name? Longer ones it would cut, and mean something else. */
export function fitsAsName(name: string): boolean {
  return name !== "" && !name.includes("\0") && Buffer.byteLength(name) <= 63;
}
