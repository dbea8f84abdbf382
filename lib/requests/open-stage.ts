import { z } from "zod";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { readIn, type Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { extendGrant } from "../grants/extend-grant";
import { giveGrants } from "../grants/give-grants";
import { ways } from "../grants/schema";
import { plus, secondMs } from "../time";
import { lockRequest, moveRequest, targetOf } from "./move-request";
import { isSeatTaken } from "./plan-approval";
import { resolveApprovers } from "./resolve-approvers";
import { stepPlan } from "./schema";
import type { RequestState } from "./states";

/**
 * Opens the next steps of a request, or approves it where none is left: its grants are ordered in the same transaction.
 * @returns the state it is in now
 */
export async function openStage(tx: Tx, actor: Actor, requestId: string): Promise<RequestState> {
  const steps = await tx.requestStep.findMany({ where: { requestId }, orderBy: { position: "asc" } });
  const undecided = steps.filter(({ state }) => state === "waiting" || state === "open");
  const next = undecided[0];
  if (!next) return approve(tx, actor, requestId);
  const at = await clockOf(tx);
  for (const step of undecided.filter(({ position, state }) => position === next.position && state === "waiting")) {
    const { withinSeconds } = stepPlan.parse(step.rule);
    const dueAt = withinSeconds === null ? null : plus(at, withinSeconds * secondMs);
    await tx.requestStep.update({ where: { id: step.id }, data: { state: "open", openedAt: at, dueAt } });
    await askApprovers(tx, requestId, step, at);
  }
  return "pending";
}

/** Finds anew who may decide an open step, and puts it before them. @returns how many that are */
export async function askApprovers(
  tx: Tx,
  requestId: string,
  step: { id: string; rule: unknown; escalations?: number },
  at: Date,
): Promise<number> {
  const request = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: { requesterId: true, subjectId: true, facts: true },
  });
  const rule = stepPlan.parse(step.rule);
  const wider = (step.escalations ?? 0) > 0 && rule.late.do === "escalate" ? [...rule.who, ...rule.late.to] : rule.who;
  const escalated = { ...rule, who: wider, prefer: (step.escalations ?? 0) > 0 ? null : rule.prefer };
  const approvers = await resolveApprovers(escalated, request, at, readIn(tx));
  const decided = await tx.decision.findMany({
    where: { requestId, decision: { in: ["approve", "deny"] } },
    select: { identityId: true, stepId: true, onBehalfOf: true },
  });
  // Whoever decided one step is not asked again for another, unless the rules let one person sit in several.
  const sharing = (request.facts as { samePersonInSeveralSteps?: unknown }).samePersonInSeveralSteps === true;
  const counted = sharing ? decided.filter(({ stepId }) => stepId === step.id) : decided;
  const done = new Set(counted.map(({ identityId }) => identityId));
  await tx.requestApprover.deleteMany({
    where: { stepId: step.id, identityId: { notIn: approvers.map((it) => it.identityId) } },
  });
  for (const { identityId, because, onBehalfOf } of approvers) {
    const isTaken = !sharing && isSeatTaken(decided, step.id, { identityId, onBehalfOf });
    const open = !done.has(identityId) && !isTaken;
    await tx.requestApprover.upsert({
      where: { stepId_identityId: { stepId: step.id, identityId } },
      create: { stepId: step.id, requestId, identityId, because, onBehalfOf, open, since: at },
      update: { because, onBehalfOf, open },
    });
  }
  return approvers.length;
}

async function approve(tx: Tx, actor: Actor, requestId: string): Promise<RequestState> {
  const request = await lockRequest(tx, requestId);
  if (request?.state !== "pending") return request?.state ?? "withdrawn";
  const at = await clockOf(tx);
  await moveRequest(tx, request, "approve", { decidedAt: at });
  const { policyVersion, durationSeconds, subjectId, startsAt, breakGlass, extendsGrantId } = request;
  await record(tx, actor, {
    action: "request.approved",
    target: targetOf(request),
    details: { durationSeconds, policyVersion },
  });
  if (extendsGrantId !== null) {
    await extendGrant(tx, actor, { grantId: extendsGrantId, seconds: durationSeconds, requestId });
    await moveRequest(tx, { ...request, state: "approved" }, "fulfil", { closedAt: at });
    await record(tx, actor, { action: "request.fulfilled", target: targetOf(request) });
    return "fulfilled";
  }
  const items = await tx.requestItem.findMany({
    where: { requestId, droppedAt: null },
    orderBy: { position: "asc" },
    select: {
      id: true,
      connectionId: true,
      accountId: true,
      groupId: true,
      entitlementId: true,
      permission: true,
      resourceType: true,
      resourceExternalId: true,
      resourceName: true,
      privilege: true,
    },
  });
  const give = ways.find((way) => way === request.give) ?? "assignment";
  await giveGrants(tx, actor, {
    requestId,
    subjectId,
    give,
    breakGlass,
    policyVersion,
    startsAt,
    durationSeconds,
    confirmWithinSeconds: confirmWithin(request.facts),
    items,
  });
  return "approved";
}

const confirming = z.object({ confirmWithinSeconds: z.number().int().positive().nullable().default(null) });

function confirmWithin(facts: unknown): number | null {
  return confirming.parse(facts ?? {}).confirmWithinSeconds;
}
