import { z } from "zod";
import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, reachOf, refuse } from "../auth/authorize";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { inConnections } from "../inventory/connection-condition";
import { flag, isId, oneOf, sinceTime } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import { emptyState, type ListState, timeOf } from "../lists/schema";
import type { Bind, ListPage, ListRequest, ListSource } from "../lists/select";
import { now } from "../time";
import { type GrantRecord, type GrantRow, grantColumns, grantJoins, grantRowOf } from "./grant-rows";
import { grantList } from "./labels";
import { mayEnd } from "./may-end";
import type { ReceiptStep } from "./schema";

/** One page of the grants that the actor may see. */
export async function listGrants(
  actor: Actor,
  input: { state: ListState; limit?: number },
): Promise<ListPage<GrantRow>> {
  return runPage(sourceFor(actor), { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, grantRowOf);
}

/** How many there are, counted no further than 10,000 unless `exact`. */
export async function countGrants(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(sourceFor(actor), await requestFor(actor, input.state), input.exact ?? false);
}

/** All of them, a thousand at a time, for an export. */
export async function walkGrants(actor: Actor, input: { state: ListState }): Promise<AsyncGenerator<GrantRow[]>> {
  return walkList(sourceFor(actor), await requestFor(actor, input.state), grantRowOf);
}

/** How many grants the reader's role keeps from them, counted to a cap; null where it keeps none. */
export async function countHiddenGrants(actor: Actor): Promise<Total | null> {
  if (reachOf(actor, "grant:read") !== "own") return null;
  const request = await requestFor(actor, emptyState(grantList));
  const [all, seen] = await Promise.all([
    runCount(sourceFor(actor), { ...request, always: [] }, false),
    runCount(sourceFor(actor), request, false),
  ]);
  return { value: Math.max(0, all.value - seen.value), capped: all.capped };
}

/** What of grants is an actor's own: what `mayEnd` lets them end. `g` is the grant. */
function ownGrantsSql(mine: string): string {
  return `g.id in (
    select id from grants where subject_id in (${ownIdentitiesSql(mine)})
    union select o.id from requests r join grants o on o.request_id = r.id where r.requester_id = ${mine}
    union select o.id from decisions d join grants o on o.request_id = d.request_id where d.identity_id = ${mine}
    union select o.id from connections c join grants o on o.connection_id = c.id where c.owner_id = ${mine}
    union select o.id from resources r join entitlements e on e.resource_id = r.id join grants o on o.entitlement_id = e.id
      where r.owner_id = ${mine})`;
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "grant:read", { type: "grant" });
  const mine = (bind: Bind) => ownGrantsSql(`${bind(identityOf(actor))}::uuid`);
  return { state, now: now(), always: reach === "own" ? [mine] : [] };
}

function sourceFor(actor: Actor): ListSource {
  return {
    from: "grants g",
    id: "g.id",
    columns: grantColumns,
    joins: grantJoins,
    sorts: {
      made: { sql: "g.created_at", type: "timestamptz" },
      ends: { sql: "coalesce(g.ends_at, 'infinity'::timestamptz)", type: "timestamptz" },
    },
    filters: {
      state: (filter, bind) => oneOf("g.state", filter, bind),
      connection: (filter, bind) => inConnections("g.connection_id", filter, bind),
      give: (filter, bind) => oneOf("g.give", filter, bind),
      breakGlass: (filter) => flag("g.break_glass", filter),
      mine: (filter, bind) => flag(`g.subject_id = ${bind(identityOf(actor))}::uuid`, filter),
      drift: (filter) => flag("g.drift is not null", filter),
      ends: (filter, bind, at) =>
        `g.state in ('active', 'activating', 'activation_failed') and g.ends_at ${filter.not ? ">" : "<="} ${bind(timeOf(filter.values[0] ?? "", at))}`,
      made: (filter, bind, at) => sinceTime("g.created_at", filter, bind, at),
    },
    search: (q, bind) =>
      isId(q.trim())
        ? `g.id = ${bind(q.trim())}::uuid`
        : `exists (select 1 from identities s where s.id = g.subject_id and s.search like ${bind(`%${q.trim().toLowerCase()}%`)})
           or lower(g.resource_name) like ${bind(`%${q.trim().toLowerCase()}%`)}`,
  };
}

export type GrantDetail = GrantRow & {
  requester: { id: string; name: string } | null;
  reason: string | null;
  ticket: string | null;
  durationSeconds: number;
  policyVersion: number;
  endOrderedAt: string | null;
  issuedName: string | null;
  receipt: { step: ReceiptStep; at: string; detail: string }[];
  tasks: HandTaskRow[];
  /** Other live grants of the same access: while one of them lasts, nothing is taken. */
  others: { id: string; endsAt: string | null }[];
  may: { revoke: boolean; extend: boolean; collect: boolean; confirm: boolean; retry: boolean };
};

export type HandTaskRow = {
  id: string;
  grantId: string;
  kind: "give" | "take";
  connection: string;
  permission: string;
  resource: string;
  subject: string;
  account: string | null;
  assignee: string | null;
  askedAt: string;
  doneAt: string | null;
  doneBy: string | null;
  evidence: string | null;
  cancelledAt: string | null;
};

/**
 * One grant with its receipt, for whoever holds it, asked for it, decided on it or owns what it gives, and for those who
 * see all. @throws AppError `not_found`, `forbidden`
 */
export async function getGrant(actor: Actor, id: string): Promise<GrantDetail> {
  const target = { type: "grant", id };
  const reach = await authorizeReach(actor, "grant:read", target);
  const known = z.uuid().safeParse(id).success;
  const [found] = known ? await rows<DetailRecord>(detailSql, [id]) : [];
  if (!found) throw new AppError("not_found", "There is no such grant.", { field: "id" });
  const own = await mayEnd(actor, id);
  if (reach === "own" && !own)
    return refuse(actor, "grant:read", target, {
      message:
        "You may not see this grant: it is neither yours, nor did you decide on it, nor do you own what it gives.",
      remedy: "Ask its subject, the owner or security.",
    });
  const [receipt, tasks, others, at] = await Promise.all([
    db().grantStep.findMany({ where: { grantId: id }, orderBy: { id: "asc" }, take: 500 }),
    rows<TaskRecord>(`${taskSql} where t.grant_id = $1 order by t.id limit 20`, [id]),
    rows<{ id: string; endsAt: Date | null }>(othersSql, [id]),
    clockOf(db()),
  ]);
  const mine = identityOf(actor);
  const live = found.state === "active" && found.ends_at !== null && found.ends_at > at;
  const isSubject = mine !== null && found.subject_id === mine;
  const ownsMachine = mine !== null && found.subject_kind !== "human" && found.subject_owner_id === mine;
  return {
    ...grantRowOf(found),
    requester: found.requester_id === null ? null : { id: found.requester_id, name: found.requester_name ?? "" },
    reason: found.reason,
    ticket: found.ticket,
    durationSeconds: found.duration_seconds,
    policyVersion: found.policy_version,
    endOrderedAt: found.end_ordered_at?.toISOString() ?? null,
    issuedName: found.issued_name,
    receipt: receipt.map(({ step, at: when, detail }) => ({
      step: step as ReceiptStep,
      at: when.toISOString(),
      detail,
    })),
    tasks: tasks.map(taskOf),
    others: others.map((it) => ({ id: it.id, endsAt: it.endsAt?.toISOString() ?? null })),
    may: {
      revoke:
        ["scheduled", "activating", "activation_failed", "active", "resurrected"].includes(found.state) &&
        (own || reachOf(actor, "grant:revoke") === "all"),
      extend: live && (isSubject || (mine !== null && found.requester_id === mine)),
      confirm: found.confirm_by !== null && (isSubject || ownsMachine),
      collect: live && found.give === "credential" && (isSubject || ownsMachine),
      retry: ["activation_failed", "ending_failed"].includes(found.state) && reachOf(actor, "grant:retry") === "all",
    },
  };
}

type DetailRecord = GrantRecord & {
  requester_id: string | null;
  requester_name: string | null;
  reason: string | null;
  ticket: string | null;
  duration_seconds: number;
  policy_version: number;
  end_ordered_at: Date | null;
  issued_name: string | null;
  subject_owner_id: string | null;
};

const detailSql = `
  with p as (select * from grants where id = $1)
  select ${grantColumns}, p.duration_seconds, p.policy_version, p.end_ordered_at, p.issued_name,
    q.reason, q.ticket, q.requester_id, w.name as requester_name, s.owner_id as subject_owner_id
  from p ${grantJoins} left join identities w on w.id = q.requester_id`;

const othersSql = `
  select o.id, o.ends_at as "endsAt" from grants g join grants o on o.subject_id = g.subject_id and o.id <> g.id
    and o.account_id = g.account_id and o.group_id is not distinct from g.group_id
    and o.entitlement_id is not distinct from g.entitlement_id
    and o.state in ('activating', 'active', 'activation_failed')
  where g.id = $1 and g.give = 'assignment' order by o.ends_at desc nulls first limit 20`;

const taskSql = `
  select t.id, t.grant_id as "grantId", t.kind, t.asked_at as "askedAt", t.done_at as "doneAt", t.evidence,
    t.cancelled_at as "cancelledAt", c.name as connection, g.permission, g.resource_name as resource, s.name as subject,
    p.name as account, a.name as assignee, d.name as "doneBy"
  from hand_tasks t join grants g on g.id = t.grant_id join connections c on c.id = t.connection_id
  join identities s on s.id = g.subject_id left join principals p on p.id = g.account_id
  left join identities a on a.id = t.assignee_id left join identities d on d.id = t.done_by`;

type TaskRecord = Omit<HandTaskRow, "askedAt" | "doneAt" | "cancelledAt"> & {
  askedAt: Date;
  doneAt: Date | null;
  cancelledAt: Date | null;
};

function taskOf(row: TaskRecord): HandTaskRow {
  return {
    ...row,
    askedAt: row.askedAt.toISOString(),
    doneAt: row.doneAt?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
  };
}

/** The open tasks that wait for the actor, oldest first; security also sees those of nobody. Never about their own access. */
export async function listHandTasks(actor: Actor, { limit = 100 }: { limit?: number } = {}): Promise<HandTaskRow[]> {
  await authorizeReach(actor, "hand_task:read", { type: "hand_task" });
  const mine = identityOf(actor);
  if (mine === null) return [];
  const found = await rows<TaskRecord>(
    `${taskSql} where t.done_at is null and t.cancelled_at is null and g.subject_id <> $1
       and (t.assignee_id = $1 or (t.assignee_id is null and $2)) order by t.id limit $3`,
    [mine, reachOf(actor, "hand_task:complete") === "all", limit],
  );
  return found.map(taskOf);
}
