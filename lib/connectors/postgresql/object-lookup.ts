import { z } from "zod";
import type { AccessTarget } from "./access-target";
import type { Session } from "./client";

// Finds one object by its names: how GRANT calls it, and its access list. Every form selects the same columns:
//   on (what comes behind ON), acl, oid, of columns `column`. $2, $3, $4 are the parts of its name, $5 a routine's
//   arguments; names are compared as names, so that an index finds them.

type ObjectTarget = Extract<AccessTarget, { kind: "object" }>;

const relations: Record<string, string> = {
  table: "'r','p'",
  view: "'v'",
  materialized_view: "'m'",
  foreign_table: "'f'",
  sequence: "'S'",
};

const named = (keyword: string, column: string) => `format('${keyword} %I', ${column})`;
const inSchema = (keyword: string, column: string) => `format('${keyword} %I.%I', n.nspname, ${column})`;
const withoutColumns = "null::text as column, null::oid as relation";

function relation(type: string): string {
  const isSequence = type === "sequence";
  return `select ${inSchema(isSequence ? "SEQUENCE" : "TABLE", "c.relname")} as on,
      coalesce(c.relacl, acldefault('${isSequence ? "s" : "r"}', c.relowner)) as acl, null::text as column, c.oid as relation
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $2::name and c.relname = $3::name and c.relkind in (${relations[type]})`;
}

const columnSql = `select ${inSchema("TABLE", "c.relname")} as on, a.attacl as acl, a.attname::text as column, null::oid as relation
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $2::name and c.relname = $3::name and a.attname = $4::name and not a.attisdropped
      and c.relkind in ('r','p','v','m','f')`;

// As they are read: the types of the arguments are part of the name, shortened where there are very many.
const types = "oidvectortypes(p.proargtypes)";
const routine = (kinds: string) => `select 'ROUTINE ' || p.oid::regprocedure::text as on,
      coalesce(p.proacl, acldefault('f', p.proowner)) as acl, ${withoutColumns}
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = $2::name and p.proname = $3::name and p.prokind in (${kinds}) and $5::text =
      case when length(${types}) <= 400 then ${types} else left(${types}, 360) || '… ' || md5(${types}) end`;

const single = (facts: { keyword: string; catalog: string; prefix: string; kind: string }) => {
  const { keyword, catalog, prefix, kind } = facts;
  const owner = prefix === "dat" ? "datdba" : `${prefix}owner`;
  return `select ${named(keyword, `${prefix}name`)} as on,
      coalesce(${prefix}acl, acldefault('${kind}', ${owner})) as acl, ${withoutColumns}
    from ${catalog} where ${prefix}name = $2::name`;
};

const forms: Record<string, string> = {
  ...Object.fromEntries(Object.keys(relations).map((type) => [type, relation(type)])),
  column: columnSql,
  function: routine("'f','a','w'"),
  procedure: routine("'p'"),
  type: `select ${inSchema("TYPE", "t.typname")} as on, coalesce(t.typacl, acldefault('T', t.typowner)) as acl, ${withoutColumns}
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = $2::name and t.typname = $3::name`,
  database: single({ keyword: "DATABASE", catalog: "pg_database", prefix: "dat", kind: "d" }),
  schema: single({ keyword: "SCHEMA", catalog: "pg_namespace", prefix: "nsp", kind: "n" }),
  language: single({ keyword: "LANGUAGE", catalog: "pg_language", prefix: "lan", kind: "l" }),
  tablespace: single({ keyword: "TABLESPACE", catalog: "pg_tablespace", prefix: "spc", kind: "t" }),
  foreign_data_wrapper: single({
    keyword: "FOREIGN DATA WRAPPER",
    catalog: "pg_foreign_data_wrapper",
    prefix: "fdw",
    kind: "F",
  }),
  foreign_server: single({ keyword: "FOREIGN SERVER", catalog: "pg_foreign_server", prefix: "srv", kind: "S" }),
  large_object: `select 'LARGE OBJECT ' || l.oid as on, coalesce(l.lomacl, acldefault('L', l.lomowner)) as acl, ${withoutColumns}
    from pg_largeobject_metadata l where l.oid::text = $2::text`,
  // Without an entry nobody but superusers may set it: it is there all the same.
  parameter: `select ${named("PARAMETER", "$2::text")} as on,
      (select paracl from pg_parameter_acl where parname = $2::text) as acl, ${withoutColumns}`,
};

const found = z.object({
  account: z.string().nullable(),
  superuser: z.boolean().nullable(),
  on: z.string().nullable(),
  column: z.string().nullable(),
  grantors: z.array(z.object({ name: z.string(), ours: z.boolean() })),
  /** Columns of this table on which we gave the account the same privilege. */
  columns: z.array(z.string()),
});
/** An account and an object, as far as they are there, and who gave the one the privilege on the other. */
export type FoundObject = z.infer<typeof found>;

/** Looks up an account, an object, and what the one holds there directly. */
export async function lookUpObject(session: Session, account: string, target: ObjectTarget): Promise<FoundObject> {
  const { type, permission, parts, args } = target;
  const sql = `
  select account.name as account, account.superuser, thing.on, thing.column,
    coalesce((select jsonb_agg(distinct jsonb_build_object('name', coalesce(g.rolname::text, e.grantor::text), 'ours', coalesce(g.rolname = current_user, false)))
      from aclexplode(thing.acl) e left join pg_roles g on g.oid = e.grantor
      where e.grantee = account.oid and e.privilege_type = $6::text), '[]') as grantors,
    coalesce((select jsonb_agg(distinct a.attname) from pg_attribute a cross join lateral aclexplode(a.attacl) e
      where a.attrelid = thing.relation and not a.attisdropped and e.grantee = account.oid and e.privilege_type = $6::text
        and e.grantor = (select oid from pg_roles where rolname = current_user)), '[]') as columns
  from (select 1) one
    left join (select oid, rolname::text as name, rolsuper as superuser from pg_roles where rolname = $1::name) account on true
    left join (${forms[type]}) thing on true
  where coalesce($3::text, $4, $5, '') is not null`;
  const [row] = await session.ask(
    sql,
    [account, parts[0], parts[1] ?? null, parts[2] ?? null, args, permission],
    found,
  );
  if (!row) throw new Error("the server did not answer a question that has one row");
  return row;
}
