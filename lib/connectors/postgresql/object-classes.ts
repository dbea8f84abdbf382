// The kinds of object that privileges exist on, each as one SELECT of the same columns:
//   type, name (as the server quotes it), self (its oid, and of a column its number, which no new name changes),
//   parent_type, parent_name, owner (oid), acl, attributes, and of tables conditions (privilege → what else is checked) and forced (does that hold for the owner too).
// A null acl means the built-in default, which acldefault spells out. The search path is empty throughout, so that
// functions and operators are those of pg_catalog.

/** How the classes differ between servers and settings. */
export type Scope = { major: number; includeSystem: boolean };

const noConditions = "null::jsonb as conditions, false as forced";
const noAttributes = "'{}'::jsonb as attributes";

/** Databases, tablespaces and parameters: of the cluster, seen from any database. */
export function clusterClasses({ major }: Scope): string[] {
  return [
    `select 'database' as type, datname::text as name, oid || '/0' as self, 'cluster' as parent_type, 'cluster' as parent_name,
       datdba as owner, coalesce(datacl, acldefault('d', datdba)) as acl,
       jsonb_strip_nulls(jsonb_build_object('template', nullif(datistemplate, false),
         'closed', nullif(not datallowconn, false))) as attributes, ${noConditions}
     from pg_database`,
    `select 'tablespace' as type, spcname::text as name, oid || '/0' as self, 'cluster' as parent_type, 'cluster' as parent_name,
       spcowner as owner, coalesce(spcacl, acldefault('t', spcowner)) as acl, ${noAttributes}, ${noConditions}
     from pg_tablespace`,
    ...(major < 15
      ? []
      : [
          `select 'parameter' as type, parname as name, null::text as self, 'cluster' as parent_type, 'cluster' as parent_name,
             null::oid as owner, paracl as acl, ${noAttributes}, ${noConditions}
           from pg_parameter_acl`,
        ]),
  ];
}

/** What is inside the database of the session. */
export function databaseClasses(scope: Scope): string[] {
  return [
    schemas,
    relations(scope),
    columns(scope),
    routines(scope),
    types(scope),
    languages(scope),
    largeObjects,
  ].concat(foreignDataWrappers, foreignServers);
}

/** The objects of a class. */
export function objectsSql(objectClass: string): string {
  return `
  select o.type, o.name, o.self, o.parent_type, o.parent_name, r.rolname::text as owner, o.attributes
  from (${objectClass}) o left join pg_roles r on r.oid = o.owner`;
}

/** Every privilege on the objects of a class, once for each holder, over whoever granted it. */
export function grantsSql(objectClass: string): string {
  // "offset 0" keeps the policies of a table from being written out once for each of its grants.
  return `
  select o.type, o.name, r.rolname::text as grantee, g.grantee = 0 as public, coalesce(r.rolbypassrls, false) as bypasses,
    g.privilege, g.grantable, g.grantors,
    case when g.grantee = o.owner and not o.forced then null else o.conditions ->> g.privilege end as condition
  from (${objectClass} offset 0) o
    cross join lateral (
      select e.grantee, e.privilege_type as privilege, bool_or(e.is_grantable) as grantable,
        left(string_agg(distinct s.rolname::text, ', '), 900) as grantors
      from aclexplode(o.acl) e left join pg_roles s on s.oid = e.grantor group by e.grantee, e.privilege_type) g
    left join pg_roles r on r.oid = g.grantee`;
}

/** Privileges that objects made later will have (ALTER DEFAULT PRIVILEGES), but for the makers' own. */
export const defaultGrantsSql = `
  select quote_ident(n.nspname) as schema, m.rolname::text as role,
    case d.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS' when 'T' then 'TYPES'
      when 'n' then 'SCHEMAS' when 'L' then 'LARGE OBJECTS' else 'OBJECTS' end as objects,
    r.rolname::text as grantee, e.grantee = 0 as public, e.privilege_type as privilege, bool_or(e.is_grantable) as grantable
  from pg_default_acl d join pg_roles m on m.oid = d.defaclrole
    left join pg_namespace n on n.oid = d.defaclnamespace
    cross join lateral aclexplode(d.defaclacl) e left join pg_roles r on r.oid = e.grantee
  where e.grantee <> d.defaclrole group by 1, 2, 3, 4, 5, 6`;

const isSystem = "n.nspname in ('pg_catalog', 'information_schema')";
const isPassing = "n.nspname like 'pg\\_toast%' or n.nspname like 'pg\\_temp\\_%'";

type Owned = { catalog: string; oid: string; column?: string; acl: string; owner: string };

// Of the system's own objects only those whose privileges differ from how the installation made them.
function inScope({ includeSystem }: Scope, object: Owned): string {
  if (includeSystem) return `not (${isPassing})`;
  return `not (${isPassing}) and (not (${isSystem}) or ${isChanged(object)})`;
}

// The installation notes what it granted in pg_catalog; in information_schema it grants to everybody only.
function isChanged({ catalog, oid, column = "0", acl, owner }: Owned): string {
  return `case when ${acl} is null then false
    when n.nspname = 'information_schema' then exists (select from aclexplode(${acl}) e where e.grantee not in (0, ${owner}))
    else not exists (select from pg_init_privs i where i.objoid = ${oid} and i.classoid = 'pg_catalog.${catalog}'::regclass
      and i.objsubid = ${column} and i.initprivs::text = ${acl}::text) end`;
}

const schemas = `
  select 'schema' as type, quote_ident(n.nspname) as name, n.oid || '/0' as self, 'database' as parent_type, null::text as parent_name,
    n.nspowner as owner, coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl, ${noAttributes}, ${noConditions}
  from pg_namespace n where not (${isPassing})`;

const relationType = `case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' when 'f' then 'foreign_table'
  when 'S' then 'sequence' else 'table' end`;
const relationName = "quote_ident(n.nspname) || '.' || quote_ident(c.relname)";
// Catalogs, not their views: the server refuses to let anybody but a superuser write to them (pg_class_aclmask).
const isCatalog = "c.oid < 12000 and c.relkind <> 'v'";

function relations(scope: Scope): string {
  const acl = "coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::\"char\", c.relowner))";
  return `
  select ${relationType} as type, ${relationName} as name, c.oid || '/0' as self, 'schema' as parent_type, quote_ident(n.nspname) as parent_name,
    c.relowner as owner, ${acl} as acl,
    jsonb_strip_nulls(jsonb_build_object('rowSecurity', nullif(c.relrowsecurity, false),
      'forcedRowSecurity', nullif(c.relforcerowsecurity, false), 'partitioned', nullif(c.relkind = 'p', false),
      'partition', nullif(c.relispartition, false), 'catalog', nullif(${isCatalog}, false))) as attributes,
    ${relationConditions}
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${inScope(scope, { catalog: "pg_class", oid: "c.oid", acl: "c.relacl", owner: "c.relowner" })}`;
}

function columns(scope: Scope): string {
  return `
  select 'column' as type, ${relationName} || '.' || quote_ident(a.attname) as name, c.oid || '/' || a.attnum as self, ${relationType} as parent_type,
    ${relationName} as parent_name, c.relowner as owner, a.attacl as acl,
    jsonb_strip_nulls(jsonb_build_object('rowSecurity', nullif(c.relrowsecurity, false),
      'catalog', nullif(${isCatalog}, false))) as attributes,
    case when c.relrowsecurity then ${rowSecurity} end as conditions, c.relforcerowsecurity as forced
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where a.attacl is not null and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and ${inScope(scope, { catalog: "pg_class", oid: "c.oid", column: "a.attnum", acl: "a.attacl", owner: "c.relowner" })}`;
}

const policy = `'policy ' || quote_ident(p.polname) || case when p.polpermissive then '' else ' (restrictive)' end || ' to '
  || (select string_agg(case t.role when 0 then 'public' else coalesce(quote_ident(r.rolname), t.role::text) end, ', ')
    from unnest(p.polroles) t(role) left join pg_roles r on r.oid = t.role)
  || coalesce(' using (' || left(pg_get_expr(p.polqual, p.polrelid), 1000) || ')', '')
  || coalesce(' with check (' || left(pg_get_expr(p.polwithcheck, p.polrelid), 1000) || ')', '')`;

// What the server checks beyond the privilege: the policies of the table for that command, in its own words.
const rowSecurity = `(
  select jsonb_object_agg(k.privilege, left('row-level security: ' || coalesce((
      select string_agg(${policy}, '; ' order by p.polname) from pg_policy p
      where p.polrelid = c.oid and p.polcmd in ('*', k.command)), 'no policy, so no row'), 3900))
  from (values ('SELECT', 'r'::"char"), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) k(privilege, command))`;

const relationConditions = `
  case when ${isCatalog} then (select jsonb_object_agg(k, 'system catalogs are changed by superusers only')
      from unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'USAGE']) k)
    when c.relrowsecurity then ${rowSecurity} end as conditions,
  c.relforcerowsecurity or (${isCatalog}) as forced`;

// Two functions of one name differ by the types of their arguments, which are therefore part of the name.
function routines(scope: Scope): string {
  const types = "oidvectortypes(p.proargtypes)";
  const args = `case when length(${types}) <= 400 then ${types} else left(${types}, 360) || '… ' || md5(${types}) end`;
  return `
  select case p.prokind when 'p' then 'procedure' else 'function' end as type,
    quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || ${args} || ')' as name, p.oid || '/0' as self,
    'schema' as parent_type, quote_ident(n.nspname) as parent_name, p.proowner as owner,
    coalesce(p.proacl, acldefault('f', p.proowner)) as acl,
    jsonb_strip_nulls(jsonb_build_object('securityDefiner', nullif(p.prosecdef, false))) as attributes, ${noConditions}
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where ${inScope(scope, { catalog: "pg_proc", oid: "p.oid", acl: "p.proacl", owner: "p.proowner" })}`;
}

// Arrays and multiranges have no privileges of their own; a table's row type only where somebody gave it some.
function types(scope: Scope): string {
  return `
  select 'type' as type, quote_ident(n.nspname) || '.' || quote_ident(t.typname) as name, t.oid || '/0' as self, 'schema' as parent_type,
    quote_ident(n.nspname) as parent_name, t.typowner as owner, coalesce(t.typacl, acldefault('T', t.typowner)) as acl,
    jsonb_strip_nulls(jsonb_build_object('domain', nullif(t.typtype = 'd', false))) as attributes, ${noConditions}
  from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
  where t.typisdefined and t.typtype <> 'm' and not (t.typelem <> 0 and t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc)
    and (c.relkind is null or c.relkind = 'c' or t.typacl is not null)
    and ${inScope(scope, { catalog: "pg_type", oid: "t.oid", acl: "t.typacl", owner: "t.typowner" })}`;
}

function languages({ includeSystem }: Scope): string {
  const changed = isChanged({ catalog: "pg_language", oid: "l.oid", acl: "l.lanacl", owner: "l.lanowner" });
  return `
  select 'language' as type, quote_ident(l.lanname) as name, l.oid || '/0' as self, 'database' as parent_type, null::text as parent_name,
    l.lanowner as owner, coalesce(l.lanacl, acldefault('l', l.lanowner)) as acl,
    jsonb_build_object('trusted', l.lanpltrusted) as attributes, ${noConditions}
  from pg_language l, (values ('pg_catalog')) n(nspname)
  where ${includeSystem ? "true" : `l.lanname not in ('internal', 'c', 'sql') or ${changed}`}`;
}

const largeObjects = `
  select 'large_object' as type, l.oid::text as name, l.oid || '/0' as self, 'database' as parent_type, null::text as parent_name,
    l.lomowner as owner, coalesce(l.lomacl, acldefault('L', l.lomowner)) as acl, ${noAttributes}, ${noConditions}
  from pg_largeobject_metadata l`;

const foreignDataWrappers = `
  select 'foreign_data_wrapper' as type, quote_ident(f.fdwname) as name, f.oid || '/0' as self, 'database' as parent_type,
    null::text as parent_name, f.fdwowner as owner, coalesce(f.fdwacl, acldefault('F', f.fdwowner)) as acl,
    ${noAttributes}, ${noConditions}
  from pg_foreign_data_wrapper f`;

const foreignServers = `
  select 'foreign_server' as type, quote_ident(s.srvname) as name, s.oid || '/0' as self, 'database' as parent_type, null::text as parent_name,
    s.srvowner as owner, coalesce(s.srvacl, acldefault('S', s.srvowner)) as acl,
    jsonb_build_object('wrapper', f.fdwname) as attributes, ${noConditions}
  from pg_foreign_server s join pg_foreign_data_wrapper f on f.oid = s.srvfdw`;
