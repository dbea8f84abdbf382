import { z } from "zod";
import { type GroupEdge, type GroupGraph, graphOf } from "./find-paths";
import { aliveSql, type When } from "./held-sql";

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
export type Holdings = { accounts: AccountFacts[]; names: Map<string, string>; graph: GroupGraph };

/** What `holdingsSql` selects. */
export type HoldingsRow = { accounts: unknown[] | null; names: unknown[] | null; edges: GroupEdge[] | null };

const nameSql = (when: When, at: string) =>
  when === "now"
    ? "p.name"
    : `coalesce((select v.name from principal_versions v where v.principal_id = p.id and v.valid_to > ${at}
        order by v.valid_to limit 1), p.name)`;

/**
 * SQL: columns with the facts of `accounts (id)`, and with the names and memberships of `nodes (id)`, two common tables
 * of the statement. As JSON in one row, so that a question is one round trip.
 */
export function holdingsSql(when: When, at: string): string {
  return `
    (select json_agg(json_build_object('id', p.id, 'externalId', p.external_id, 'name', ${nameSql(when, at)},
        'identity', case when i.id is not null then json_build_object('id', i.id, 'kind', i.kind, 'name', i.name) end,
        'connection', json_build_object('id', c.id, 'name', c.name, 'coverage', c.coverage->'entitlement'),
        'notUsedSince', case when p.last_use_state = 'not_used' then p.not_used_since end) order by p.id)
      from accounts a join principals p on p.id = a.id join connections c on c.id = p.connection_id
      left join identities i on i.id = p.identity_id) as accounts,
    (select json_agg(json_build_object('id', p.id, 'name', ${nameSql(when, at)}))
      from nodes n join principals p on p.id = n.id) as names,
    (select json_agg(json_build_object('member', m.member_id, 'group', m.group_id, 'inherits', m.inherits,
        'switches', m.switches))
      from nodes n join memberships m on m.member_id = n.id and ${aliveSql("m", when, at)}
      where (m.inherits or m.switches) and m.group_id in (select id from nodes)) as edges`;
}

const date = z.coerce.date().nullable();
// Coverage is what a connector said; one that cannot be read counts as none.
const coverage = z.object({ complete: z.boolean(), since: date, because: z.string() }).nullable().catch(null);
const account: z.ZodType<AccountFacts> = z.object({
  id: z.string(),
  externalId: z.string(),
  name: z.string(),
  identity: z.object({ id: z.string(), kind: z.string(), name: z.string() }).nullable(),
  connection: z.object({ id: z.string(), name: z.string(), coverage }),
  notUsedSince: date,
});
const named = z.object({ id: z.string(), name: z.string() });

/** The holdings out of a row with the columns of `holdingsSql`. */
export function holdingsOf(row: HoldingsRow): Holdings {
  const names = z.array(named).parse(row.names ?? []);
  return {
    accounts: z.array(account).parse(row.accounts ?? []),
    names: new Map(names.map(({ id, name }) => [id, name])),
    graph: graphOf(row.edges ?? []),
  };
}
