import type { z } from "zod";
import { identityOf } from "../access/own-identities";
import { digestOf, record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { provePresence } from "../auth/prove-presence";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { checkEligibility } from "../grants/check-eligibility";
import { durationWords } from "../grants/labels";
import { currentPolicies } from "../policies/current-policies";
import { approvalFacts } from "./approval-facts";
import { type Allowed, askToApprove } from "./ask-to-approve";
import { listHolders } from "./holder-queries";
import { type LockedRequest, lockRequest, moveRequest, targetOf } from "./move-request";
import { askApprovers, openStage } from "./open-stage";
import { isSeatTaken, seatOf as seatTakenBy } from "./plan-approval";
import { type DecideRequestInput, decideRequestInput } from "./schema";
import type { RequestState } from "./states";

type Deciding = z.output<typeof decideRequestInput>;
type OpenStep = { id: string; name: string; needed: number; rule: unknown; escalations: number };

/**
 * One person's answer to one step: approve (as asked, or shorter, or less), deny, or ask back. The first who decides
 * wins; who comes later is told. Nobody decides on what they asked for or would hold, whatever their role.
 * @throws AppError `not_found`, `forbidden`, `conflict` (decided, expired, or changed since it was shown), `invalid`
 */
export async function decideRequest(
  actor: Actor,
  input: DecideRequestInput,
): Promise<{ id: string; state: RequestState }> {
  const given = decideRequestInput.parse(input);
  const target = { type: "request", id: given.id };
  await authorizeReach(actor, "request:decide", target);
  const mine = identityOf(actor);
  if (mine === null) return refuse(actor, "request:decide", target, personWords);
  const request = await db().request.findUnique({ where: { id: given.id } });
  if (!request) throw new AppError("not_found", "There is no such request.", { field: "id" });
  if (mine === request.requesterId || mine === request.subjectId)
    return refuse(actor, "request:decide", target, ownWords);
  const [facts, holders] = await Promise.all([approvalFacts(given.id), listHolders(actor, given.id)]);
  const digest = digestOf(facts);
  if (given.seen !== undefined && given.seen !== digest)
    throw new AppError("conflict", "What this opens has changed since it was shown to you.", {
      field: "seen",
      remedy: "Look at it again, then decide.",
    });
  if (given.decision === "approve" && request.extendsGrantId !== null) await assertMayLast(request, given.duration);
  const [steppedUpWith, policies] = await Promise.all([stepUp(actor, given, request.facts), currentPolicies()]);
  return transaction(async (tx) => {
    const locked = await lockRequest(tx, given.id);
    if (!locked) throw new AppError("not_found", "There is no such request.", { field: "id" });
    await assertOpen(tx, locked);
    const seat = await seatOf(tx, actor, locked, mine);
    const asking = { policies, mine, step: seat.step.name, given, steppedUp: steppedUpWith !== null };
    const allowed = given.decision === "approve" ? await askToApprove(tx, actor, locked, asking) : null;
    await tx.decision.create({
      data: {
        requestId: given.id,
        stepId: seat.step.id,
        identityId: mine,
        userId: actor.type === "person" ? actor.userId : null,
        onBehalfOf: seat.onBehalfOf,
        decision: given.decision,
        comment: given.comment,
        durationSeconds: given.decision === "approve" ? (given.duration ?? null) : null,
        droppedItems: given.decision === "approve" ? given.drop : [],
        // Names come to this person by their role, and last uses move: they are kept, and are no part of the digest.
        facts: { ...facts, holders },
        factsDigest: digest,
        steppedUpWith,
        at: await clockOf(tx),
      },
      select: { id: true },
    });
    const state = await carryOut(tx, actor, locked, { given, seat, mine, allowed });
    return { id: given.id, state };
  });
}

const personWords = {
  message: "Only a person of the inventory decides.",
  remedy: "Sign in as whoever was asked, or use a token that acts as them.",
};

const ownWords = {
  message: "Nobody decides on a request of their own, whatever their role.",
  remedy: "Wait for the others who were asked; the request says who they are.",
};

// More time is an edge of time as the beginning is: the policies, the account and the person are looked at once more.
async function assertMayLast(
  { extendsGrantId, durationSeconds }: { extendsGrantId: string | null; durationSeconds: number },
  shorter: number | undefined,
): Promise<void> {
  const at = await clockOf(db());
  const lost =
    extendsGrantId && (await checkEligibility(extendsGrantId, at, { extending: shorter ?? durationSeconds }));
  if (lost)
    throw new AppError("conflict", `This access may not last longer any more. ${lost.words}`, {
      remedy: "Deny it; the grant ends at the time that it has.",
    });
}

async function stepUp(actor: Actor, given: Deciding, facts: unknown): Promise<string | null> {
  const needed = (facts as { stepUpToApprove?: unknown }).stepUpToApprove === true;
  if (given.decision !== "approve" || !needed) return null;
  return provePresence(actor, `decide ${given.id} approve`, given.proof);
}

async function assertOpen(tx: Tx, request: LockedRequest): Promise<void> {
  if (request.state !== "pending")
    throw new AppError("conflict", `Too late: the request is ${request.state} already.`, {
      remedy: "Reload the page to see who decided.",
    });
  if (request.expiresAt <= (await clockOf(tx)))
    throw new AppError("conflict", "Too late: the request has expired, and an answer no longer gives anything.", {
      remedy: "Have it asked for again.",
    });
}

type Seat = { step: OpenStep; onBehalfOf: string | null };

/** The open step that this person may decide now, found anew. */
async function seatOf(tx: Tx, actor: Actor, request: LockedRequest, mine: string): Promise<Seat> {
  const at = await clockOf(tx);
  const steps = await tx.requestStep.findMany({
    where: { requestId: request.id, state: "open" },
    orderBy: [{ position: "asc" }, { id: "asc" }],
  });
  const all = await tx.decision.findMany({
    where: { requestId: request.id, decision: { in: ["approve", "deny"] } },
    select: { stepId: true, identityId: true, onBehalfOf: true },
  });
  const decided = all.filter(({ identityId }) => identityId === mine);
  const sharing = (request.facts as { samePersonInSeveralSteps?: unknown }).samePersonInSeveralSteps === true;
  if (decided.length > 0 && !sharing)
    throw new AppError("conflict", "You have decided on this request already; the other step needs somebody else.", {
      remedy: "Wait for the others who were asked.",
    });
  for (const step of steps) {
    await askApprovers(tx, request.id, step, at);
    const seat = await tx.requestApprover.findUnique({
      where: { stepId_identityId: { stepId: step.id, identityId: mine } },
    });
    if (!seat || decided.some(({ stepId }) => stepId === step.id)) continue;
    if (!sharing && isSeatTaken(all, step.id, seat)) throw seatTaken();
    return { step, onBehalfOf: seat.onBehalfOf };
  }
  if (decided.length > 0)
    throw new AppError("conflict", "You have decided on this request already.", { remedy: "Reload the page." });
  return refuse(actor, "request:decide", targetOf(request), {
    message: "This request does not wait for you.",
    remedy: "The request says who may decide it.",
  });
}

function seatTaken(): AppError {
  return new AppError(
    "conflict",
    "You and whoever you stand in for, or who stands in for you, count once: another step of this was decided already.",
    { remedy: "Wait for the others who were asked." },
  );
}

type Carried = { given: Deciding; seat: Seat; mine: string; allowed: Allowed | null };

async function carryOut(
  tx: Tx,
  actor: Actor,
  request: LockedRequest,
  { given, seat, mine, allowed }: Carried,
): Promise<RequestState> {
  const at = await clockOf(tx);
  const { decision, comment } = given;
  const behalf =
    seat.onBehalfOf === null
      ? null
      : await tx.identity.findUnique({ where: { id: seat.onBehalfOf }, select: { id: true, name: true } });
  await record(tx, actor, {
    action: { approve: "request.step_approved", deny: "request.denied", ask: "request.asked_back" }[decision],
    target: targetOf(request),
    onBehalfOf: behalf ?? undefined,
    why: allowed ?? { policies: request.policies, policyVersion: request.policyVersion },
    details: { step: seat.step.name, comment, durationSeconds: given.duration ?? null, dropped: given.drop },
  });
  if (decision === "ask") {
    await tx.request.update({ where: { id: request.id }, data: { awaitsAnswer: true }, select: { id: true } });
    await tx.requestNote.create({
      data: { requestId: request.id, identityId: mine, text: comment || "Please say more.", at },
    });
    return "pending";
  }
  await tx.requestApprover.updateMany({ where: { stepId: seat.step.id, identityId: mine }, data: { open: false } });
  if (decision === "deny") {
    await tx.requestStep.update({ where: { id: seat.step.id }, data: { state: "denied", decidedAt: at } });
    await moveRequest(tx, request, "deny", { decidedAt: at, closedAt: at, because: comment || "Denied." });
    return "denied";
  }
  await narrow(tx, request, given, { mine, at });
  if ((await seatsTaken(tx, seat.step.id)) < seat.step.needed) return "pending";
  await tx.requestStep.update({ where: { id: seat.step.id }, data: { state: "approved", decidedAt: at } });
  await tx.requestApprover.updateMany({ where: { stepId: seat.step.id, open: true }, data: { open: false } });
  return openStage(tx, actor, request.id);
}

// Whoever decides for another takes that one's seat: the two of them count once.
async function seatsTaken(tx: Tx, stepId: string): Promise<number> {
  const approvals = await tx.decision.findMany({
    where: { stepId, decision: "approve" },
    select: { identityId: true, onBehalfOf: true },
  });
  return new Set(approvals.map(seatTakenBy)).size;
}

async function narrow(
  tx: Tx,
  request: LockedRequest,
  given: Deciding,
  { mine, at }: { mine: string; at: Date },
): Promise<void> {
  if (given.duration !== undefined) {
    if (given.duration > request.durationSeconds)
      throw new AppError("invalid", "An approver may shorten, never lengthen.", {
        field: "duration",
        remedy: `Approve for ${durationWords(request.durationSeconds)} as it was asked for, or for a shorter time.`,
      });
    await tx.request.update({
      where: { id: request.id },
      data: { durationSeconds: given.duration },
      select: { id: true },
    });
  }
  if (given.drop.length === 0) return;
  await tx.requestItem.updateMany({
    where: { requestId: request.id, id: { in: given.drop }, droppedAt: null },
    data: { droppedAt: at, droppedBy: mine },
  });
  const left = await tx.requestItem.count({ where: { requestId: request.id, droppedAt: null } });
  if (left === 0)
    throw new AppError("invalid", "This would leave nothing of the request.", {
      field: "drop",
      remedy: "Deny it instead.",
    });
}
