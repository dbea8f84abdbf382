import { z } from "zod";
import { identityOf } from "../access/own-identities";
import { digestOf } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import { cursorOf, readCursor } from "../db/cursor";
import { findConflicts } from "../grants/find-conflicts";
import type { Total } from "../lists/run-list";
import { currentPolicies } from "../policies/current-policies";
import { type ApprovalFacts, approvalFacts } from "./approval-facts";
import { type ItemHolders, listHolders } from "./holder-queries";
import { type RequestRecord, type RequestRow, requestColumns, requestJoins, rowOf } from "./queries";
import { authorizeRequest, getRequest, type RequestDetail } from "./request-queries";
import { reviewerCount } from "./review-queries";

/** A request that waits for the actor's decision. */
export type InboxRow = RequestRow & {
  step: { id: string; name: string; dueAt: string | null };
  /** Why it is put to the actor: their manager, the owner, a role. */
  becauseOf: string;
  onBehalfOf: string | null;
  since: string;
  /** The policies ask for a passkey: it is decided on its own page. */
  needsPasskey: boolean;
  /** Requests with the same key ask for the same, for the same time; more time is not the same as new access. */
  sameKey: string;
};

// Whoever decided another step of it already is asked for nothing more, unless the policies let one person sit in several.
const waitsSql = `from request_approvers a
  where a.identity_id = $1 and a.open and not exists (
    select 1 from decisions d join requests q on q.id = d.request_id
    where d.request_id = a.request_id and d.identity_id = $1 and d.decision in ('approve', 'deny')
      and not coalesce((q.facts ->> 'samePersonInSeveralSteps')::boolean, false))`;

const inboxSql = `
  with a as materialized (
    select a.request_id, a.step_id, a.because, a.on_behalf_of, a.since ${waitsSql}
      and ($2::uuid is null or (a.request_id, a.step_id) > ($2::uuid, $3::uuid))
    order by a.request_id, a.step_id limit $4),
  p as materialized (select r.*, a.step_id, a.because as because_of, a.on_behalf_of, a.since from a join requests r on r.id = a.request_id)
  select ${requestColumns}, p.step_id, p.because_of, b.name as on_behalf_of, p.since, t.name as step_name, t.due_at,
    coalesce((p.facts ->> 'stepUpToApprove')::boolean, false) as needs_passkey,
    (select string_agg(coalesce(i.group_id, i.entitlement_id)::text, ',' order by coalesce(i.group_id, i.entitlement_id))
      from request_items i where i.request_id = p.id and i.dropped_at is null) || ' ' || p.duration_seconds || ' ' || p.give || case when p.extends_grant_id is null then '' else ' more' end as same_key
  from p ${requestJoins} join request_steps t on t.id = p.step_id left join identities b on b.id = p.on_behalf_of
  order by p.id, p.step_id`;

type InboxRecord = RequestRecord & {
  step_id: string;
  step_name: string;
  due_at: Date | null;
  because_of: string;
  on_behalf_of: string | null;
  since: Date;
  needs_passkey: boolean;
  same_key: string;
};

/** What waits for the actor's decision, what has waited longest first; costs the same however much waits. */
export async function listInbox(
  actor: Actor,
  { limit = 50, cursor }: { limit?: number; cursor?: string | undefined } = {},
): Promise<{ items: InboxRow[]; nextCursor: string | null }> {
  await authorizeReach(actor, "request:decide", { type: "request" });
  const mine = identityOf(actor);
  if (mine === null) return { items: [], nextCursor: null };
  const [request, step] = cursor ? readCursor(cursor, "inbox", z.tuple([z.uuid(), z.uuid()])) : [null, null];
  const found = await rows<InboxRecord>(inboxSql, [mine, request, step, limit + 1], "inbox");
  const last = found[limit - 1];
  return {
    items: found.slice(0, limit).map(inboxRowOf),
    nextCursor: found.length > limit && last ? cursorOf("inbox", [last.id, last.step_id]) : null,
  };
}

function inboxRowOf(row: InboxRecord): InboxRow {
  return {
    ...rowOf(row),
    step: { id: row.step_id, name: row.step_name, dueAt: row.due_at?.toISOString() ?? null },
    becauseOf: row.because_of,
    onBehalfOf: row.on_behalf_of,
    since: row.since.toISOString(),
    needsPasskey: row.needs_passkey,
    sameKey: row.same_key,
  };
}

/** What is on a person's desk, by kind. */
export type InboxCount = { requests: Total; reviews: number; tasks: number; answers: number };

const countAtMost = 99;

/** How much waits for the actor, counted to 99: decisions, break-glass reviews, tasks by hand, and questions to answer. */
export async function countInbox(actor: Actor): Promise<InboxCount> {
  const mine = identityOf(actor);
  const none = { requests: { value: 0, capped: false }, reviews: 0, tasks: 0, answers: 0 };
  if (mine === null) return none;
  const [[counted], reviews] = await Promise.all([
    rows<{ requests: number; tasks: number; answers: number }>(
      `select (select count(*)::int from (select 1 ${waitsSql} limit ${countAtMost + 1}) w) as requests,
         (select count(*)::int from (select 1 from hand_tasks t join grants g on g.id = t.grant_id and g.subject_id <> $1
           where t.assignee_id = $1 and t.done_at is null and t.cancelled_at is null limit ${countAtMost}) t) as tasks,
         (select count(*)::int from (select 1 from requests r where r.requester_id = $1 and r.state = 'pending' and r.awaits_answer limit ${countAtMost}) q) as answers`,
      [mine],
      "inbox-count",
    ),
    reviewerCount(actor),
  ]);
  const requests = counted?.requests ?? 0;
  return {
    requests: { value: Math.min(requests, countAtMost), capped: requests > countAtMost },
    reviews,
    tasks: counted?.tasks ?? 0,
    answers: counted?.answers ?? 0,
  };
}

/** Requests of the actor's own that somebody asked back on. */
export async function listQuestions(actor: Actor): Promise<RequestRow[]> {
  await authorizeReach(actor, "request:read", { type: "request" });
  const mine = identityOf(actor);
  if (mine === null) return [];
  const found = await rows<RequestRecord>(
    `with p as (select * from requests where requester_id = $1 and state = 'pending' and awaits_answer order by id limit 50)
     select ${requestColumns} from p ${requestJoins} order by p.id`,
    [mine],
  );
  return found.map(rowOf);
}

export type DecisionView = {
  request: RequestDetail;
  facts: ApprovalFacts;
  /** Who else holds it, as far as the actor sees them. */
  holders: ItemHolders[];
  /** Goes back with the decision: what was shown is what is decided. */
  seen: string;
  /** The seat that the actor has now; null when it waits for others. */
  seat: { step: string; because: string; onBehalfOf: string | null; needsPasskey: boolean } | null;
  /** The separations of duties that it would break, counted now. */
  conflicts: string[];
  /** Among what waits for the actor: its place, and its neighbours. */
  place: { position: number; of: Total; previous: string | null; next: string | null } | null;
};

/** All that whoever decides on a request is shown. @throws AppError `not_found`, `forbidden` */
export async function getDecisionView(actor: Actor, id: string): Promise<DecisionView> {
  await authorizeRequest(actor, id);
  const mine = identityOf(actor);
  if (mine === null)
    return refuse(
      actor,
      "request:decide",
      { type: "request", id },
      {
        message: "Only a person of the inventory decides.",
        remedy: "Sign in as the person who was asked.",
      },
    );
  const [request, facts, holders, seats, place, { rules }] = await Promise.all([
    getRequest(actor, id),
    approvalFacts(id),
    listHolders(actor, id),
    rows<{ step: string; because: string; onBehalfOf: string | null; needsPasskey: boolean }>(
      `select t.name as step, a.because, b.name as "onBehalfOf", coalesce((r.facts ->> 'stepUpToApprove')::boolean, false) as "needsPasskey"
       from request_approvers a join request_steps t on t.id = a.step_id and t.state = 'open' join requests r on r.id = a.request_id
       left join identities b on b.id = a.on_behalf_of
       where a.request_id = $1 and a.identity_id = $2 and a.open order by t.position limit 1`,
      [id, mine],
    ),
    placeOf(mine, id),
    currentPolicies(),
  ]);
  const asked = request.items
    .filter(({ droppedBy }) => droppedBy === null)
    .map(({ connection, permission, resource }) => ({ connection: connection.name, permission, resource }));
  const conflicts = await findConflicts(rules.conflicts, {
    subjectId: request.subject.id,
    asked,
    exceptRequestId: id,
  });
  const seat = request.may.decide ? (seats[0] ?? null) : null;
  return { request, facts, holders, seen: digestOf(facts), seat, conflicts, place: seat === null ? null : place };
}

async function placeOf(mine: string, id: string): Promise<DecisionView["place"]> {
  const [row] = await rows<{ before: number; of: number; previous: string | null; next: string | null }>(
    `select (select count(*)::int from (select distinct a.request_id ${waitsSql} and a.request_id < $2 limit ${countAtMost + 1}) x) as before,
       (select count(*)::int from (select distinct a.request_id ${waitsSql} limit ${countAtMost + 1}) x) as of,
       (select a.request_id ${waitsSql} and a.request_id < $2 order by a.request_id desc limit 1) as previous,
       (select a.request_id ${waitsSql} and a.request_id > $2 order by a.request_id limit 1) as next`,
    [mine, id],
  );
  if (!row) return null;
  const of = { value: Math.min(row.of, countAtMost), capped: row.of > countAtMost };
  return { position: row.before + 1, of, previous: row.previous, next: row.next };
}

/** Who stands in for whom, of the actor: from now on, both ways. */
export type DelegationRow = {
  id: string;
  from: string;
  to: string;
  mine: boolean;
  startsAt: string;
  endsAt: string;
  reason: string;
};

/** The stand-ins of the actor, and those for whom the actor stands in, that are not over. */
export async function listDelegations(actor: Actor): Promise<DelegationRow[]> {
  await authorizeReach(actor, "delegation:create", { type: "delegation" });
  const mine = identityOf(actor);
  if (mine === null) return [];
  const found = await db().delegation.findMany({
    where: { endedAt: null, endsAt: { gt: await clockOf(db()) }, OR: [{ fromId: mine }, { toId: mine }] },
    orderBy: { startsAt: "asc" },
    take: 50,
  });
  const people = await db().identity.findMany({
    where: { id: { in: found.flatMap((it) => [it.fromId, it.toId]) } },
    select: { id: true, name: true },
  });
  const nameOf = (id: string) => people.find((it) => it.id === id)?.name ?? id;
  return found.map((it) => ({
    id: it.id,
    from: nameOf(it.fromId),
    to: nameOf(it.toId),
    mine: it.fromId === mine,
    startsAt: it.startsAt.toISOString(),
    endsAt: it.endsAt.toISOString(),
    reason: it.reason,
  }));
}
