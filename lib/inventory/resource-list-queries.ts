import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { isId, oneOf, sinceTime } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import type { ListFilter, ListState } from "../lists/schema";
import { type Bind, type ListPage, type ListRequest, type ListSource, searchCondition } from "../lists/select";
import { now } from "../time";
import { inConnections } from "./connection-condition";

/** A resource as a row of a list. */
export type ResourceRow = {
  id: string;
  name: string;
  externalId: string;
  /** In the system's own words: table, schema, repository. */
  type: string;
  connection: { id: string; name: string };
  parent: { id: string; name: string } | null;
  owner: { id: string; name: string } | null;
  /** Who owns what it lies in, or else the system: they answer for it where it has no owner itself. */
  ownerAbove: string | null;
  /** How many permissions on it are held by somebody. */
  entitlementCount: number;
  /** How many accounts and groups hold one directly; counted no further than 1,000. */
  holderCount: number;
  firstSeenAt: string;
};

/** One page of the resources. */
export async function listResources(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<ResourceRow>> {
  return runPage(sourceFor(actor), { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, rowOf);
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countResources(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(sourceFor(actor), await requestFor(actor, input.state), input.exact ?? false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkResources(actor: Actor, input: { state: ListState }): Promise<AsyncGenerator<ResourceRow[]>> {
  return walkList(sourceFor(actor), await requestFor(actor, input.state), rowOf);
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  await authorize(actor, "resource:read", { type: "resource" });
  return { state, now: now(), always: [() => "r.removed_at is null"] };
}

function sourceFor(actor: Actor): ListSource {
  return {
    from: "resources r",
    id: "r.id",
    columns: `p.id, p.name, p.external_id, p.type, p.first_seen_at, c.id as connection_id, c.name as connection_name,
  u.id as parent_id, u.name as parent_name, o.id as owner_id, o.name as owner_name, coalesce(uo.name, co.name) as above_name, e.entitlements, h.holders`,
    joins: `join connections c on c.id = p.connection_id left join resources u on u.id = p.parent_id
  left join identities o on o.id = p.owner_id left join identities uo on uo.id = u.owner_id left join identities co on co.id = c.owner_id
  left join lateral (select count(*)::int as entitlements from entitlements e where e.resource_id = p.id and e.removed_at is null) e on true
  left join lateral (select count(*)::int as holders from (select distinct principal_id from (
    select a.principal_id from entitlements e join assignments a on a.entitlement_id = e.id and a.removed_at is null
    where e.resource_id = p.id and e.removed_at is null limit 1000) found) held) h on true`,
    sorts: {
      name: { sql: "lower(r.name)", type: "text" },
      firstSeen: { sql: "r.first_seen_at", type: "timestamptz" },
    },
    filters: {
      type: (filter, bind) => oneOf("r.type", filter, bind),
      connection: (filter, bind) => inConnections("r.connection_id", filter, bind),
      owner: (filter, bind) => ownedBy(filter, bind, actor),
      firstSeen: (filter, bind, at) => sinceTime("r.first_seen_at", filter, bind, at),
    },
    search: (q, bind) => (isId(q.trim()) ? `r.id = ${bind(q.trim())}` : searchCondition("r.search", q, bind)),
  };
}

function ownedBy(filter: ListFilter, bind: Bind, actor: Actor): string {
  const ids = filter.values.flatMap((value) => (value === "me" ? [identityOf(actor)] : isId(value) ? [value] : []));
  const parts = [`r.owner_id = any(${bind(ids)}::uuid[])`];
  if (filter.values.includes("none")) parts.push("r.owner_id is null");
  return filter.not ? `(${parts.join(" or ")}) is not true` : parts.join(" or ");
}

type Row = {
  id: string;
  row_id: string;
  sort_key: string;
  name: string;
  external_id: string;
  type: string;
  first_seen_at: Date;
  connection_id: string;
  connection_name: string;
  parent_id: string | null;
  parent_name: string | null;
  above_name: string | null;
  owner_id: string | null;
  owner_name: string | null;
  entitlements: number;
  holders: number;
};

function rowOf(row: Row): ResourceRow {
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    type: row.type,
    connection: { id: row.connection_id, name: row.connection_name },
    parent: row.parent_id === null ? null : { id: row.parent_id, name: row.parent_name ?? "" },
    owner: row.owner_id === null ? null : { id: row.owner_id, name: row.owner_name ?? "" },
    ownerAbove: row.above_name,
    entitlementCount: row.entitlements,
    holderCount: row.holders,
    firstSeenAt: row.first_seen_at.toISOString(),
  };
}
