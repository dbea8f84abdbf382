import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { plus, secondMs } from "../time";
import { lockRequest, moveRequest, targetOf } from "./move-request";
import { askApprovers } from "./open-stage";
import { stepPlan } from "./schema";
import { warnOfReviews } from "./warn-of-reviews";

/**
 * The job behind `watch-requests`, each minute: requests that waited too long expire, steps that are late are reminded of
 * or widened, requests whose subject left or of which nothing is there any more are withdrawn, who may decide is found
 * anew where somebody left, and a break-glass that waits for its review is brought to mind.
 */
export async function watchRequests(actor: Actor): Promise<void> {
  await authorize(actor, "grant:provision");
  await each(expired, (tx, id) => close(tx, actor, id, "expire", "Nobody answered in time."));
  await each(orphaned, (tx, id) =>
    close(tx, actor, id, "withdraw", "Its subject or whoever asked for it is no longer active."),
  );
  await each(overtaken, (tx, id) => close(tx, actor, id, "withdraw", "The grant that it would make longer is over."));
  await each(vanished, (tx, id) => close(tx, actor, id, "withdraw", "What it asks for is gone from its system."));
  await each(late, (tx, id) => chase(tx, actor, id));
  await each(shaken, (tx, id) => askAnew(tx, id));
  await transaction((tx) => warnOfReviews(tx));
}

const expired = `select id from requests where state = 'pending' and expires_at <= $1::timestamptz limit 1000`;
const orphaned = `select r.id from requests r join identities s on s.id = r.subject_id join identities q on q.id = r.requester_id
  where r.state = 'pending' and $1::timestamptz is not null
    and (s.removed_at is not null or s.status <> 'active' or q.removed_at is not null or q.status <> 'active') limit 1000`;
const overtaken = `select r.id from requests r join grants g on g.id = r.extends_grant_id
  where r.state = 'pending' and $1::timestamptz is not null and (g.state <> 'active' or g.ends_at <= $1) limit 1000`;
// Where a part is still there, whoever decides leaves out the rest.
const vanished = `select r.id from requests r where r.state = 'pending' and $1::timestamptz is not null
  and not exists (select 1 from request_items i join connections c on c.id = i.connection_id and c.removed_at is null
    left join principals g on g.id = i.group_id left join entitlements e on e.id = i.entitlement_id
    where i.request_id = r.id and i.dropped_at is null and coalesce(g.removed_at, e.removed_at) is null) limit 1000`;
const late = `select id from request_steps where state = 'open' and due_at <= $1::timestamptz limit 1000`;
// Somebody who was asked can no longer answer.
const shaken = `select distinct s.id from request_steps s join request_approvers a on a.step_id = s.id and a.open
  join identities i on i.id = a.identity_id left join users u on u.identity_id = i.id
  where s.state = 'open' and $1::timestamptz is not null
    and (i.removed_at is not null or i.status <> 'active' or u.disabled_at is not null) limit 1000`;

async function each(sql: string, work: (tx: Tx, id: string) => Promise<void>): Promise<void> {
  const at = await clockOf(db());
  const found = await db().$queryRawUnsafe<{ id: string }[]>(sql, at);
  for (const { id } of found) await transaction((tx) => work(tx, id));
}

async function close(tx: Tx, actor: Actor, id: string, step: "expire" | "withdraw", because: string): Promise<void> {
  const request = await lockRequest(tx, id);
  if (request?.state !== "pending") return;
  await moveRequest(tx, request, step, { closedAt: await clockOf(tx), because });
  await record(tx, actor, {
    action: step === "expire" ? "request.expired" : "request.withdrawn",
    target: targetOf(request),
    details: { because },
  });
}

async function chase(tx: Tx, actor: Actor, stepId: string): Promise<void> {
  const step = await tx.requestStep.findUniqueOrThrow({ where: { id: stepId } });
  const request = await lockRequest(tx, step.requestId);
  const at = await clockOf(tx);
  if (request?.state !== "pending" || step.state !== "open" || step.dueAt === null || step.dueAt > at) return;
  const { late, withinSeconds, name } = stepPlan.parse(step.rule);
  const again = plus(at, (withinSeconds ?? 86_400) * secondMs);
  if (late.do === "expire") return close(tx, actor, request.id, "expire", `The step ${name} was not decided in time.`);
  const widen = late.do === "escalate" && step.escalations === 0;
  const escalations = step.escalations + (widen ? 1 : 0);
  await tx.requestStep.update({ where: { id: stepId }, data: { dueAt: again, remindedAt: at, escalations } });
  const asked = await askApprovers(tx, request.id, { ...step, escalations }, at);
  await record(tx, actor, {
    action: widen ? "request.escalated" : "request.reminded",
    target: targetOf(request),
    details: { step: name, asked, to: widen && late.do === "escalate" ? late.to : [] },
  });
}

async function askAnew(tx: Tx, stepId: string): Promise<void> {
  const step = await tx.requestStep.findUniqueOrThrow({ where: { id: stepId } });
  const request = await lockRequest(tx, step.requestId);
  if (request?.state !== "pending" || step.state !== "open") return;
  const at = await clockOf(tx);
  const asked = await askApprovers(tx, request.id, step, at);
  // Nobody is left: the wider circle is asked at once.
  if (asked < step.needed) {
    await tx.requestStep.update({ where: { id: stepId }, data: { dueAt: at } });
  }
}
