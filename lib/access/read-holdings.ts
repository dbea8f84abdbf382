import { z } from "zod";
import { rows } from "../db/client";
import { type GroupEdge, graphOf } from "./find-paths";
import { aliveSql, byTime, heldSql, type When, whenOf } from "./held-sql";

/** An account as far as access goes. */
export type AccountFacts = {
  id: string;
  externalId: string;
  name: string;
  identity: { id: string; kind: string; name: string } | null;
  connection: { id: string; name: string; connector: string; coverage: EntitlementCoverage | null };
  /** Start of the observed time in which the account was not used at all; null where that is not known. */
  notUsedSince: Date | null;
};

/** How far the source can tell which entitlements were used. */
export type EntitlementCoverage = { complete: boolean; since: Date | null; because: string };

/** What stands between accounts and what they hold: the names of everybody on the way, and their memberships. */
export type Holdings = { names: Map<string, string>; graph: Map<string, GroupEdge[]> };

type AccountRow = {
  id: string;
  external_id: string;
  name: string;
  identity: AccountFacts["identity"];
  connection_id: string;
  connection: string;
  connector: string;
  coverage: unknown;
  not_used_since: Date | null;
};

const coverage = z.object({
  entitlement: z.object({ complete: z.boolean(), since: z.coerce.date().nullable(), because: z.string() }),
});

const nameSql = (when: When, at: string) =>
  when === "now"
    ? "p.name"
    : `coalesce((select v.name from principal_versions v where v.principal_id = p.id and v.valid_to > ${at}
        order by v.valid_to limit 1), p.name)`;

// The time is named in both forms, so that both take the same values.
const accountsSql = (when: When, which: string) => `
  select p.id, p.external_id, ${nameSql(when, "$2")} as name, c.id as connection_id, c.name as connection, c.connector,
    c.coverage, case when p.last_use_state = 'not_used' then p.not_used_since end as not_used_since,
    case when i.id is not null then json_build_object('id', i.id, 'kind', i.kind, 'name', i.name) end as identity
  from principals p join connections c on c.id = p.connection_id left join identities i on i.id = p.identity_id
  where ${which} and $2::timestamptz is not null order by p.id`;

const ofIdentitySql = byTime((when) =>
  accountsSql(
    when,
    `p.identity_id = $1 and p.type = 'account' and ${aliveSql("p", when, "$2")}
     and ($3::text is null or c.name = $3 or c.id::text = $3)`,
  ),
);
const byIdSql = byTime((when) => accountsSql(when, "p.id = any($1::uuid[])"));

/** The accounts of an identity, in all connections or one. */
export async function readAccountsOf(identityId: string, time: Date, at?: Date, connection?: string) {
  const when = whenOf(at);
  const found = await rows<AccountRow>(
    ofIdentitySql[when],
    [identityId, time, connection ?? null],
    `accounts-of-identity-${when}`,
  );
  return found.map(accountOf);
}

/** Accounts by their ids. */
export async function readAccounts(ids: readonly string[], time: Date, at?: Date): Promise<AccountFacts[]> {
  const when = whenOf(at);
  return (await rows<AccountRow>(byIdSql[when], [ids, time], `accounts-by-id-${when}`)).map(accountOf);
}

function accountOf(row: AccountRow): AccountFacts {
  const known = coverage.safeParse(row.coverage);
  return {
    id: row.id,
    externalId: row.external_id,
    name: row.name,
    identity: row.identity,
    connection: {
      id: row.connection_id,
      name: row.connection,
      connector: row.connector,
      coverage: known.success ? known.data.entitlement : null,
    },
    notUsedSince: row.not_used_since,
  };
}

// One answer of two lists, so that what is held is found once.
const holdingsSql = byTime(
  (when) => `
  with recursive accounts (id) as (select unnest($1::uuid[])), ${heldSql(when, "$2")},
  nodes as materialized (select distinct holder as id from held)
  select
    (select json_agg(json_build_object('id', p.id, 'name', ${nameSql(when, "$2")}))
      from nodes n join principals p on p.id = n.id) as names,
    (select json_agg(json_build_object('member', m.member_id, 'group', m.group_id, 'inherits', m.inherits,
        'switches', m.switches))
      from nodes n join memberships m on m.member_id = n.id and ${aliveSql("m", when, "$2")}
      where (m.inherits or m.switches) and m.group_id in (select id from nodes)) as edges
  where $2::timestamptz is not null`,
);

/** Everything above these accounts, as far as it gives them anything. */
export async function readHoldings(accountIds: readonly string[], time: Date, at?: Date): Promise<Holdings> {
  const when = whenOf(at);
  const [found] = await rows<{ names: { id: string; name: string }[] | null; edges: GroupEdge[] | null }>(
    holdingsSql[when],
    [accountIds, time],
    `holdings-${when}`,
  );
  return {
    names: new Map((found?.names ?? []).map(({ id, name }) => [id, name])),
    graph: graphOf(found?.edges ?? []),
  };
}
