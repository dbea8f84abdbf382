import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { credentialKinds, IdentityKind } from "../connectors/schema";
import { agesBetween, isId, oneOf, sinceTime, unusedSince } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import { type ListFilter, type ListState, timeOf } from "../lists/schema";
import { type Bind, type ListPage, type ListRequest, type ListSource, searchCondition } from "../lists/select";
import { dayMs, now, plus } from "../time";
import { inConnections } from "./connection-condition";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { LastUse } from "./schema";

/** A credential as a row of a list. Its secret is never known here. */
export type CredentialRow = {
  id: string;
  name: string;
  kind: (typeof credentialKinds)[number];
  status: "active" | "disabled" | "expired";
  account: { id: string; name: string };
  connection: { id: string; name: string };
  identity: { id: string; name: string; kind: IdentityKind } | null;
  /** When it was made there; null where the source does not say. */
  madeAt: string | null;
  expiresAt: string | null;
  firstSeenAt: string;
  lastUse: LastUse;
};

/** One page of the credentials that the actor may see. */
export async function listCredentials(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<CredentialRow>> {
  return runPage(source, { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, rowOf);
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countCredentials(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(source, await requestFor(actor, input.state), input.exact ?? false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkCredentials(
  actor: Actor,
  input: { state: ListState },
): Promise<AsyncGenerator<CredentialRow[]>> {
  return walkList(source, await requestFor(actor, input.state), rowOf);
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "credential:read", { type: "credential" });
  const live = () => "k.removed_at is null";
  const mine = (bind: Bind) =>
    `k.principal_id in (select id from principals where identity_id in (${ownIdentitiesSql(bind(identityOf(actor)))}))`;
  return { state, now: now(), always: reach === "own" ? [live, mine] : [live] };
}

const source: ListSource = {
  from: "credentials k",
  id: "k.id",
  columns: `p.id, p.name, p.kind, p.status, p.source_created_at, p.expires_at, p.first_seen_at, ${lastUseColumns("p")},
  a.id as account_id, a.name as account_name, c.id as connection_id, c.name as connection_name,
  i.id as identity_id, i.name as identity_name, i.kind as identity_kind`,
  joins: `join principals a on a.id = p.principal_id join connections c on c.id = p.connection_id
  left join identities i on i.id = a.identity_id`,
  sorts: {
    name: { sql: "lower(k.name)", type: "text" },
    made: { sql: "coalesce(k.source_created_at, 'infinity'::timestamptz)", type: "timestamptz" },
    expires: { sql: "coalesce(k.expires_at, 'infinity'::timestamptz)", type: "timestamptz" },
    lastUsed: { sql: "coalesce(k.last_used_at, '-infinity'::timestamptz)", type: "timestamptz" },
    firstSeen: { sql: "k.first_seen_at", type: "timestamptz" },
  },
  filters: {
    kind: (filter, bind) => oneOf("k.kind", filter, bind),
    status: (filter, bind) => oneOf("k.status", filter, bind),
    connection: (filter, bind) => inConnections("k.connection_id", filter, bind),
    age: (filter, bind, at) => agesBetween("k.source_created_at", ageDays, filter, bind, at),
    ending: (filter, bind, at) => endsWithin(filter, bind, at),
    made: (filter, bind, at) => sinceTime("coalesce(k.source_created_at, 'infinity'::timestamptz)", filter, bind, at),
    expires: (filter, bind, at) => endsBy(filter, bind, at),
    lastUse: (filter, bind) => oneOf("k.last_use_state", filter, bind),
    unusedSince: (filter, bind, at) => unusedSince("k", filter, bind, at),
    firstSeen: (filter, bind, at) => sinceTime("k.first_seen_at", filter, bind, at),
  },
  search: (q, bind) => (isId(q.trim()) ? `k.id = ${bind(q.trim())}` : searchCondition("k.search", q, bind)),
};

// The stretches of the overview's figures.
const ageDays = { "30d": [0, 30], "90d": [30, 90], "1y": [90, 365], "2y": [365, 730], older: [730, null] } as const;

function endsWithin(filter: ListFilter, bind: Bind, at: Date): string {
  const days = Math.max(...filter.values.map((value) => Number.parseInt(value, 10)));
  const end = bind(plus(at, days * dayMs));
  return `k.status = 'active' and k.expires_at > ${bind(at)} and k.expires_at <= ${end}`;
}

// What has no end is "after" any time.
function endsBy(filter: ListFilter, bind: Bind, at: Date): string {
  const moment = bind(timeOf(filter.values[0] ?? "", at));
  return `coalesce(k.expires_at, 'infinity'::timestamptz) ${filter.not ? ">" : "<="} ${moment}`;
}

type Row = LastUseRow & {
  id: string;
  row_id: string;
  sort_key: string;
  name: string;
  kind: CredentialRow["kind"];
  status: CredentialRow["status"];
  source_created_at: Date | null;
  expires_at: Date | null;
  first_seen_at: Date;
  account_id: string;
  account_name: string;
  connection_id: string;
  connection_name: string;
  identity_id: string | null;
  identity_name: string | null;
  identity_kind: IdentityKind | null;
};

function rowOf(row: Row): CredentialRow {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    status: row.status,
    account: { id: row.account_id, name: row.account_name },
    connection: { id: row.connection_id, name: row.connection_name },
    identity:
      row.identity_id === null || row.identity_kind === null
        ? null
        : { id: row.identity_id, name: row.identity_name ?? "", kind: row.identity_kind },
    madeAt: row.source_created_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastUse: lastUseOf(row),
  };
}
