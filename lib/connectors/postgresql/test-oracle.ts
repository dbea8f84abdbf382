import type pg from "pg";

// For tests: what the server itself answers, for every role, object and privilege. Written apart from the connector's
// own SQL, so that one mistake cannot hide in both.

/** Which roles hold a privilege on an object, as has_*_privilege says while connected to `database`. */
export type Answer = {
  database: string;
  type: string;
  id: string;
  permission: string;
  system: boolean;
  roles: string[];
};

/** What pg_has_role says of two roles. `set` is null before PostgreSQL 16, which has no word for it. */
export type RoleAnswer = { role: string; of: string; usage: boolean; member: boolean; set: boolean | null };

const relation = (major: number) =>
  "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER".split(" ").concat(major >= 17 ? ["MAINTAIN"] : []);

type Question = { type: string; id: string; ask: string; permissions: string[]; from: string; system: string };

const systemSchema = "n.nspname in ('pg_catalog', 'information_schema')";
const ofUsers = "n.nspname !~ '^pg_(toast|temp)'";

function questions(major: number): Question[] {
  const db =
    "regexp_replace(current_database(), '^(.*[/\"].*)$', '\"' || replace(current_database(), '\"', '\"\"') || '\"') || '/' || ";
  const inSchema = (name: string) => `${db} format('%I.%I', n.nspname, ${name})`;
  const kinds: Record<string, string> = {
    table: "'r','p'",
    view: "'v'",
    materialized_view: "'m'",
    foreign_table: "'f'",
  };
  const relations = Object.entries(kinds).map(([type, relkinds]) => ({
    type,
    id: inSchema("c.relname"),
    ask: "has_table_privilege(r.oid, c.oid, p)",
    permissions: relation(major),
    from: `pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ofUsers} and c.relkind in (${relkinds})`,
    system: systemSchema,
  }));
  return [
    ...relations,
    {
      type: "column",
      id: `${inSchema("c.relname")} || '.' || quote_ident(a.attname)`,
      ask: "has_column_privilege(r.oid, c.oid, a.attnum, p)",
      permissions: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
      from: `pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where ${ofUsers} and c.relkind in ('r','p','v','m','f') and a.attnum > 0 and not a.attisdropped
          and (not (${systemSchema}) or a.attacl is not null)`,
      system: systemSchema,
    },
    {
      type: "sequence",
      id: inSchema("c.relname"),
      ask: "has_sequence_privilege(r.oid, c.oid, p)",
      permissions: ["USAGE", "SELECT", "UPDATE"],
      from: `pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ofUsers} and c.relkind = 'S'`,
      system: systemSchema,
    },
    {
      type: "routine",
      id: `${inSchema("f.proname")} || '(' || oidvectortypes(f.proargtypes) || ')'`,
      ask: "has_function_privilege(r.oid, f.oid, p)",
      permissions: ["EXECUTE"],
      from: `pg_proc f join pg_namespace n on n.oid = f.pronamespace where ${ofUsers}`,
      system: systemSchema,
    },
    {
      type: "type",
      id: inSchema("t.typname"),
      ask: "has_type_privilege(r.oid, t.oid, p)",
      permissions: ["USAGE"],
      from: `pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
        where ${ofUsers} and t.typname !~ '^_' and t.typname not in ('int2vector', 'oidvector') and t.typtype <> 'm' and (c.oid is null or c.relkind = 'c')`,
      system: systemSchema,
    },
    {
      type: "schema",
      id: `${db} quote_ident(n.nspname)`,
      ask: "has_schema_privilege(r.oid, n.oid, p)",
      permissions: ["USAGE", "CREATE"],
      from: `pg_namespace n where ${ofUsers}`,
      system: "false",
    },
    {
      type: "language",
      id: `${db} quote_ident(l.lanname)`,
      ask: "has_language_privilege(r.oid, l.oid, p)",
      permissions: ["USAGE"],
      from: "pg_language l",
      system: "l.lanname in ('c', 'internal', 'sql')",
    },
    {
      type: "foreign_data_wrapper",
      id: `${db} quote_ident(w.fdwname)`,
      ask: "has_foreign_data_wrapper_privilege(r.oid, w.oid, p)",
      permissions: ["USAGE"],
      from: "pg_foreign_data_wrapper w",
      system: "false",
    },
    {
      type: "foreign_server",
      id: `${db} quote_ident(s.srvname)`,
      ask: "has_server_privilege(r.oid, s.oid, p)",
      permissions: ["USAGE"],
      from: "pg_foreign_server s",
      system: "false",
    },
    ...(major >= 18
      ? [
          {
            type: "large_object",
            id: `${db} b.oid::text`,
            ask: "has_largeobject_privilege(r.oid, b.oid, p)",
            permissions: ["SELECT", "UPDATE"],
            from: "pg_largeobject_metadata b",
            system: "false",
          },
        ]
      : []),
    ...shared(db),
  ];
}

// Of the cluster, but asked from inside a database: pg_database_owner is somebody else in each.
function shared(db: string): Question[] {
  return [
    {
      type: "database",
      id: db.replace(/ \|\| '\/' \|\| $/, ""),
      ask: "has_database_privilege(r.oid, d.oid, p)",
      permissions: ["CONNECT", "CREATE", "TEMPORARY"],
      from: "pg_database d where d.datname = current_database()",
      system: "false",
    },
    {
      type: "tablespace",
      id: "s.spcname::text",
      ask: "has_tablespace_privilege(r.oid, s.oid, p)",
      permissions: ["CREATE"],
      from: "pg_tablespace s",
      system: "false",
    },
    {
      type: "parameter",
      id: "g.parname",
      ask: "has_parameter_privilege(r.oid, g.parname, p)",
      permissions: ["SET", "ALTER SYSTEM"],
      from: "pg_parameter_acl g",
      system: "false",
    },
  ];
}

/** Every answer about the database that `client` is connected to, for all roles. */
export async function privilegeAnswers(client: pg.Client, major: number, includeSystem: boolean): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { type, id, ask, permissions, from, system } of questions(major)) {
    const list = permissions.map((permission) => `'${permission}'`).join(", ");
    const only = includeSystem ? "" : `where not o.system or ${ownGrants}`;
    const { rows } = await client.query(`
      select current_database()::text as database, '${type}' as type, o.id, o.p as permission, o.system, o.roles
      from (select ${id} as id, p, ${system} as system,
          array(select r.rolname::text from pg_roles r where ${ask}) as roles
        from (select unnest(array[${list}]) as p) k cross join ${from}) o ${only}`);
    answers.push(...rows);
  }
  return answers;
}

// Of the system's own objects a sample, to keep the answer small: those that the worlds grant on.
const ownGrants = (() => {
  const named = ["pg_authid", "pg_class", "pg_authid.rolname", "pg_sleep(double precision)"];
  const list = named.map((name) => `'pg_catalog.${name}'`).join(", ");
  return `regexp_replace(o.id, '^.*/', '') in (${list}, 'information_schema.sql_features', 'sql')`;
})();

/** pg_has_role for every two roles, from inside the database that `client` is connected to. */
export async function roleAnswers(client: pg.Client, major: number): Promise<RoleAnswer[]> {
  const set = major >= 16 ? "pg_has_role(r.oid, g.oid, 'SET')" : "null::boolean";
  const { rows } = await client.query(`
    select r.rolname::text as role, g.rolname::text as of, pg_has_role(r.oid, g.oid, 'USAGE') as usage,
      pg_has_role(r.oid, g.oid, 'MEMBER') as member, ${set} as set
    from pg_roles r cross join pg_roles g`);
  return rows;
}
