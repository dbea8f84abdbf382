const candidates = 2_000;
// Where nothing narrows what there is, these are enough to choose a first page from.
const candidatesAtFirst = 300;

// Of a system that nobody chose, only groups that some account is in: those that a system comes with would bury them.
const usedSql = `and ($4::text is not null
        or exists (select 1 from memberships m join principals a on a.id = m.member_id and a.type = 'account'
          where m.group_id = g.id and m.removed_at is null))`;

// $1 subject, $2 the word to begin with, $3 the other words, $4 connection, $5 environment, $6 colleagues only, $7 limit,
// $8 the permissions that the word to begin with is a part of, $9 held only, $10 what is held is left out, $11 the systems
// that Rollcall gives in, $12 all the words.
/**
 * SQL: what may be asked for, in the order in which it helps. @param named there are words to begin with
 */
export const catalogueSql = (named: boolean) => `
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
  wanted as materialized (select id from held where case when $9 then mine else colleagues > 0 end),
  asked as materialized (
    select word ->> 'like' as pattern, (word ->> 'privilege')::int as privilege from jsonb_array_elements($3::jsonb) word),
  places as materialized (
    select id, name, environment, id = any($11::uuid[]) as gives, case when $2::text is not null then lower(name) like $2
      else $4::text is not null or (id = any($11::uuid[]) and not $6 and not $9) end as meant
    from connections where removed_at is null
      and ($4::text is null or name = $4 or id::text = $4) and ($5::text is null or environment = $5)),
  found as (
    select 'group' as type, g.id, g.connection_id, 'member' as permission, 'group' as resource_type, g.external_id, g.name,
      g.search || ' member' as search, null::int as privilege, null::text as within
    from principals g
    where g.type = 'group' and g.removed_at is null and g.connection_id in (select id from places)
      and ${named ? "g.search like $2" : "g.id in (select id from wanted)"}
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
      ${named ? "" : usedSql}
    limit case when $2::text is null and $4::text is null then ${candidatesAtFirst} else ${candidates} end)
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
          from wanted h join entitlements e on e.id = h.id join resources r on r.id = e.resource_id and r.removed_at is null
          where ${named ? "false" : "r.connection_id in (select id from places)"}) r
    join entitlements e on e.resource_id = r.id and e.removed_at is null and e.pattern is null
      and ${named ? "(not $6 or e.id in (select id from held where colleagues > 0))" : "e.id in (select id from wanted)"}
    left join resources w on w.id = r.parent_id
    union
    select * from permissions_found)
  , listed as (
  select x.type, x.id, x.connection_id as "connectionId", c.name as connection, c.environment, c.gives,
    x.permission, x.resource_type as "resourceType", x.external_id as "externalId", x.name, x.within,
    coalesce(x.privilege, (select max(e.privilege)::int from assignments s join entitlements e on e.id = s.entitlement_id
      where s.principal_id in (select x.id union select k.ancestor_id from group_closure k where k.descendant_id = x.id and k.inherits
        and not exists (select 1 from memberships m where m.group_id = k.ancestor_id and m.implicit and m.removed_at is null))
      and s.removed_at is null), 1) as privilege,
    coalesce(h.colleagues, 0) as colleagues, coalesce(h.mine, false) as held,
    coalesce((select g.attributes ->> 'builtIn' = 'true' from principals g where x.type = 'group' and g.id = x.id), false) as "builtIn"
  from everything x join places c on c.id = x.connection_id left join held h on h.id = x.id
  where not exists (select 1 from asked a where not (x.search like a.pattern or lower(c.name) like a.pattern
    or (a.privilege is not null and coalesce(x.privilege, a.privilege) = a.privilege)))
    and case when coalesce(h.mine, false) then not $10 else not $9 end)
  select * from listed order by held, lower(name) <> $12, "builtIn", privilege >= 3, not gives, colleagues desc, privilege, name, permission, id
  limit $7`;
