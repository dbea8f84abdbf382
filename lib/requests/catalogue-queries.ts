import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { connectorNamed } from "../connectors/registry";
import type { IdentityKind } from "../connectors/schema";
import { db, rows } from "../db/client";
import { whyNotGiving } from "../grants/target";
import { containing } from "../lists/select";
import { catalogueSql } from "./catalogue-sql";

/** Something that can be asked for. */
export type CatalogueEntry = {
  /** A stable key: `group:…` or `entitlement:…`. */
  key: string;
  connection: { id: string; name: string; environment: string };
  permission: string;
  resource: { type: string; id: string; name: string };
  privilege: number;
  /** What it is about, where that is more than its name: what a group gives, what a resource is within. */
  about: string | null;
  /** How many colleagues (the same manager, or else the same department) hold it. */
  colleagues: number;
  /** Whoever would hold it does so already, directly. */
  held: boolean;
  /** No connector gives it: a person does it by hand. */
  byHand: boolean;
  /** A group that its system brought along; nobody here made it. */
  builtIn: boolean;
};

export type CatalogueSearch = {
  q?: string | undefined;
  connection?: string | undefined;
  environment?: string | undefined;
  /** Only what colleagues have. */
  colleagues?: boolean | undefined;
  /** Only what is held already; else that is left out where there are no words, and comes last where there are. */
  held?: boolean | undefined;
  /** For whom: an identity's id; oneself without. */
  subjectId?: string | undefined;
  limit?: number | undefined;
};

/** Words of a search that name a privilege. */
const privilegeWords: Record<string, number> = { read: 1, write: 2, admin: 3, everything: 4 };

/**
 * What may be asked for, by words of its name, permission and system. First what is named just so, then what Rollcall
 * gives, of that what colleagues have, and the smaller; what administers comes after all that does not, and what a
 * system brought along after all that somebody made. Without words: what colleagues have, and the groups and roles that Rollcall gives. A word that names a system, or a system that is
 * chosen, finds its groups and roles. The rarest kind of word, a name, is looked up by index and the others narrow what
 * it found.
 */
export async function searchCatalogue(
  actor: Actor,
  { q = "", connection, environment, colleagues = false, held = false, subjectId, limit = 30 }: CatalogueSearch,
): Promise<{ items: CatalogueEntry[]; more: boolean }> {
  await authorize(actor, "catalogue:read", { type: "catalogue" });
  const subject = (await ownSubject(actor, subjectId)) ?? identityOf(actor);
  const words = q.replaceAll("\u0000", "").toLowerCase().trim().split(/\s+/u).filter(Boolean).slice(0, 6);
  const permissions = words.length > 0 ? await listPermissions() : [];
  const named = (word: string) => permissions.filter((it) => it.toLowerCase().includes(word));
  // A word for a privilege or a permission finds too much to begin with.
  const rank = (word: string) => (privilegeOf(word) === null && named(word).length === 0 ? 0 : 1);
  const [anchor = null, ...others] = [...words].sort(
    (one, other) => rank(one) - rank(other) || other.length - one.length,
  );
  const found = await rows<Found>(catalogueSql(anchor !== null), [
    subject,
    anchor === null ? null : containing(anchor),
    JSON.stringify(others.map((word) => ({ like: containing(word), privilege: privilegeOf(word) }))),
    connection ?? null,
    environment ?? null,
    colleagues,
    limit + 1,
    anchor === null ? [] : named(anchor),
    held,
    anchor === null && !held,
    await givingSystems(),
    q.toLowerCase().trim(),
  ]);
  return { items: found.slice(0, limit).map(entryOf), more: found.length > limit };
}

function privilegeOf(word: string): number | null {
  const name = Object.keys(privilegeWords).find((it) => word.length >= 3 && it.startsWith(word));
  return name === undefined ? null : (privilegeWords[name] ?? null);
}

async function ownSubject(actor: Actor, subjectId: string | undefined): Promise<string | null> {
  const mine = identityOf(actor);
  if (subjectId === undefined || mine === null) return null;
  const [row] = await rows<{ id: string }>(
    `select $2::uuid as id where $2::uuid in (${ownIdentitiesSql("$1::uuid")})`,
    [mine, subjectId],
  );
  return row?.id ?? null;
}

// Where Rollcall itself gives and takes; elsewhere a person does.
async function givingSystems(): Promise<string[]> {
  const systems = await db().connection.findMany({
    where: { removedAt: null },
    select: { id: true, connector: true, settings: true },
  });
  return systems.flatMap(({ id, connector: name, settings }) => {
    const connector = connectorNamed(name);
    return connector && whyNotGiving(connector, settings) === null ? [id] : [];
  });
}

// Every permission there is, once: they are few, and the index is leapt through from one to the next.
async function listPermissions(): Promise<string[]> {
  const found = await rows<{ permission: string }>(`
    with recursive p as (
      (select permission from entitlements where removed_at is null and pattern is null order by permission limit 1)
      union all
      select (select e.permission from entitlements e
        where e.removed_at is null and e.pattern is null and e.permission > p.permission order by e.permission limit 1)
      from p where p.permission is not null)
    select permission from p where permission is not null limit 2000`);
  return found.map(({ permission }) => permission);
}

type Found = {
  type: "group" | "entitlement";
  id: string;
  connectionId: string;
  connection: string;
  environment: string;
  gives: boolean;
  permission: string;
  resourceType: string;
  externalId: string;
  name: string;
  within: string | null;
  privilege: number;
  colleagues: number;
  held: boolean;
  builtIn: boolean;
};

function entryOf(row: Found): CatalogueEntry {
  return {
    key: `${row.type}:${row.id}`,
    connection: { id: row.connectionId, name: row.connection, environment: row.environment },
    permission: row.permission,
    resource: { type: row.resourceType, id: row.externalId, name: row.name },
    privilege: row.privilege,
    about: row.within,
    colleagues: row.colleagues,
    held: row.held,
    byHand: !row.gives,
    builtIn: row.builtIn,
  };
}

/** Somebody or something the actor may ask for. */
export type Subject = { id: string; name: string; kind: IdentityKind; relation: "self" | "report" | "owned" };

/** For whom the actor may ask: themself first, then their reports and the machines that they own. */
export async function listSubjects(actor: Actor): Promise<Subject[]> {
  await authorize(actor, "catalogue:read", { type: "catalogue" });
  return rows<Subject>(
    `select i.id, i.name, i.kind, case when i.id = $1 then 'self' when i.kind = 'human' then 'report' else 'owned' end as relation
     from identities i where i.removed_at is null and i.status = 'active' and i.id in (${ownIdentitiesSql("$1::uuid")})
     order by i.id <> $1, i.kind <> 'human', i.name, i.id limit 200`,
    [identityOf(actor)],
  );
}

/** A system that something may be asked for in. */
export type CatalogueSystem = { id: string; name: string };

/** The systems of the catalogue, by name. */
export async function listCatalogueSystems(actor: Actor): Promise<CatalogueSystem[]> {
  await authorize(actor, "catalogue:read", { type: "catalogue" });
  return rows<CatalogueSystem>(
    `select c.id, c.name from connections c where c.removed_at is null
       and (exists (select 1 from entitlements e where e.connection_id = c.id and e.removed_at is null)
         or exists (select 1 from principals g where g.connection_id = c.id and g.type = 'group' and g.removed_at is null))
     order by c.name limit 500`,
  );
}
