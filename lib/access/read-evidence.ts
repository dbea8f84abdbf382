import { rows } from "../db/client";
import { type Columns, columnsSql, rowsOf } from "./columns";
import type { GroupEdge } from "./find-paths";
import { everyMembershipSql, type GraphRow, graphSql, namedGraphOf, numberedSql } from "./graph-sql";
import { heldSql, standsSql } from "./held-sql";

/** A connection as evaluations need it. */
export type AskedConnection = { id: string; name: string; connector: string };

/** One pair to look up: indices into the subjects and resources that are asked for; `own`: not one that encloses it. */
export type AskedPair = { subject: number; resource: number; permission: string; own: boolean };

export type Questions = {
  /** External ids or names. */
  subjects: readonly string[];
  /** Types, and external ids or names. */
  resources: readonly { type: string; id: string }[];
  pairs: readonly AskedPair[];
};

/** Who a word means. `exact`: by external id, which goes before a name. */
export type FoundSubject = { n: number; id: string; type: "account" | "group"; name: string; exact: boolean };
export type FoundResource = {
  n: number;
  id: string;
  type: string;
  externalId: string;
  name: string;
  attributes: Record<string, unknown>;
  exact: boolean;
};

/** Something that a subject holds, itself or through others; `plain` without becoming one of them. */
export type Holding = {
  account: string;
  holder: string;
  plain: boolean;
  assignment: string;
  permission: string;
  condition: string | null;
};
export type ResourceHolding = Holding & { resource: string };
export type PatternHolding = Holding & { pattern: Record<string, unknown> };

export type Evidence = {
  connectionStands: boolean;
  subjects: FoundSubject[];
  resources: FoundResource[];
  holdings: ResourceHolding[];
  patterns: PatternHolding[];
  edges: GroupEdge[];
  names: ReadonlyMap<string, string>;
};

type EvidenceRow = GraphRow & {
  connectionStands: boolean;
  subjects: Columns<FoundSubject>;
  resources: Columns<FoundResource>;
  holdings: Columns<ResourceHolding>;
  patterns: Columns<PatternHolding>;
};

const holding = `h.account, h.holder, h.plain, s.id::text as assignment, e.permission, e.condition`;
const holdingColumns = {
  account: "it.account",
  holder: "it.holder",
  plain: "it.plain",
  assignment: "it.assignment",
  permission: "it.permission",
  condition: "it.condition",
};

// Where the words come from. One question is written without arrays of unknown length: PostgreSQL then sees that it need
// not plan it anew each time, which would take three times as long as answering it.
const many = {
  subjects: "unnest($4::text[]) with ordinality as g (word, n)",
  resources: "unnest($5::text[], $6::text[]) with ordinality as g (type, word, n)",
  pairs: "unnest($7::int[], $8::int[], $9::text[], $10::boolean[]) as p (subject, resource, permission, own)",
};
const mostInOne = 5;
const upToFive = "(values (1), (2), (3), (4), (5)) as i (n)";
const one: typeof many = {
  subjects: "(select i.n, ($4::text[])[i.n] as word from (values (1)) as i (n)) as g",
  resources: `(select i.n, ($5::text[])[i.n] as type, ($6::text[])[i.n] as word from ${upToFive}) as g`,
  pairs: `(select ($7::int[])[i.n] as subject, ($8::int[])[i.n] as resource, ($9::text[])[i.n] as permission,
    ($10::boolean[])[i.n] as own from ${upToFive}) as p`,
};

const subjectsByName = `
      union all
      select p.id, p.type, p.name, false from principals p
      where lower(p.name) = lower(g.word) and p.name = g.word and p.external_id <> g.word and p.connection_id = $1
        and p.removed_at is null`;
const resourcesByName = `
      union all
      select r.id, r.type, r.external_id, r.name, r.attributes, false from resources r
      where lower(r.name) = lower(g.word) and r.name = g.word and r.external_id <> g.word and r.connection_id = $1
        and r.type = g.type and r.removed_at is null`;

// All that some questions need, in one round trip: whom and what the words mean, what the subjects hold of it, and the
// graph above them for the paths.
const evidenceSql = (given: typeof many, words: "ids" | "ids and names") => `
  with recursive subjects as materialized (
    select g.n - 1 as n, p.id, p.type, p.name, p.exact from ${given.subjects}
    cross join lateral (
      select p.id, p.type, p.name, true as exact from principals p
      where p.connection_id = $1 and p.external_id = g.word and p.removed_at is null
      ${words === "ids" ? "" : subjectsByName}) as p),
  resources_found as materialized (
    select g.n - 1 as n, r.* from ${given.resources}
    cross join lateral (
      select r.id, r.type, r.external_id, r.name, r.attributes, true as exact from resources r
      where r.connection_id = $1 and r.type = g.type and r.external_id = g.word and r.removed_at is null
      ${words === "ids" ? "" : resourcesByName}) as r),
  accounts (id) as (select distinct id from subjects),
  ${heldSql("now", "$2")},
  pairs as (
    select s.id as account, r.id as resource, p.permission, bool_or(p.own) as own
    from ${given.pairs}
    join subjects s on s.n = p.subject join resources_found r on r.n = p.resource
    group by s.id, r.id, p.permission),
  -- The offset has each holder looked up with the entitlement: planned otherwise, all that it holds would be read.
  holdings as materialized (
    select p.resource, ${holding}
    from pairs p
    join entitlements e on e.resource_id = p.resource and e.permission = p.permission and e.removed_at is null
      and (p.own or e.pattern is null)
    join held h on h.account = p.account
    cross join lateral (
      select s.id from assignments s
      where s.principal_id = h.holder and s.entitlement_id = e.id and ${standsSql("s", "now", "$2")} offset 0) s),
  patterns as materialized (
    select e.pattern, ${holding}
    from entitlements e
    join assignments s on s.entitlement_id = e.id and ${standsSql("s", "now", "$2")}
    join held h on h.holder = s.principal_id
    where e.connection_id = $1 and e.pattern is not null and e.removed_at is null),
  reached as materialized (
    select distinct account, holder from (select account, holder from holdings union all select account, holder from patterns) as it),
  -- Who stands between: of those in whose place an account stands, the ones below a holder that matters.
  nodes as materialized (
    select account as id from reached
    union
    select h.holder from reached r join held h on h.account = r.account
    cross join lateral (
      select from group_closure c where c.descendant_id = h.holder and c.ancestor_id = r.holder offset 0) c), ${numberedSql}
  select
    exists (select from connections c where c.id = $1 and c.name = $3 and c.removed_at is null) as "connectionStands",
    (select ${columnsSql({ n: "n", id: "id", type: "type", name: "name", exact: "exact" })} from subjects) as subjects,
    (select ${columnsSql({ n: "n", id: "id", type: "type", externalId: "external_id", name: "name", attributes: "attributes", exact: "exact" })}
      from resources_found) as resources,
    (select ${columnsSql({ resource: "it.resource", ...holdingColumns })} from holdings it) as holdings,
    (select ${columnsSql({ pattern: "it.pattern", ...holdingColumns })} from patterns it) as patterns,
    ${graphSql("now", "$2")}`;

const statements = {
  byIds: { sql: evidenceSql(one, "ids"), name: "access-evidence-by-ids" },
  one: { sql: evidenceSql(one, "ids and names"), name: "access-evidence-one" },
  many: { sql: evidenceSql(many, "ids and names"), name: "access-evidence-many" },
};

/** Everything that the inventory knows towards answering these questions about one connection. */
export async function readEvidence(connection: AskedConnection, asked: Questions, time: Date): Promise<Evidence> {
  const { subjects, resources, pairs } = asked;
  const isOne = subjects.length === 1 && resources.length <= mostInOne && pairs.length <= mostInOne;
  if (!isOne) return read(statements.many, connection, asked, time);
  // Who asks one question mostly gives ids, and they go before names.
  const byIds = await read(statements.byIds, connection, asked, time);
  const isClear = byIds.subjects.length > 0 && byIds.resources.some(({ n }) => n === 0);
  return isClear ? byIds : read(statements.one, connection, asked, time);
}

async function read(
  { sql, name }: { sql: string; name: string },
  connection: AskedConnection,
  { subjects, resources, pairs }: Questions,
  time: Date,
): Promise<Evidence> {
  const values = [
    connection.id,
    time,
    connection.name,
    subjects,
    resources.map((it) => it.type),
    resources.map((it) => it.id),
    pairs.map((it) => it.subject),
    pairs.map((it) => it.resource),
    pairs.map((it) => it.permission),
    pairs.map((it) => it.own),
  ];
  const [found] = await rows<EvidenceRow>(sql, values, name);
  if (!found) throw new Error("a query without a table answered no row");
  return {
    connectionStands: found.connectionStands,
    subjects: rowsOf(found.subjects),
    resources: rowsOf(found.resources),
    holdings: rowsOf(found.holdings),
    patterns: rowsOf(found.patterns),
    ...graphIn(found),
  };
}

const graphIn = (row: GraphRow): Pick<Evidence, "names" | "edges"> => {
  const { names, edges } = namedGraphOf(row);
  return { names, edges };
};

const membersSql = `
  with recursive nodes (id) as (
    select unnest($1::uuid[])
    union select m.group_id from nodes join memberships m on m.member_id = nodes.id and m.removed_at is null),
  ${numberedSql}
  select ${everyMembershipSql}`;

/** Everybody above these principals by memberships of any kind. */
export async function readMemberships(ids: readonly string[]): Promise<Pick<Evidence, "names" | "edges">> {
  const [found] = await rows<GraphRow>(membersSql, [ids], "access-memberships");
  if (!found) throw new Error("a query without a table answered no row");
  return graphIn(found);
}
