import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, reachOf, refuse } from "../auth/authorize";
import { db, rows } from "../db/client";
import { AppError } from "../errors";
import { type GrantRecord, type GrantRow, grantColumns, grantJoins, grantRowOf } from "../grants/grant-rows";
import { isId } from "../lists/conditions";
import { policiesOfVersion } from "../policies/queries";
import { ownRequestsSql, type RequestRecord, type RequestRow, requestColumns, requestJoins, rowOf } from "./queries";
import { isReviewer } from "./review-queries";
import { stepPlan } from "./schema";

export type RequestItemDetail = {
  id: string;
  connection: { id: string; name: string; environment: string };
  permission: string;
  resourceType: string;
  resource: string;
  privilege: number;
  account: string | null;
  /** Left out by an approver. */
  droppedBy: string | null;
};

export type DecisionRow = {
  by: string;
  onBehalfOf: string | null;
  decision: "approve" | "deny" | "ask";
  comment: string;
  durationSeconds: number | null;
  dropped: number;
  steppedUp: boolean;
  at: string;
};

export type RequestStepRow = {
  id: string;
  name: string;
  stage: number;
  /** Who it asks, in the words of the rule. */
  who: string[];
  needed: number;
  state: "waiting" | "open" | "approved" | "denied" | "closed";
  dueAt: string | null;
  decidedAt: string | null;
  escalated: boolean;
  approvers: { id: string; name: string; because: string; open: boolean }[];
  decisions: DecisionRow[];
};

export type RequestDetail = Omit<RequestRow, "items"> & {
  items: RequestItemDetail[];
  steps: RequestStepRow[];
  notes: { by: string; text: string; at: string }[];
  grants: GrantRow[];
  policyVersion: number;
  /** The policies that decided, with their words as they stood in that version. */
  policies: { id: string; because: string | null }[];
  review: {
    id: string;
    dueAt: string;
    needed: number;
    closedAt: string | null;
    outcome: "justified" | "not_justified" | null;
    opinions: { by: string; opinion: "justified" | "not_justified"; comment: string; at: string }[];
  } | null;
  may: { cancel: boolean; answer: boolean; decide: boolean; retry: boolean };
};

/**
 * One request with its steps, answers, notes and grants: for whoever made it, is its subject, is or was asked to decide,
 * owns what it asks for, or sees all. @throws AppError `not_found`, `forbidden`
 */
export async function getRequest(actor: Actor, id: string): Promise<RequestDetail> {
  await authorizeRequest(actor, id);
  const [[row], items, steps, notes, grants, review] = await Promise.all([
    rows<RequestRecord & { policy_version: number; policies: string[] }>(
      `with p as (select * from requests where id = $1) select ${requestColumns}, p.policy_version, p.policies from p ${requestJoins}`,
      [id],
    ),
    rows<RequestItemDetail>(itemSql, [id]),
    readSteps(id),
    rows<{ by: string; text: string; at: Date }>(
      "select i.name as by, n.text, n.at from request_notes n join identities i on i.id = n.identity_id where n.request_id = $1 order by n.at limit 200",
      [id],
    ),
    rows<GrantRecord>(
      `with p as (select * from grants where request_id = $1 order by id limit 50) select ${grantColumns} from p ${grantJoins} order by p.id`,
      [id],
    ),
    readReview(id),
  ]);
  if (!row) throw noRequest();
  const mine = identityOf(actor);
  const isMine = mine !== null && (row.requester_id === mine || row.subject_id === mine);
  const asked = mine !== null && steps.some((step) => step.approvers.some((it) => it.id === mine));
  const seat =
    !isMine && steps.some((step) => step.state === "open" && step.approvers.some((it) => it.id === mine && it.open));
  const open = ["pending", "approved", "failed"].includes(row.state);
  return {
    ...rowOf(row),
    items,
    steps,
    notes: notes.map((it) => ({ ...it, at: it.at.toISOString() })),
    grants: grants.map(grantRowOf),
    policyVersion: row.policy_version,
    policies: await policiesOfVersion(row.policy_version, row.policies),
    review,
    may: {
      cancel: open && (isMine || reachOf(actor, "request:cancel") === "all"),
      answer: row.state === "pending" && (isMine || asked),
      decide: row.state === "pending" && seat,
      retry: row.state === "failed" && reachOf(actor, "grant:retry") === "all",
    },
  };
}

/** Refuses unless the actor may read this request. @throws AppError `not_found`, `forbidden` */
export async function authorizeRequest(actor: Actor, id: string): Promise<void> {
  const target = { type: "request", id };
  const reach = await authorizeReach(actor, "request:read", target);
  if (!isId(id)) throw noRequest();
  const [found] = await rows<{ own: boolean }>(
    `select $1::uuid in (${ownRequestsSql("$2::uuid")}) as own from requests where id = $1`,
    [id, identityOf(actor)],
  );
  if (!found) throw noRequest();
  if (reach === "all" || found.own || (await isReviewer(actor, id))) return;
  await refuse(actor, "request:read", target, {
    message: "You may not see this request: it is neither yours nor put to you.",
    remedy: "Ask whoever made it.",
  });
}

function noRequest(): AppError {
  return new AppError("not_found", "There is no such request.", { field: "id" });
}

const itemSql = `
  select i.id, json_build_object('id', c.id, 'name', c.name, 'environment', c.environment) as connection, i.permission,
    i.resource_type as "resourceType", i.resource_name as resource, i.privilege::int, p.name as account, d.name as "droppedBy"
  from request_items i join connections c on c.id = i.connection_id left join principals p on p.id = i.account_id
  left join identities d on d.id = i.dropped_by where i.request_id = $1 order by i.position`;

async function readSteps(requestId: string): Promise<RequestStepRow[]> {
  const [steps, approvers, decisions] = await Promise.all([
    db().requestStep.findMany({ where: { requestId }, orderBy: [{ position: "asc" }, { id: "asc" }] }),
    rows<RequestStepRow["approvers"][number] & { stepId: string }>(
      `select a.step_id as "stepId", i.id, i.name, a.because, a.open from request_approvers a
       join identities i on i.id = a.identity_id where a.request_id = $1 order by i.name, i.id limit 1000`,
      [requestId],
    ),
    rows<Omit<DecisionRow, "at"> & { stepId: string; at: Date }>(
      `select d.step_id as "stepId", i.name as by, b.name as "onBehalfOf", d.decision, d.comment, d.duration_seconds as "durationSeconds",
         cardinality(d.dropped_items)::int as dropped, d.stepped_up_with is not null as "steppedUp", d.at
       from decisions d join identities i on i.id = d.identity_id left join identities b on b.id = d.on_behalf_of
       where d.request_id = $1 order by d.at`,
      [requestId],
    ),
  ]);
  return steps.map((step) => ({
    id: step.id,
    name: step.name,
    stage: step.position,
    who: stepPlan.safeParse(step.rule).data?.who ?? [],
    needed: step.needed,
    state: step.state as RequestStepRow["state"],
    dueAt: step.dueAt?.toISOString() ?? null,
    decidedAt: step.decidedAt?.toISOString() ?? null,
    escalated: step.escalations > 0,
    approvers: approvers.filter((it) => it.stepId === step.id).map(({ stepId: _, ...it }) => it),
    decisions: decisions
      .filter((it) => it.stepId === step.id)
      .map(({ stepId: _, at, ...it }) => ({ ...it, at: at.toISOString() })),
  }));
}

async function readReview(requestId: string): Promise<RequestDetail["review"]> {
  const review = await db().breakGlassReview.findUnique({ where: { grantRequestId: requestId } });
  if (!review) return null;
  const opinions = await rows<{ by: string; opinion: "justified" | "not_justified"; comment: string; at: Date }>(
    `select i.name as by, o.opinion, o.comment, o.at from break_glass_opinions o join identities i on i.id = o.identity_id
     where o.review_id = $1 order by o.at`,
    [review.id],
  );
  return {
    id: review.id,
    dueAt: review.dueAt.toISOString(),
    needed: review.needed,
    closedAt: review.closedAt?.toISOString() ?? null,
    outcome: review.outcome as "justified" | "not_justified" | null,
    opinions: opinions.map((it) => ({ ...it, at: it.at.toISOString() })),
  };
}
