import { applicationNames } from "./client";
import type { FactsRow } from "./schema";

// What is read of the cluster as a whole. Everybody may read these catalogs, but for passwords and others' sessions.

/** In a form that every server since 7.4 understands. */
export const versionSql = "show server_version_num";

/** Who we are here and what is hidden from us. */
export const factsSql = `
  select current_setting('server_version') as version, 
    current_user::text as as, r.rolsuper as superuser, pg_catalog.pg_is_in_recovery() as in_recovery,
    pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') as sees_sessions,
    case when pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') then 'catalog'
      when pg_catalog.to_regclass('rollcall.role_passwords') is not null
        and pg_catalog.has_schema_privilege('rollcall', 'USAGE')
        and pg_catalog.has_table_privilege('rollcall.role_passwords', 'SELECT') then 'view'
      else 'hidden' end as passwords,
    (select count(*)::int from pg_catalog.pg_roles) as roles
  from pg_catalog.pg_roles r where r.rolname = current_user`;

/**
 * Every database, and whether we could enter it; not an invalid one (a drop that failed, datconnlimit -2). Before 16 an
 * owner without INHERIT does not inherit from pg_database_owner either.
 */
export const databasesSql = `
  select d.oid::text as oid, d.datname::text as name, r.rolname::text as owner,
    coalesce(r.rolinherit, true) or current_setting('server_version_num')::int >= 160000 as owner_inherits,
    d.datallowconn and d.datconnlimit <> -2 as allows_connections, d.datistemplate as template,
    pg_catalog.has_database_privilege(d.oid, 'CONNECT') as may_connect
  from pg_catalog.pg_database d left join pg_catalog.pg_roles r on r.oid = d.datdba order by d.datname`;

// A session that is there was used now at the latest; when, exactly, is hidden without pg_read_all_stats.
const activity = `
  select a.usesysid, max(a.at) as at, (array_agg(host(a.client_addr) order by a.at desc))[1] as client,
    count(*)::int as sessions
  from (select usesysid, client_addr, least(coalesce(state_change, backend_start, now()), now()) as at
    from pg_catalog.pg_stat_activity
    where usesysid is not null and pid <> pg_catalog.pg_backend_pid() and not coalesce(application_name in ('${applicationNames.reads}', '${applicationNames.gives}'), false)
      and (backend_type is null or backend_type in ('client backend', 'walsender'))) a
  group by a.usesysid`;

/** Sessions open now, by role. */
export const sessionsSql = `
  select r.rolname::text as account, a.at, a.client as from, a.sessions
  from (${activity}) a join pg_catalog.pg_roles r on r.oid = a.usesysid`;

// What kind of password there is, said by the server: the hash itself never leaves it.
const passwordKind = (column: string) => `case when ${column} is null then 'none'
  when ${column} like 'SCRAM-SHA-256$%' then 'scram-sha-256' when ${column} ~ '^md5[0-9a-f]{32}$' then 'md5'
  else 'other' end`;

/** The view that lets a reader see which roles have a password, and nothing of it. */
export const passwordsViewSql = `select oid, ${passwordKind("rolpassword")} as kind from pg_catalog.pg_authid`;

const passwordSource = {
  catalog: {
    column: passwordKind("p.rolpassword"),
    join: "left join pg_catalog.pg_authid p on p.oid = r.oid",
  },
  view: {
    column: `case when p.kind in ('none', 'scram-sha-256', 'md5', 'other') then p.kind else 'unknown' end`,
    join: "left join rollcall.role_passwords p on p.oid = r.oid",
  },
  hidden: { column: "'unknown'", join: "" },
} as const satisfies Record<FactsRow["passwords"], { column: string; join: string }>;

/** Every role. */
export function rolesSql(passwords: FactsRow["passwords"]): string {
  const { column, join } = passwordSource[passwords];
  return `
  select r.oid::text as oid, r.rolname::text as name, r.rolcanlogin as login, r.rolsuper as superuser,
    r.rolinherit as inherit, r.rolcreaterole as createrole, r.rolcreatedb as createdb, r.rolreplication as replication,
    r.rolbypassrls as bypassrls, r.rolconnlimit as connection_limit,
    case when r.rolvaliduntil between '0002-01-01' and '9998-12-31' then r.rolvaliduntil end as valid_until,
    left(pg_catalog.shobj_description(r.oid, 'pg_authid'), 500) as comment, ${column} as password,
    a.at as last_used_at, a.client as last_used_from
  from pg_catalog.pg_roles r ${join} left join (${activity}) a on a.usesysid = r.oid`;
}

/**
 * Every membership, its options taken together over whoever granted it. From 16 on each grant has its own INHERIT and
 * SET; before, the member's INHERIT attribute decides, and SET ROLE is always possible.
 */
export function membershipsSql(major: number): string {
  const options =
    major >= 16
      ? "bool_or(m.inherit_option) as inherits, bool_or(m.set_option) as switches"
      : "bool_or(r.rolinherit) as inherits, true as switches";
  return `
  select r.rolname::text as member, g.rolname::text as group, ${options}, bool_or(m.admin_option) as administers
  from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.member
    join pg_catalog.pg_roles g on g.oid = m.roleid
  group by r.rolname, g.rolname`;
}

/** Roles that have both attributes and members that inherit: those members inherit no attribute. */
export function attributedGroupsSql(major: number): string {
  return `
  select r.rolname::text as name from pg_catalog.pg_roles r
  where (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls)
    and (exists (select from pg_catalog.pg_auth_members m join pg_catalog.pg_roles u on u.oid = m.member
      where m.roleid = r.oid and ${major >= 16 ? "m.inherit_option" : "u.rolinherit"}))`;
}
