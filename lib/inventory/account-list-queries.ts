import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { flag, isId, oneOf, sinceTime, unusedSince } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import type { ListState } from "../lists/schema";
import { type Bind, type ListPage, type ListRequest, type ListSource, searchCondition } from "../lists/select";
import { now } from "../time";
import { inConnections } from "./connection-condition";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { LastUse } from "./schema";

/** An account as a row of a list. */
export type AccountRow = {
  id: string;
  name: string;
  externalId: string;
  displayName: string | null;
  email: string | null;
  status: "active" | "disabled" | "locked" | "expired";
  connection: { id: string; name: string };
  /** Null: it is unmatched. */
  identity: { id: string; name: string; kind: IdentityKind } | null;
  /** Why it belongs to that identity, in words. */
  matchReason: string | null;
  /** What the source says it is. */
  kindHint: IdentityKind | null;
  firstSeenAt: string;
  lastUse: LastUse;
};

/** One page of the accounts that the actor may see. */
export async function listAccounts(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<AccountRow>> {
  return runPage(source, { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, rowOf);
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countAccounts(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(source, await requestFor(actor, input.state), input.exact ?? false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkAccounts(actor: Actor, input: { state: ListState }): Promise<AsyncGenerator<AccountRow[]>> {
  return walkList(source, await requestFor(actor, input.state), rowOf);
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "identity:read", { type: "account" });
  const live = () => "a.removed_at is null and a.type = 'account'";
  const mine = (bind: Bind) => `a.identity_id in (${ownIdentitiesSql(bind(identityOf(actor)))})`;
  return { state, now: now(), always: reach === "own" ? [live, mine] : [live] };
}

const source: ListSource = {
  from: "principals a",
  id: "a.id",
  columns: `p.id, p.name, p.external_id, p.display_name, p.email, p.status, p.match_reason, p.kind_hint, p.first_seen_at,
  ${lastUseColumns("p")}, c.id as connection_id, c.name as connection_name,
  i.id as identity_id, i.name as identity_name, i.kind as identity_kind`,
  joins: "join connections c on c.id = p.connection_id left join identities i on i.id = p.identity_id",
  sorts: {
    name: { sql: "lower(a.name)", type: "text" },
    firstSeen: { sql: "a.first_seen_at", type: "timestamptz" },
    lastUsed: { sql: "coalesce(a.last_used_at, '-infinity'::timestamptz)", type: "timestamptz" },
  },
  filters: {
    unmatched: (filter) => flag("a.identity_id is null", filter),
    connection: (filter, bind) => inConnections("a.connection_id", filter, bind),
    status: (filter, bind) => oneOf("a.status", filter, bind),
    lastUse: (filter, bind) => oneOf("a.last_use_state", filter, bind),
    unusedSince: (filter, bind, at) => unusedSince("a", filter, bind, at),
    firstSeen: (filter, bind, at) => sinceTime("a.first_seen_at", filter, bind, at),
  },
  search: (q, bind) => (isId(q.trim()) ? `a.id = ${bind(q.trim())}` : searchCondition("a.search", q, bind)),
};

type Row = LastUseRow & {
  id: string;
  row_id: string;
  sort_key: string;
  name: string;
  external_id: string;
  display_name: string | null;
  email: string | null;
  status: AccountRow["status"];
  match_reason: string | null;
  kind_hint: IdentityKind | null;
  first_seen_at: Date;
  connection_id: string;
  connection_name: string;
  identity_id: string | null;
  identity_name: string | null;
  identity_kind: IdentityKind | null;
};

function rowOf(row: Row): AccountRow {
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    displayName: row.display_name,
    email: row.email,
    status: row.status,
    connection: { id: row.connection_id, name: row.connection_name },
    identity:
      row.identity_id === null || row.identity_kind === null
        ? null
        : { id: row.identity_id, name: row.identity_name ?? "", kind: row.identity_kind },
    matchReason: row.match_reason,
    kindHint: row.kind_hint,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastUse: lastUseOf(row),
  };
}
