import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, reachOf } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import type { Way } from "../grants/schema";
import { inConnections } from "../inventory/connection-condition";
import { flag, isId, oneOf, sinceTime } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import { emptyState, type ListState } from "../lists/schema";
import type { Bind, ListPage, ListRequest, ListSource } from "../lists/select";
import { now } from "../time";
import { requestList } from "./labels";
import type { RequestState } from "./states";

/** A request as a row of a list. */
export type RequestRow = {
  id: string;
  number: number;
  state: RequestState;
  requester: { id: string; name: string };
  subject: { id: string; name: string; kind: IdentityKind };
  give: Way;
  breakGlass: boolean;
  extendsGrantId: string | null;
  reason: string;
  ticket: string | null;
  durationSeconds: number;
  startsAt: string | null;
  createdAt: string;
  expiresAt: string;
  decidedAt: string | null;
  closedAt: string | null;
  because: string | null;
  /** Somebody asked back, and the answer is not there yet. */
  awaitsAnswer: boolean;
  /** The first few of what is asked for, and how many there are. */
  items: { connection: string; environment: string; permission: string; resource: string; privilege: number }[];
  itemCount: number;
  /** Of a pending one: the first few of those it waits for, and how many there are. */
  waitsFor: string[];
  waitsForCount: number;
};

/** One page of the requests that the actor may see. */
export async function listRequests(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<RequestRow>> {
  return runPage(sourceFor(actor), { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, rowOf);
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countRequests(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(sourceFor(actor), await requestFor(actor, input.state), input.exact ?? false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkRequests(actor: Actor, input: { state: ListState }): Promise<AsyncGenerator<RequestRow[]>> {
  return walkList(sourceFor(actor), await requestFor(actor, input.state), rowOf);
}

/** How many requests the reader's role keeps from them, counted to a cap; null where it keeps none. */
export async function countHiddenRequests(actor: Actor): Promise<Total | null> {
  if (reachOf(actor, "request:read") !== "own") return null;
  const request = await requestFor(actor, emptyState(requestList));
  const [all, seen] = await Promise.all([
    runCount(sourceFor(actor), { ...request, always: [] }, false),
    runCount(sourceFor(actor), request, false),
  ]);
  return { value: Math.max(0, all.value - seen.value), capped: all.capped };
}

/**
 * What of requests is an actor's own, as a query for their ids: those they made, that are for them or for what is theirs,
 * those they were asked to decide or did, and those for what they own.
 */
export function ownRequestsSql(mine: string): string {
  return `select id from requests where requester_id = ${mine}
    union select id from requests where subject_id in (${ownIdentitiesSql(mine)})
    union select request_id from request_approvers where identity_id = ${mine}
    union select request_id from decisions where identity_id = ${mine}
    union select i.request_id from connections c join request_items i on i.connection_id = c.id where c.owner_id = ${mine}
    union select i.request_id from resources r join entitlements e on e.resource_id = r.id
      join request_items i on i.entitlement_id = e.id where r.owner_id = ${mine}`;
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "request:read", { type: "request" });
  const mine = (bind: Bind) => `r.id in (${ownRequestsSql(`${bind(identityOf(actor))}::uuid`)})`;
  return { state, now: now(), always: reach === "own" ? [mine] : [] };
}

function sourceFor(actor: Actor): ListSource {
  return {
    from: "requests r",
    id: "r.id",
    columns: requestColumns,
    joins: requestJoins,
    sorts: { made: { sql: "r.created_at", type: "timestamptz" } },
    filters: {
      state: (filter, bind) => oneOf("r.state", filter, bind),
      mine: (filter, bind) => {
        const me = `${bind(identityOf(actor))}::uuid`;
        return flag(`(r.requester_id = ${me} or r.subject_id = ${me})`, filter);
      },
      waiting: (filter) => flag("r.awaits_answer", filter),
      connection: (filter, bind) =>
        `${filter.not ? "not " : ""}exists (select 1 from request_items i where i.request_id = r.id
          and ${inConnections("i.connection_id", { ...filter, not: false }, bind)})`,
      breakGlass: (filter) => flag("r.break_glass", filter),
      made: (filter, bind, at) => sinceTime("r.created_at", filter, bind, at),
    },
    search,
  };
}

function search(q: string, bind: Bind): string {
  const text = q.trim().toLowerCase();
  if (isId(text)) return `r.id = ${bind(text)}::uuid`;
  const number = /^r?-?(\d{1,15})$/.exec(text)?.[1];
  if (number) return `r.number = ${bind(number)}::bigint`;
  const like = bind(`%${text}%`);
  return `lower(coalesce(r.ticket, '')) like ${like} or lower(r.reason) like ${like}
    or exists (select 1 from identities s where s.id in (r.subject_id, r.requester_id) and s.search like ${like})
    or exists (select 1 from request_items i where i.request_id = r.id and lower(i.resource_name) like ${like})`;
}

/** SQL: the columns of such a row, over a page of requests `p`. */
export const requestColumns = `p.id, p.number, p.state, p.give, p.break_glass, p.extends_grant_id, p.reason, p.ticket, p.duration_seconds,
  p.starts_at, p.created_at, p.expires_at, p.decided_at, p.closed_at, p.because, p.awaits_answer,
  w.id as requester_id, w.name as requester_name, s.id as subject_id, s.name as subject_name, s.kind as subject_kind,
  x.items, x.count as item_count, o.names as waits_for, coalesce(o.count, 0) as waits_for_count`;

export const requestJoins = `join identities w on w.id = p.requester_id join identities s on s.id = p.subject_id
  cross join lateral (select count(*)::int as count, (json_agg(json_build_object('connection', c.name, 'environment', c.environment,
      'permission', i.permission, 'resource', i.resource_name, 'privilege', i.privilege) order by i.position)
      filter (where i.position < 3)) as items
    from request_items i join connections c on c.id = i.connection_id where i.request_id = p.id) x
  left join lateral (select count(*)::int as count, (array_agg(name order by name))[1:3] as names from (
      select distinct n.id, n.name from request_approvers a join identities n on n.id = a.identity_id
      where a.request_id = p.id and a.open limit 500) asked) o on p.state = 'pending'`;

export type RequestRecord = {
  id: string;
  row_id: string;
  sort_key: string;
  number: string;
  state: RequestState;
  give: Way;
  break_glass: boolean;
  extends_grant_id: string | null;
  reason: string;
  ticket: string | null;
  duration_seconds: number;
  starts_at: Date | null;
  created_at: Date;
  expires_at: Date;
  decided_at: Date | null;
  closed_at: Date | null;
  because: string | null;
  awaits_answer: boolean;
  requester_id: string;
  requester_name: string;
  subject_id: string;
  subject_name: string;
  subject_kind: IdentityKind;
  items: RequestRow["items"] | null;
  item_count: number;
  waits_for: string[] | null;
  waits_for_count: number;
};

export function rowOf(row: RequestRecord): RequestRow {
  return {
    id: row.id,
    number: Number(row.number),
    state: row.state,
    requester: { id: row.requester_id, name: row.requester_name },
    subject: { id: row.subject_id, name: row.subject_name, kind: row.subject_kind },
    give: row.give,
    breakGlass: row.break_glass,
    extendsGrantId: row.extends_grant_id,
    reason: row.reason,
    ticket: row.ticket,
    durationSeconds: row.duration_seconds,
    startsAt: row.starts_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    because: row.because,
    awaitsAnswer: row.awaits_answer,
    items: row.items ?? [],
    itemCount: row.item_count,
    waitsFor: row.waits_for ?? [],
    waitsForCount: row.waits_for_count,
  };
}
