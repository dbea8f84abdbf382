import { z } from "zod";
import type { AccessTarget } from "./access-target";
import type { Session } from "./client";
import { type RoleRef, roleOid } from "./role-ref";

// Finds one object: how GRANT calls it, and its access list. Every form selects the same columns:
//   on (what comes behind ON), acl, relation, of columns `column`; by its names, where $2, $3, $4 are their parts and $5 a
//   routine's arguments (compared as names, so that an index finds them), or by its oid in $2 and a column's number in $3.

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

type Form = { select: string; named: string; numbered: string };

const ofRelation = "n.nspname = $2::name and c.relname = $3::name";

function relation(type: string): Form {
  const isSequence = type === "sequence";
  return {
    select: `select ${inSchema(isSequence ? "SEQUENCE" : "TABLE", "c.relname")} as on,
      coalesce(c.relacl, acldefault('${isSequence ? "s" : "r"}', c.relowner)) as acl, null::text as column, c.oid as relation
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in (${relations[type]})`,
    named: ofRelation,
    numbered: "c.oid = $2::text::oid",
  };
}

const column: Form = {
  select: `select ${inSchema("TABLE", "c.relname")} as on, a.attacl as acl, a.attname::text as column, null::oid as relation
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where not a.attisdropped and c.relkind in ('r','p','v','m','f')`,
  named: `${ofRelation} and a.attname = $4::name`,
  numbered: "c.oid = $2::text::oid and a.attnum = $3::text::int2",
};

// As they are read: the types of the arguments are part of the name, shortened where there are very many.
const types = "oidvectortypes(p.proargtypes)";
const routine = (kinds: string): Form => ({
  select: `select 'ROUTINE ' || p.oid::regprocedure::text as on,
      coalesce(p.proacl, acldefault('f', p.proowner)) as acl, ${withoutColumns}
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.prokind in (${kinds})`,
  named: `n.nspname = $2::name and p.proname = $3::name and $5::text =
      case when length(${types}) <= 400 then ${types} else left(${types}, 360) || '… ' || md5(${types}) end`,
  numbered: "p.oid = $2::text::oid",
});

const single = (facts: { keyword: string; catalog: string; prefix: string; kind: string }): Form => {
  const { keyword, catalog, prefix, kind } = facts;
  const owner = prefix === "dat" ? "datdba" : `${prefix}owner`;
  return {
    select: `select ${named(keyword, `${prefix}name`)} as on,
      coalesce(${prefix}acl, acldefault('${kind}', ${owner})) as acl, ${withoutColumns} from ${catalog} where true`,
    named: `${prefix}name = $2::name`,
    numbered: "oid = $2::text::oid",
  };
};

const forms: Record<string, Form> = {
  ...Object.fromEntries(Object.keys(relations).map((type) => [type, relation(type)])),
  column,
  function: routine("'f','a','w'"),
  procedure: routine("'p'"),
  type: {
    select: `select ${inSchema("TYPE", "t.typname")} as on, coalesce(t.typacl, acldefault('T', t.typowner)) as acl, ${withoutColumns}
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where true`,
    named: "n.nspname = $2::name and t.typname = $3::name",
    numbered: "t.oid = $2::text::oid",
  },
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
  large_object: {
    select: `select 'LARGE OBJECT ' || l.oid as on, coalesce(l.lomacl, acldefault('L', l.lomowner)) as acl, ${withoutColumns}
    from pg_largeobject_metadata l where true`,
    named: "l.oid::text = $2::text",
    numbered: "l.oid = $2::text::oid",
  },
  // Without an entry nobody but superusers may set it: it is there all the same, and has no number.
  parameter: {
    select: `select ${named("PARAMETER", "$2::text")} as on,
      (select paracl from pg_parameter_acl where parname = $2::text) as acl, ${withoutColumns} where true`,
    named: "true",
    numbered: "false",
  },
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

/**
 * Looks up an account, an object, and what the one holds there directly: the object that was read, whatever its name is
 * now; where that is gone, the one of its name.
 * @param cluster what the server tells itself from all others by
 */
export async function lookUpObject(
  session: Session,
  { account, target, cluster }: { account: RoleRef; target: ObjectTarget; cluster: string | null },
): Promise<FoundObject> {
  const { type, parts, args, stableId } = target;
  const form = forms[type];
  if (!form) throw new Error(`no object of the type ${type} is known`);
  const [of, inside, ...numbers] = stableId?.split("/") ?? [];
  if (cluster !== null && of === cluster && inside !== undefined) {
    const here = `('${/^\d+$/.test(inside) ? inside : ""}' = '0' or current_database() = (select datname from pg_database where oid::text = $4::text))`;
    const where = `${form.numbered} and ${here}`;
    const found = await look(session, { account, target, where, form, given: [numbers[0], numbers[1], inside] });
    if (found.on !== null) return found;
  }
  return look(session, { account, target, where: form.named, form, given: [parts[0], parts[1], parts[2], args] });
}

type Looking = {
  account: RoleRef;
  target: ObjectTarget;
  form: Form;
  where: string;
  given: (string | null | undefined)[];
};

async function look(session: Session, { account, target, form, where, given }: Looking): Promise<FoundObject> {
  const sql = `
  select account.name as account, account.superuser, thing.on, thing.column,
    coalesce((select jsonb_agg(distinct jsonb_build_object('name', coalesce(g.rolname::text, e.grantor::text), 'ours', coalesce(g.rolname = current_user, false)))
      from aclexplode(thing.acl) e left join pg_roles g on g.oid = e.grantor
      where e.grantee = account.oid and e.privilege_type = $6::text), '[]') as grantors,
    coalesce((select jsonb_agg(distinct a.attname) from pg_attribute a cross join lateral aclexplode(a.attacl) e
      where a.attrelid = thing.relation and not a.attisdropped and e.grantee = account.oid and e.privilege_type = $6::text
        and e.grantor = (select oid from pg_roles where rolname = current_user)), '[]') as columns
  from (select 1) one
    left join (select oid, rolname::text as name, rolsuper as superuser from pg_roles where oid = ${roleOid("$1", "$7")}) account on true
    left join (${form.select} and ${where}) thing on true
  where coalesce($2::text, $3::text, $4::text, $5::text, '') is not null`;
  const values = [0, 1, 2, 3].map((n) => given[n] ?? null);
  const [row] = await session.ask(sql, [account.name, ...values, target.permission, account.oid], found);
  if (!row) throw new Error("the server did not answer a question that has one row");
  return row;
}
