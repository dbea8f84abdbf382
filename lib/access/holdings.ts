import { z } from "zod";
import { type Columns, columnsSql, rowsOf } from "./columns";
import { type GroupGraph, graphOf } from "./find-paths";
import { type GraphRow, graphSql, namedGraphOf } from "./graph-sql";
import type { When } from "./held-sql";
import { type JustificationRow, type Justify, justificationsSql, justifier } from "./justify";

/** An account as far as access goes. */
export type AccountFacts = {
  id: string;
  externalId: string;
  name: string;
  identity: { id: string; kind: string; name: string } | null;
  connection: { id: string; name: string; coverage: EntitlementCoverage | null };
  /** Start of the observed time in which the account was not used at all; null where that is not known. */
  notUsedSince: Date | null;
};

/** How far the source can tell which entitlements were used. */
export type EntitlementCoverage = { complete: boolean; since: Date | null; because: string };

/** Accounts, and what stands between them and what they hold: everybody on the way, and their memberships. */
export type Holdings = {
  accounts: AccountFacts[];
  /** The ids of everybody on the way, by the number that stands for them in the answer. */
  ids: ReadonlyMap<number, string>;
  names: ReadonlyMap<string, string>;
  graph: GroupGraph;
  /** Why access over given paths stands. */
  justify: Justify;
};

/** What `holdingsSql` selects. */
export type HoldingsRow = GraphRow & { accounts: Columns<AccountRow>; justifications: Columns<JustificationRow> };

type AccountRow = {
  id: string;
  externalId: string;
  name: string;
  identity: string | null;
  kind: string | null;
  identityName: string | null;
  connection: string;
  connectionName: string;
  coverage: unknown;
  notUsedSince: string | null;
};

const nameSql = (when: When, at: string) =>
  when === "now"
    ? "p.name"
    : `coalesce((select v.name from principal_versions v where v.principal_id = p.id and v.valid_to > ${at}
        order by v.valid_to limit 1), p.name)`;

const accountColumns = (name: string) =>
  columnsSql({
    id: "p.id",
    externalId: "p.external_id",
    name,
    identity: "i.id",
    kind: "i.kind",
    identityName: "i.name",
    connection: "c.id",
    connectionName: "c.name",
    coverage: "c.coverage->'entitlement'",
    notUsedSince: "case when p.last_use_state = 'not_used' then p.not_used_since end",
  });

/**
 * SQL: columns with the facts of `accounts (id)`, and with the graph of `numbered (n, id)`, two common tables of the
 * statement. As JSON in one row, so that a question is one round trip.
 */
export function holdingsSql(when: When, at: string): string {
  return `
    (select ${accountColumns(nameSql(when, at))}
      from accounts a join principals p on p.id = a.id
      join connections c on c.id = p.connection_id left join identities i on i.id = p.identity_id) as accounts, ${justificationsSql(when, at)},${graphSql(when, at, nameSql(when, at))}`;
}

const date = z.coerce.date().nullable();
// Coverage is what a connector said; one that cannot be read counts as none.
const coverage = z.object({ complete: z.boolean(), since: date, because: z.string() }).nullable().catch(null);

/** The holdings out of a row with the columns of `holdingsSql`. */
export function holdingsOf({ accounts, justifications, ...row }: HoldingsRow): Holdings {
  const connections = new Map<string, AccountFacts["connection"]>();
  const { edges, ...graph } = namedGraphOf(row);
  const facts = rowsOf(accounts).map((account) => accountOf(account, connections));
  return { accounts: facts.sort(byId), graph: graphOf(edges), justify: justifier(justifications), ...graph };
}

const byId = (a: AccountFacts, b: AccountFacts) => (a.id < b.id ? -1 : 1);

function accountOf(row: AccountRow, connections: Map<string, AccountFacts["connection"]>): AccountFacts {
  const { id, externalId, name, identity, kind, identityName, notUsedSince } = row;
  const connection = connections.get(row.connection) ?? {
    id: row.connection,
    name: row.connectionName,
    coverage: coverage.parse(row.coverage),
  };
  connections.set(row.connection, connection);
  return {
    id,
    externalId,
    name,
    identity: identity === null ? null : { id: identity, kind: kind ?? "", name: identityName ?? "" },
    connection,
    notUsedSince: notUsedSince === null ? null : new Date(notUsedSince),
  };
}
