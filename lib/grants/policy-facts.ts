import { heldSql } from "../access/held-sql";
import { type Read, rows } from "../db/client";
import { AppError } from "../errors";
import type { AccessFacts, IdentityFacts } from "../policies/schema";

const identitySql = `
  with recursive accounts (id) as materialized (
    select p.id from principals p where p.identity_id = any($1::uuid[]) and p.type = 'account' and p.removed_at is null
      and cardinality($2::text[]) > 0),
  ${heldSql("now", "null")},
  groups as materialized (
    select distinct a.identity_id, c.name || '/' || g.name as name
    from held h join principals a on a.id = h.account join principals g on g.id = h.holder and g.type = 'group'
    join connections c on c.id = g.connection_id
    where c.name || '/' || g.name = any($2::text[]))
  select i.id, i.name, i.kind, i.email, i.department, i.title, i.environment, i.criticality,
    case when i.removed_at is not null then 'left' when u.disabled_at is not null then 'disabled' else i.status end as status,
    coalesce(u.roles, '{}') as roles,
    coalesce((select array_agg(g.name) from groups g where g.identity_id = i.id), '{}') as groups
  from identities i left join users u on u.identity_id = i.id
  where i.id = any($1::uuid[])`;

/** What policies may ask of these identities. @param namedGroups the groups that the policies name */
export async function identityFacts(
  ids: readonly string[],
  namedGroups: readonly string[],
  read: Read = rows,
): Promise<Map<string, IdentityFacts>> {
  const found = await read<IdentityFacts>(identitySql, [[...new Set(ids)], namedGroups], "identity-facts");
  return new Map(found.map((row) => [row.id, row]));
}

/** The facts of one identity. @throws AppError `not_found` */
export function factsOf(facts: ReadonlyMap<string, IdentityFacts>, id: string): IdentityFacts {
  const found = facts.get(id);
  if (!found) throw new AppError("not_found", "There is no such identity.", { field: "for" });
  return found;
}

/** Something that can be given: membership of a group, or an entitlement. */
export type Asked = { groupId: string | null; entitlementId: string | null };

/** An access with all that asking, deciding and giving need to know of it. */
export type AskedAccess = Omit<AccessFacts, "owner"> & {
  groupId: string | null;
  entitlementId: string | null;
  connectionId: string;
  resourceExternalId: string;
  resourceId: string | null;
  ownerId: string | null;
  condition: string | null;
};

// A group is as mighty as the mightiest thing that it gives, also by way of the groups it is in, but for those that
// everybody is in anyhow.
const accessSql = `
  select asked.n, g.id as "groupId", null::uuid as "entitlementId", c.id as "connectionId", c.name as connection, c.connector,
    c.environment, 'member' as permission, 'group' as "resourceType", g.name as resource,
    g.external_id as "resourceExternalId", null::uuid as "resourceId", c.owner_id as "ownerId", null::text as condition,
    coalesce((select max(e.privilege) from (
        select g.id as holder union select k.ancestor_id from group_closure k where k.descendant_id = g.id
          and not exists (select 1 from memberships m where m.group_id = k.ancestor_id and m.implicit and m.removed_at is null)) h
      join assignments s on s.principal_id = h.holder and s.removed_at is null
      join entitlements e on e.id = s.entitlement_id), 1)::int as privilege
  from unnest($1::uuid[]) with ordinality asked (id, n)
  join principals g on g.id = asked.id and g.type = 'group' and g.removed_at is null
  join connections c on c.id = g.connection_id and c.removed_at is null
  union all
  select asked.n, null, e.id, c.id, c.name, c.connector, c.environment, e.permission, r.type, r.name,
    r.external_id, r.id, coalesce(r.owner_id, parent.owner_id, c.owner_id), e.condition, e.privilege::int
  from unnest($2::uuid[]) with ordinality asked (id, n)
  join entitlements e on e.id = asked.id and e.removed_at is null and e.pattern is null
  join resources r on r.id = e.resource_id
  left join resources parent on parent.id = r.parent_id
  join connections c on c.id = e.connection_id and c.removed_at is null`;

/** What is known of these accesses; what is gone from the inventory is not among them. */
export async function askedAccesses(asked: readonly Asked[], read: Read = rows): Promise<AskedAccess[]> {
  const groups = asked.flatMap(({ groupId }) => (groupId === null ? [] : [groupId]));
  const entitlements = asked.flatMap(({ entitlementId }) => (entitlementId === null ? [] : [entitlementId]));
  return read<AskedAccess>(accessSql, [groups, entitlements], "asked-accesses");
}

/** The same as a policy sees it. */
export function accessFacts(access: AskedAccess, owner: IdentityFacts | null): AccessFacts {
  const { connection, connector, environment, permission, resourceType, resource, privilege } = access;
  return { connection, connector, environment, permission, resourceType, resource, privilege, owner };
}
