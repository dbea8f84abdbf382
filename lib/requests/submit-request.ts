import { record, recordAttempt } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { plus, secondMs } from "../time";
import { analyseRequest } from "./analyse-request";
import type { Analysis, AskingInput } from "./analysis";
import { lockExtended } from "./lock-extended";
import { openStage } from "./open-stage";
import { oweReview } from "./owe-review";
import { type SubmitRequestInput, submitRequestInput } from "./schema";
import type { RequestState } from "./states";

export type SubmittedRequest = { id: string; number: number; state: RequestState };

/**
 * Asks for access. Refused at once where the policies do not allow it, or where nobody could approve it; what needs no
 * approval, and a break-glass, is approved in the same breath.
 * @throws AppError `invalid` (names the field and what to do), `forbidden` (the policies)
 */
export async function submitRequest(actor: Actor, input: SubmitRequestInput): Promise<SubmittedRequest> {
  const asked = submitRequestInput.parse(input);
  await authorize(actor, "request:create");
  return submit(actor, asked);
}

/** The same for whatever was parsed already; `extends` is the grant that is to last longer. */
export async function submit(actor: Actor, asked: AskingInput): Promise<SubmittedRequest> {
  const analysis = await analyseRequest(actor, asked);
  await refuseObstacles(actor, analysis);
  return transaction((tx) => make(tx, actor, asked, analysis));
}

async function refuseObstacles(actor: Actor, { obstacles, policies, policyVersion, items }: Analysis): Promise<void> {
  const [first] = obstacles;
  if (!first) return;
  const denied = items.some(({ decision }) => !decision.allowed);
  await recordAttempt(actor, {
    action: "request.create",
    target: {
      type: "request",
      name: items
        .map((it) => `${it.permission} on ${it.resource}`)
        .join(", ")
        .slice(0, 500),
    },
    outcome: "denied",
    why: { policies, policyVersion, obstacles: obstacles.slice(0, 5).map(({ message }) => message) },
  });
  // Of a time that is too long the caller can ask for less.
  const code = denied && first.field !== "duration" ? "forbidden" : "invalid";
  throw new AppError(code, first.message, { field: first.field, remedy: first.remedy });
}

async function make(tx: Tx, actor: Actor, asked: AskingInput, analysis: Analysis): Promise<SubmittedRequest> {
  const { requester, subject, plan, at, items, policies, policyVersion, steps } = analysis;
  if (asked.extends) await lockExtended(tx, asked.extends);
  const { id, number } = await tx.request.create({
    data: {
      requesterId: requester.id,
      requesterUserId: actor.type === "person" ? actor.userId : null,
      subjectId: subject.id,
      give: asked.give,
      reason: asked.reason,
      ticket: asked.ticket ?? null,
      durationSeconds: asked.duration,
      startsAt: asked.startsAt ? new Date(asked.startsAt) : null,
      state: "pending",
      breakGlass: asked.breakGlass,
      extendsGrantId: asked.extends ?? null,
      policyVersion,
      policies,
      facts: {
        relation: analysis.relation,
        stepUpToApprove: plan.stepUpToApprove,
        confirmWithinSeconds: plan.stepUpToActivate ? plan.openForSeconds : null,
        samePersonInSeveralSteps: plan.samePersonInSeveralSteps,
      },
      createdAt: at,
      expiresAt: plus(at, plan.openForSeconds * secondMs),
    },
    select: { id: true, number: true },
  });
  await tx.requestItem.createMany({
    data: items.map((item, position) => ({
      requestId: id,
      position,
      connectionId: item.connectionId,
      accountId: item.accountId,
      groupId: item.groupId,
      entitlementId: item.entitlementId,
      permission: item.permission,
      resourceType: item.resourceType,
      resourceExternalId: item.resourceExternalId,
      resourceName: item.resource,
      privilege: item.privilege,
    })),
  });
  if (steps.length > 0)
    await tx.requestStep.createMany({
      data: steps.map(({ approvers: _, ...rule }) => ({
        requestId: id,
        position: rule.stage,
        name: rule.name,
        rule,
        needed: rule.needed,
        state: "waiting",
      })),
    });
  const name = nameOf(number);
  await record(tx, actor, {
    action: asked.breakGlass ? "request.broke_glass" : "request.submitted",
    target: { type: "request", id, name },
    onBehalfOf: subject.id === requester.id ? undefined : { id: subject.id, name: subject.name },
    why: { policies, policyVersion },
    details: {
      items: items.map(({ connection, permission, resource }) => ({ connection, permission, resource })),
      durationSeconds: asked.duration,
      give: asked.give,
      reason: asked.reason,
      ticket: asked.ticket ?? null,
    },
  });
  if (asked.breakGlass) await oweReview(tx, analysis.rules, { requestId: id, subjectId: requester.id, at });
  const state = await openStage(tx, actor, id);
  return { id, number: Number(number), state };
}

/** How people call a request: R-1042. */
export function nameOf(number: bigint | number): string {
  return `R-${number}`;
}
