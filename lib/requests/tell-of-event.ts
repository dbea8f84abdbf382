import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import type { Message } from "../messages/message";
import { type Recipient, sendMessage } from "../messages/send-message";
import { accessEnded, accessReady, accessToConfirm, endingFailed } from "../messages/templates/access";
import { breakGlassUsed } from "../messages/templates/break-glass";
import {
  type DecisionFacts,
  decisionsDelegated,
  requestDecided,
  requestEscalated,
  requestWaiting,
} from "../messages/templates/requests";
import { listWords } from "../messages/templates/words";
import { secondMs } from "../time";
import { answersToTell, grantToTell, peopleById, requestToTell, securityPeople } from "./facts-to-tell";
import { opensToTell } from "./opens-to-tell";

/** An event of the record, as far as telling needs it. */
export type ToldEvent = {
  id: string;
  position: bigint;
  at: Date;
  action: string;
  targetId: string | null;
  details: unknown;
  actorName: string;
};

type Teller = (tx: Tx, event: ToldEvent, id: string) => Promise<void>;

const tellers: Record<string, Teller> = {
  "request.submitted": waiting,
  "request.step_approved": waiting,
  "request.escalated": waiting,
  "request.reminded": waiting,
  "request.answered": waiting,
  "request.approved": (tx, event, id) => decided(tx, event, id, "approved"),
  "request.denied": (tx, event, id) => decided(tx, event, id, "denied"),
  "request.asked_back": (tx, event, id) => decided(tx, event, id, "asked_back"),
  "request.expired": (tx, event, id) => decided(tx, event, id, "expired"),
  "request.withdrawn": (tx, event, id) => decided(tx, event, id, "withdrawn"),
  "request.failed": (tx, event, id) => decided(tx, event, id, "failed"),
  "request.broke_glass": brokeGlass,
  "delegation.created": delegated,
  "grant.asked_to_confirm": toConfirm,
  "grant.activated": ready,
  "grant.ended": ended,
  "grant.ending_failed": failedToEnd,
};

/** Tells whom an event concerns, where it concerns anybody. */
export async function tellOf(tx: Tx, event: ToldEvent): Promise<void> {
  const teller = tellers[event.action];
  if (teller && event.targetId !== null) await teller(tx, event, event.targetId);
}

type Open = {
  stepId: string;
  dueAt: Date | null;
  isNew: boolean;
  identityId: string;
  email: string | null;
  name: string;
};

// Whoever was told of a step before is not told of it again, except when they are reminded or were answered.
async function waiting(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const request = await requestToTell(tx, id);
  if (request?.state !== "pending") return;
  const open = await tx.$queryRaw<Open[]>`
    select a.step_id as "stepId", s.due_at as "dueAt", i.id as "identityId", i.email, i.name,
      a.since >= s.reminded_at as "isNew" from request_approvers a
    join request_steps s on s.id = a.step_id join identities i on i.id = a.identity_id
    where a.request_id = ${id}::uuid and a.open order by a.step_id, i.id limit 100`;
  if (open.length === 0) return;
  const facts = { ...request.facts, ...(await opensToTell(id)) };
  const isWider = event.action === "request.escalated";
  const again = isWider || ["request.reminded", "request.answered"].includes(event.action) ? ` ${event.id}` : "";
  const answer = event.action === "request.answered" ? detailOf(event, "text") : null;
  for (const { stepId, dueAt, isNew, name, ...person } of open) {
    const before = open.filter((it) => it.stepId === stepId && !it.isNew).map((it) => it.name);
    const from = listWords(before, 3) || "Whoever was asked";
    const message =
      isWider && isNew ? requestEscalated(facts, { from, dueAt }) : requestWaiting(facts, { dueAt, answer });
    await say(tx, message, [person], `step ${stepId}${again}`);
  }
}

function detailOf(event: ToldEvent, name: string): string | null {
  const value = (event.details as Record<string, unknown> | null)?.[name];
  return typeof value === "string" && value !== "" ? value : null;
}

async function decided(tx: Tx, event: ToldEvent, id: string, outcome: DecisionFacts["outcome"]): Promise<void> {
  const request = await requestToTell(tx, id);
  if (!request || request.breakGlass) return;
  const { askedSeconds, leftOut, deciders, comment } = await answersToTell(tx, id);
  const isAnswer = outcome === "denied" || outcome === "asked_back" || (outcome === "approved" && deciders > 0);
  const said = outcome === "approved" ? comment : null;
  const decision = {
    outcome,
    by: isAnswer ? event.actorName : null,
    comment: detailOf(event, "comment") ?? said ?? (isAnswer ? null : request.because),
    askedMs: (askedSeconds ?? 0) * secondMs,
    leftOut: outcome === "approved" ? leftOut : [],
  };
  await say(
    tx,
    requestDecided(request.facts, decision),
    await peopleById(tx, [request.requesterId, request.subjectId]),
    event.id,
  );
}

async function brokeGlass(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const request = await requestToTell(tx, id);
  const review = await tx.breakGlassReview.findUnique({ where: { grantRequestId: id } });
  if (!request || !review) return;
  const { reason, ticket, subject, what } = request.facts;
  const endsAt = new Date(event.at.getTime() + request.facts.durationMs);
  const grant = { id, subject, what, endsAt, path: request.facts.path };
  const use = { at: event.at, reason, ticket, from: null, reviewDueAt: review.dueAt };
  const told = [...(await peopleById(tx, request.ownerIds)), ...(await securityPeople(tx))];
  await say(tx, breakGlassUsed(grant, use), told, event.id);
}

async function delegated(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const delegation = await tx.delegation.findFirst({ where: { fromId: id, endedAt: null }, orderBy: { id: "desc" } });
  if (!delegation) return;
  const from = await tx.identity.findUniqueOrThrow({ where: { id }, select: { name: true } });
  const count = await tx.requestApprover.count({ where: { identityId: delegation.toId, open: true } });
  const { startsAt, endsAt, toId } = delegation;
  const message = decisionsDelegated({
    id: delegation.id,
    from: from.name,
    startsAt,
    endsAt,
    waiting: count,
    path: "/inbox",
  });
  await say(tx, message, await peopleById(tx, [toId]), event.id);
}

async function toConfirm(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const grant = await grantToTell(tx, id);
  if (!grant?.confirmBy) return;
  const message = accessToConfirm(grant.facts, { by: grant.confirmBy });
  await say(tx, message, await peopleById(tx, [grant.subjectId, ...grant.requesterIds]), event.id);
}

async function ready(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const grant = await grantToTell(tx, id);
  if (!grant) return;
  const how = { signInAs: grant.account, collect: grant.give === "credential" };
  await say(
    tx,
    accessReady(grant.facts, how),
    await peopleById(tx, [grant.subjectId, ...grant.requesterIds]),
    event.id,
  );
}

async function ended(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const grant = await grantToTell(tx, id);
  if (!grant || grant.activatedAt === null) return;
  const proof = await tx.grantStep.findMany({
    where: {
      grantId: id,
      step: { in: ["taken", "sessions_ended", "read_back"] },
      at: { gte: grant.endOrderedAt ?? event.at },
    },
    orderBy: { id: "asc" },
    select: { detail: true },
  });
  // What stands on, by another grant or as it did before, is told of when that ends.
  const stands = await tx.grantStep.count({ where: { grantId: id, step: { in: ["kept", "left_standing"] } } });
  if (stands > 0) return;
  const end = {
    because: grant.endedBecause,
    by: grant.endedBecause === "revoked" ? grant.endedWords : null,
    provenAt: event.at,
    proof: proof.map(({ detail }) => detail),
    sessionsEnded: null,
    remains: [],
  };
  await say(tx, accessEnded(grant.facts, end), await peopleById(tx, [grant.subjectId]), event.id);
}

async function failedToEnd(tx: Tx, event: ToldEvent, id: string): Promise<void> {
  const grant = await grantToTell(tx, id);
  if (!grant) return;
  const failure = {
    since: grant.endOrderedAt ?? event.at,
    message: grant.trouble ?? "the system did not do it",
    nextTryAt: grant.nextTryAt ?? new Date((await clockOf(tx)).getTime() + 60 * secondMs),
    attempts: grant.attempts,
  };
  const told = [...(await peopleById(tx, grant.ownerIds)), ...(await securityPeople(tx))];
  await say(tx, endingFailed(grant.facts, failure), told, event.id);
}

async function say(tx: Tx, message: Message, to: readonly Recipient[], key: string): Promise<void> {
  await sendMessage(tx, { message, to, key });
}
