import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { agesBetween, flag, isId, oneOf, sinceTime, unusedSince } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import type { ListFilter, ListState } from "../lists/schema";
import { type Bind, type ListPage, type ListRequest, type ListSource, searchCondition } from "../lists/select";
import { now } from "../time";
import { type AccountOf, accountsOfSql } from "./accounts-of-queries";
import { privilegeLabels } from "./labels";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { Criticality, Environment, IdentityStatus, LastUse } from "./schema";

/** An identity as a row of a list. */
export type IdentityRow = {
  id: string;
  kind: IdentityKind;
  name: string;
  email: string | null;
  status: IdentityStatus;
  owner: { id: string; name: string } | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
  department: string | null;
  /** 0 none, 1 read, 2 write, 3 admin, 4 everything. */
  privilege: number;
  reaches: number;
  connections: string[];
  accountCount: number;
  credentialCount: number;
  oldestCredentialAt: string | null;
  firstSeenAt: string;
  lastUse: LastUse;
};

/** One page of the identities that the actor may see. */
export async function listIdentities(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<IdentityRow>> {
  const request = await requestFor(actor, input.state);
  return runPage(identitySource(actor), { ...request, limit: input.limit ?? 50 }, rowOf);
}

/** The same with the accounts of each, in one question to the database. */
export async function listIdentitiesWithAccounts(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<IdentityRow & { accounts: AccountOf[] }>> {
  const request = await requestFor(actor, input.state);
  const source = identitySource(actor);
  const accounts = `(select coalesce(json_agg(a), '[]') from (${accountsOfSql("p.id")}) a) as accounts`;
  return runPage(
    { ...source, columns: `${source.columns}, ${accounts}` },
    { ...request, limit: input.limit ?? 50 },
    (row: Row & { accounts: AccountOf[] }) => ({ ...rowOf(row), accounts: row.accounts }),
  );
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countIdentities(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(identitySource(actor), await requestFor(actor, input.state), input.exact ?? false);
}

/** How many identities the actor's role keeps from them, capped; 0 for those who see everything. */
export async function countHiddenIdentities(actor: Actor, input: { state: ListState }): Promise<Total> {
  if ((await authorizeReach(actor, "identity:read", { type: "identity" })) === "all")
    return { value: 0, capped: false };
  const request = {
    state: input.state,
    now: now(),
    always: [liveOf(input.state), (bind: Bind) => `not (${mine(actor, bind)})`],
  };
  return runCount(identitySource(actor), request, false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkIdentities(
  actor: Actor,
  input: { state: ListState },
): Promise<AsyncGenerator<IdentityRow[]>> {
  return walkList(identitySource(actor), await requestFor(actor, input.state), rowOf);
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "identity:read", { type: "identity" });
  const always = [liveOf(state), ...(reach === "own" ? [(bind: Bind) => mine(actor, bind)] : [])];
  return { state, now: now(), always };
}

// What is gone stays in the history; it is listed only when asked for.
function liveOf(state: ListState): () => string {
  const status = state.filters.find((filter) => filter.field === "status");
  const asked = status !== undefined && !status.not && status.values.includes("gone");
  if (!asked) return () => "i.removed_at is null";
  return () => (status.values.length === 1 ? "i.removed_at is not null" : "true");
}

function mine(actor: Actor, bind: Bind): string {
  return `i.id in (${ownIdentitiesSql(bind(identityOf(actor)))})`;
}

function identitySource(actor: Actor): ListSource {
  return {
    from: "identities i",
    id: "i.id",
    columns: `p.id, p.kind, p.name, p.email, p.status, p.owner_id, o.name as owner_name, p.purpose, p.environment, p.criticality,
  p.department, p.privilege, p.reaches, p.connection_names, p.account_count, p.credential_count, p.oldest_credential_at,
  p.first_seen_at, ${lastUseColumns("p")}`,
    joins: "left join identities o on o.id = p.owner_id",
    sorts: {
      name: { sql: "lower(i.name)", type: "text" },
      privilege: { sql: "i.privilege", type: "int" },
      reaches: { sql: "i.reaches", type: "int" },
      firstSeen: { sql: "i.first_seen_at", type: "timestamptz" },
      // Never used comes after used; without a credential after the newest one.
      lastUsed: { sql: "coalesce(i.last_used_at, '-infinity'::timestamptz)", type: "timestamptz" },
      oldestCredential: { sql: "coalesce(i.oldest_credential_at, 'infinity'::timestamptz)", type: "timestamptz" },
    },
    filters: {
      kind: (filter, bind) => oneOf("i.kind", filter, bind),
      status: (filter, bind) => oneOf("i.status", filter, bind),
      owner: (filter, bind) => ownedBy(filter, bind, actor),
      connection: (filter, bind) => presentIn(filter, bind),
      environment: (filter, bind) => oneOf("i.environment", filter, bind, true),
      criticality: (filter, bind) => oneOf("i.criticality", filter, bind, true),
      privileged: (filter) => flag("i.privilege >= 3", filter),
      privilege: (filter, bind) => oneOf("i.privilege", levelsOf(filter), bind),
      lastUse: (filter, bind) => oneOf("i.last_use_state", filter, bind),
      lastUsed: (filter, bind, at) =>
        agesBetween("i.last_used_at", lastUsedDays, filter, bind, at, "i.last_use_state = 'used'"),
      unusedSince: (filter, bind, at) => unusedSince("i", filter, bind, at),
      oldestCredential: (filter, bind, at) => sinceTime("i.oldest_credential_at", filter, bind, at),
      firstSeen: (filter, bind, at) => sinceTime("i.first_seen_at", filter, bind, at),
    },
    search: (q, bind) => (isId(q.trim()) ? `i.id = ${bind(q.trim())}` : searchCondition("i.search", q, bind)),
  };
}

// The stretches of the overview's figures.
const lastUsedDays = {
  today: [0, 1],
  "7d": [1, 7],
  "30d": [7, 30],
  "90d": [30, 90],
  "1y": [90, 365],
  longer: [365, null],
} as const;

function levelsOf(filter: ListFilter): ListFilter {
  const level = (word: string) => String(privilegeLabels.findIndex((label) => label.toLowerCase() === word));
  return { ...filter, values: filter.values.map(level) };
}

// People need no owner, so that "no owner" is about machines.
function ownedBy(filter: ListFilter, bind: Bind, actor: Actor): string {
  const ids = filter.values.filter(isId);
  const parts = ids.length > 0 ? [`i.owner_id = any(${bind(ids)}::uuid[])`] : [];
  if (filter.values.includes("none")) parts.push("i.owner_id is null and i.kind <> 'human'");
  if (filter.values.includes("me")) parts.push(`${bind(identityOf(actor))}::uuid in (i.owner_id, i.backup_owner_id)`);
  const any = parts.length > 0 ? parts.map((part) => `(${part})`).join(" or ") : "false";
  return filter.not ? `(${any}) is not true` : any;
}

function presentIn(filter: ListFilter, bind: Bind): string {
  const names = filter.values.filter((value) => !isId(value));
  const ids = filter.values.filter(isId);
  const parts = names.length > 0 ? [`i.connection_names && ${bind(names)}::text[]`] : [];
  if (ids.length > 0)
    parts.push(`i.connection_names && array(select name from connections where id = any(${bind(ids)}::uuid[]))`);
  const any = parts.join(" or ");
  return filter.not ? `not (${any})` : any;
}

type Row = LastUseRow & {
  id: string;
  row_id: string;
  sort_key: string;
  kind: IdentityKind;
  name: string;
  email: string | null;
  status: IdentityStatus;
  owner_id: string | null;
  owner_name: string | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
  department: string | null;
  privilege: number;
  reaches: number;
  connection_names: string[];
  account_count: number;
  credential_count: number;
  oldest_credential_at: Date | null;
  first_seen_at: Date;
};

function rowOf(row: Row): IdentityRow {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    email: row.email,
    status: row.status,
    owner: row.owner_id === null ? null : { id: row.owner_id, name: row.owner_name ?? "" },
    purpose: row.purpose,
    environment: row.environment,
    criticality: row.criticality,
    department: row.department,
    privilege: row.privilege,
    reaches: row.reaches,
    connections: row.connection_names,
    accountCount: row.account_count,
    credentialCount: row.credential_count,
    oldestCredentialAt: row.oldest_credential_at?.toISOString() ?? null,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastUse: lastUseOf(row),
  };
}
