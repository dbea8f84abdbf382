import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { connectorNamed } from "../connectors/registry";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { whyNotGiving } from "../grants/target";
import { containing } from "../lists/select";

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
};

export type CatalogueSearch = {
  q?: string | undefined;
  connection?: string | undefined;
  environment?: string | undefined;
  /** Only what colleagues have. */
  colleagues?: boolean | undefined;
  /** For whom: an identity's id; oneself without. */
  subjectId?: string | undefined;
  limit?: number | undefined;
};

/** Words of a search that name a privilege. */
const privilegeWords: Record<string, number> = { read: 1, write: 2, admin: 3, everything: 4 };

/**
 * What may be asked for, by words of its name, permission and system: what colleagues have first, then the smaller, and
 * last what is held already. A word that names a system, or a system that is chosen, finds its groups and roles. The
 * rarest kind of word, a name, is looked up by index and the others narrow what it found.
 */
export async function searchCatalogue(
  actor: Actor,
  { q = "", connection, environment, colleagues = false, subjectId, limit = 30 }: CatalogueSearch,
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
    colleagues || (anchor === null && connection === undefined),
    limit + 1,
    anchor === null ? [] : named(anchor),
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

const candidates = 2_000;

// Every permission there is, once: they are few, and the index is leapt through from one to the next.
async function listPermissions(): Promise<string[]> {
  const found = await rows<{ permission: string }>(`
    with recursive p as (
      (select permission from entitlements where removed_at is null and pattern is null order by permission limit 1)
      union all
      select (select e.permission from entitlements e
        where e.removed_at is null and e.pattern is null and e.permission > p.permission order by e.permission limit 1)
      from p where p.permission is not null)
    select permission from p where permission is not null limit ${candidates}`);
  return found.map(({ permission }) => permission);
}

// $1 subject, $2 the word to begin with, $3 the other words, $4 connection, $5 environment, $6 colleagues only, $7 limit,
// $8 the permissions that the word to begin with is a part of.
const catalogueSql = (named: boolean) => `
  with me as (select id, manager_id, department from identities where id = $1),
  team as materialized (
    select i.id from identities i, me where i.removed_at is null and i.kind = 'human' and i.id <> me.id
      and (case when me.manager_id is not null then i.manager_id = me.manager_id else i.department = me.department end) limit 200),
  holders as materialized (
    select p.id, p.identity_id, p.identity_id = $1 as mine from principals p
    where (p.identity_id in (select id from team) or p.identity_id = $1) and p.type = 'account' and p.removed_at is null),
  held as materialized (
    select m.group_id as id, count(distinct h.identity_id) filter (where not h.mine)::int as colleagues, bool_or(h.mine) as mine
    from holders h join memberships m on m.member_id = h.id and m.removed_at is null and not m.implicit group by 1
    union all
    select s.entitlement_id, count(distinct h.identity_id) filter (where not h.mine)::int, bool_or(h.mine)
    from holders h join assignments s on s.principal_id = h.id and s.removed_at is null group by 1),
  asked as materialized (
    select word ->> 'like' as pattern, (word ->> 'privilege')::int as privilege from jsonb_array_elements($3::jsonb) word),
  places as materialized (
    select id, name, environment, connector, settings,
      case when $2::text is null then $4::text is not null else lower(name) like $2 end as meant
    from connections where removed_at is null
      and ($4::text is null or name = $4 or id::text = $4) and ($5::text is null or environment = $5)),
  found as (
    select 'group' as type, g.id, g.connection_id, 'member' as permission, 'group' as resource_type, g.external_id, g.name,
      g.search || ' member' as search, null::int as privilege, null::text as within
    from principals g
    where g.type = 'group' and g.removed_at is null and g.connection_id in (select id from places)
      and ${named ? "g.search like $2" : "$2::text is null and g.id in (select id from held)"}
      and (not $6 or g.id in (select id from held where colleagues > 0))
      and not exists (select 1 from memberships i where i.group_id = g.id and i.implicit and i.removed_at is null)
    limit ${candidates})
  , within_system as (
    select 'group' as type, g.id, g.connection_id, 'member' as permission, 'group' as resource_type, g.external_id, g.name,
      g.search || ' member' as search, null::int as privilege, null::text as within
    from principals g
    where g.type = 'group' and g.removed_at is null and g.connection_id in (select id from places where meant)
      and (not $6 or g.id in (select id from held where colleagues > 0))
      and not exists (select 1 from memberships i where i.group_id = g.id and i.implicit and i.removed_at is null)
    limit ${candidates})
  , resources_found as (
    select r.id, r.connection_id, r.type, r.external_id, r.name, r.search, r.parent_id from resources r
    where r.removed_at is null and r.connection_id in (select id from places) and ${named ? "r.search like $2" : "false"}
    limit ${candidates})
  , permissions_found as (
    select 'entitlement' as type, e.id, e.connection_id, e.permission, r.type as resource_type, r.external_id, r.name,
      r.search || ' ' || lower(e.permission) as search, e.privilege::int as privilege, w.name as within
    from entitlements e join resources r on r.id = e.resource_id and r.removed_at is null left join resources w on w.id = r.parent_id
    where e.permission = any($8::text[]) and e.removed_at is null and e.pattern is null and e.connection_id in (select id from places)
      and (not $6 or e.id in (select id from held where colleagues > 0))
    limit ${candidates})
  , everything as (
    select type, id, connection_id, permission, resource_type, external_id, name, search, privilege, within from found
    union select type, id, connection_id, permission, resource_type, external_id, name, search, privilege, within from within_system
    union all
    select 'entitlement', e.id, e.connection_id, e.permission, r.type, r.external_id, r.name,
      r.search || ' ' || lower(e.permission), e.privilege::int, w.name
    from (select * from resources_found
          union
          select r.id, r.connection_id, r.type, r.external_id, r.name, r.search, r.parent_id
          from held h join entitlements e on e.id = h.id join resources r on r.id = e.resource_id and r.removed_at is null
          where ${named ? "false" : "h.colleagues > 0 and r.connection_id in (select id from places)"}) r
    join entitlements e on e.resource_id = r.id and e.removed_at is null and e.pattern is null
      and (not $6 or e.id in (select id from held where colleagues > 0))
    left join resources w on w.id = r.parent_id
    union
    select * from permissions_found)
  select x.type, x.id, x.connection_id as "connectionId", c.name as connection, c.environment, c.connector, c.settings,
    x.permission, x.resource_type as "resourceType", x.external_id as "externalId", x.name, x.within,
    coalesce(x.privilege, (select max(e.privilege)::int from assignments s join entitlements e on e.id = s.entitlement_id
      where s.principal_id in (select x.id union select k.ancestor_id from group_closure k where k.descendant_id = x.id and k.inherits
        and not exists (select 1 from memberships m where m.group_id = k.ancestor_id and m.implicit and m.removed_at is null))
      and s.removed_at is null), 1) as privilege,
    coalesce(h.colleagues, 0) as colleagues, coalesce(h.mine, false) as held
  from everything x join places c on c.id = x.connection_id left join held h on h.id = x.id
  where not exists (select 1 from asked a where not (x.search like a.pattern or lower(c.name) like a.pattern
    or (a.privilege is not null and coalesce(x.privilege, a.privilege) = a.privilege)))
  order by coalesce(h.mine, false), coalesce(h.colleagues, 0) desc, privilege, x.name, x.permission, x.id limit $7`;

type Found = {
  type: "group" | "entitlement";
  id: string;
  connectionId: string;
  connection: string;
  environment: string;
  connector: string;
  settings: unknown;
  permission: string;
  resourceType: string;
  externalId: string;
  name: string;
  within: string | null;
  privilege: number;
  colleagues: number;
  held: boolean;
};

function entryOf(row: Found): CatalogueEntry {
  const connector = connectorNamed(row.connector);
  return {
    key: `${row.type}:${row.id}`,
    connection: { id: row.connectionId, name: row.connection, environment: row.environment },
    permission: row.permission,
    resource: { type: row.resourceType, id: row.externalId, name: row.name },
    privilege: row.privilege,
    about: row.within,
    colleagues: row.colleagues,
    held: row.held,
    byHand: !connector || whyNotGiving(connector, row.settings) !== null,
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
