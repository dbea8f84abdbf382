import type pg from "pg";
import { maintainClosure } from "@/lib/access/maintain-closure";
import { pool, transaction } from "@/lib/db/client";

/** The ids that a bench asks about. */
export type World = { connectionId: string; connection: string; identities: number };

// Six levels of groups, each a fifth of the one below. For a million identities that is 50,000 groups.
const shares = [0.04, 0.008, 0.0016, 0.00032, 0.000064, 0.000013];

/**
 * Fills an empty, migrated database with `identities` identities: one account each, five memberships, groups nested six
 * deep, twenty entitlements held through groups. The same size gives the same world. Keys and rows are made by the
 * database itself, with foreign keys and slow indexes put aside meanwhile, so that a million takes minutes.
 */
export async function generate(identities: number, progress: (what: string) => void): Promise<World> {
  const client = await pool().connect();
  try {
    await client.query(
      "set session_replication_role = replica; set statement_timeout = 0; set synchronous_commit = off",
    );
    const indexes = await putIndexesAside(client);
    const connectionId = await makeConnection(client);
    for (const [what, sql] of statements(identities)) {
      progress(what);
      await client.query(sql.replaceAll("$connection", `'${connectionId}'::uuid`));
    }
    progress("indexes");
    for (const sql of indexes) await client.query(sql);
    await client.query("drop table bench_groups");
    await client.query("reset session_replication_role; analyze");
    progress("closure");
    await transaction((tx) => withoutTimeLimit(tx, () => maintainClosure(tx, connectionId, "all")), {
      timeoutMs: 3_600_000,
    });
    await client.query("vacuum analyze group_closure");
    return { connectionId, connection: "bench", identities };
  } finally {
    client.release(true);
  }
}

/** The world that was generated into this database before, or null. */
export async function readWorld(): Promise<World | null> {
  const { rows } = await pool().query<World>(
    `select c.id as "connectionId", c.name as connection, (select count(*)::int from identities) as identities
     from connections c where c.name = 'bench' and exists (select from group_closure)`,
  );
  return rows[0] ?? null;
}

async function withoutTimeLimit<T>(
  tx: { $executeRaw: (sql: TemplateStringsArray) => Promise<number> },
  work: () => Promise<T>,
) {
  await tx.$executeRaw`set local statement_timeout = 0`;
  return work();
}

async function makeConnection(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    "insert into connections (name, connector, settings, status) values ('bench', 'postgresql', '{}', 'current') returning id",
  );
  return rows[0]?.id ?? "";
}

async function putIndexesAside(client: pg.PoolClient): Promise<string[]> {
  const tables = ["identities", "principals", "memberships", "resources", "entitlements", "assignments", "credentials"];
  const { rows } = await client.query<{ name: string; sql: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as sql
     from pg_index i where i.indrelid = any($1::regclass[]) and not i.indisprimary
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
    [tables],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ sql }) => sql);
}

// Ids are made of the kind and the number, so that rows can refer to each other without looking one another up.
const id = (kind: number, n: string) => `('0000000${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
/** The id of the account with number `n`, from 1. */
export const accountId = (n: number) => `00000002-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
/** The id of the identity with number `n`, from 1. */
export const identityId = (n: number) => `00000001-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
/** The id of the resource with number `n`, from 1. */
export const resourceId = (n: number) => `00000004-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
/** The id of the group with number `n`, from 1. */
export const groupId = (n: number) => `00000003-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

/** How many groups there are on each level, from the bottom. */
export function levelsOf(identities: number): number[] {
  return shares.map((share) => Math.max(1, Math.round(share * identities)));
}

// A cheap, fixed way of spreading numbers: neither even nor regular, and the same everywhere.
const spread = (n: string, salt: number, among: string) =>
  `(abs(hashint8extended((${n})::bigint, ${salt})) % (${among})::bigint)`;

const since = "timestamptz '2026-01-01'";
const first =
  "(array['Ada','Bo','Cleo','Dag','Eva','Finn','Gus','Hana','Ivo','Jo','Kai','Lea','Max','Noor','Ole','Pia','Quinn','Rosa','Sven','Tara'])";
const last =
  "(array['Abel','Berg','Costa','Dahl','Eriksen','Fischer','Garcia','Holm','Ito','Jansen','Klein','Lund','Moreau','Novak','Okafor','Petrov','Quist','Rossi','Silva','Tanaka'])";

function statements(identities: number): [string, string][] {
  const levels = levelsOf(identities);
  const groups = levels.reduce((sum, count) => sum + count, 0);
  const bottom = levels[0] ?? 1;
  const name = `${first}[1 + n % 20] || ' ' || ${last}[1 + (n / 20) % 20] || ' ' || n`;
  return [
    ["groups", levelTable(levels)],
    [
      "identities",
      `insert into identities (id, kind, kind_reason, name, email, status, first_seen_at, environment, privilege,
         account_count, connection_names, reaches, last_use_state, last_used_at, search)
       select ${id(1, "n")}, case when n % 8 < 5 then 'human' when n % 8 = 5 then 'service_account' when n % 8 = 6
           then 'workload' else 'ci_pipeline' end, 'generated', ${name}, 'u' || n || '@example.com', 'active',
         ${since} + n % 300 * interval '1 day', (array['production','staging','development'])[1 + n % 3], 1 + n % 3, 1,
         array['bench'], 20, case when n % 5 = 0 then 'unknown' else 'used' end,
         case when n % 5 > 0 then ${since} + ${spread("n", 9, "26000000")} * interval '1 second' end,
         lower(${name} || ' u' || n || '@example.com')
       from generate_series(1, ${identities}) n`,
    ],
    [
      "accounts",
      `insert into principals (id, connection_id, type, external_id, name, email, content_hash, identity_id,
         first_seen_at, search)
       select ${id(2, "n")}, $connection, 'account', 'u' || n, 'u' || n, 'u' || n || '@example.com', '', ${id(1, "n")},
         ${since}, 'u' || n
       from generate_series(1, ${identities}) n`,
    ],
    [
      "groups as principals",
      `insert into principals (id, connection_id, type, external_id, name, content_hash, first_seen_at, search)
       select ${id(3, "n")}, $connection, 'group', 'g' || n, 'g' || n, '', ${since}, 'g' || n
       from generate_series(1, ${groups}) n`,
    ],
    [
      "memberships",
      `insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
       select distinct on (n, g) $connection, ${id(2, "n")}, ${id(3, "g")}, true, false, false, ${since}
       from (select n, 1 + ${spread("n * 5 + k", 1, String(bottom))} as g
         from generate_series(1, ${identities}) n, generate_series(1, 5) k) as joined
       order by n, g`,
    ],
    [
      "nesting",
      `insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
       select $connection, ${id(3, "g.n")}, ${id(3, "above.first + (g.n - g.first) % above.size")}, true, false, false,
         ${since}
       from (select n, b.* from bench_groups b, generate_series(b.first, b.first + b.size - 1) n) g
       join bench_groups above on above.level = g.level + 1`,
    ],
    [
      "resources",
      `insert into resources (id, connection_id, type, external_id, name, content_hash, first_seen_at, search)
       select ${id(4, "n")}, $connection, 'table', 'app/s.t' || n, 's.t' || n, '', ${since}, 's.t' || n
       from generate_series(1, ${groups}) n`,
    ],
    [
      "entitlements",
      `insert into entitlements (id, connection_id, resource_id, permission, privilege, first_seen_at)
       select ${id(5, "n * 2 + k")}, $connection, ${id(4, "n")}, (array['SELECT','UPDATE'])[k + 1], 1 + k, ${since}
       from generate_series(1, ${groups}) n, generate_series(0, 1) k`,
    ],
    [
      // Two each at the bottom, one each on the next level and at the top: ten, five and some four for everybody.
      "assignments",
      `insert into assignments (connection_id, principal_id, entitlement_id, first_seen_at)
       select $connection, ${id(3, "n")}, ${id(5, "n * 2 + k")}, ${since}
       from bench_groups b, generate_series(b.first, b.first + b.size - 1) n, generate_series(0, 1) k
       where b.level = 0 or (b.level in (1, 5) and k = 0)`,
    ],
    [
      "credentials",
      `insert into credentials (id, connection_id, principal_id, kind, external_id, name, content_hash, first_seen_at,
         source_created_at, search)
       select ${id(6, "n")}, $connection, ${id(2, "n")}, 'password', 'password', 'password', '', ${since},
         ${since} - ${spread("n", 3, "700")} * interval '1 day', 'password'
       from generate_series(1, ${identities}) n`,
    ],
  ];
}

function levelTable(levels: number[]): string {
  let next = 1;
  const values = levels.map((size, level) => {
    const row = `(${level}, ${next}, ${size})`;
    next += size;
    return row;
  });
  return `drop table if exists bench_groups;
    create table bench_groups as select * from (values ${values.join(", ")}) as levels (level, first, size)`;
}
