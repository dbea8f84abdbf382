import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { endGrant } from "../grants/end-grant";
import { type LockedRequest, lockRequest, moveRequest, targetOf } from "./move-request";
import { type AnswerRequestInput, answerRequestInput, type CancelRequestInput, cancelRequestInput } from "./schema";
import type { RequestState } from "./states";

/**
 * Takes a request back: whoever asked, its subject, or an administrator with a reason. What it had ordered already ends.
 * @throws AppError `not_found`, `forbidden`, `conflict` (closed already)
 */
export async function cancelRequest(
  actor: Actor,
  input: CancelRequestInput,
): Promise<{ id: string; state: RequestState }> {
  const { id, reason } = cancelRequestInput.parse(input);
  const reach = await authorizeReach(actor, "request:cancel", { type: "request", id });
  return transaction(async (tx) => {
    const request = await found(tx, id);
    const mine = identityOf(actor);
    const isMine = mine !== null && [request.requesterId, request.subjectId].includes(mine);
    if (!isMine && reach !== "all") await refuse(actor, "request:cancel", targetOf(request), notYours);
    if (!isMine && reason === "")
      throw new AppError("invalid", "Say why you take back somebody else's request.", {
        field: "reason",
        remedy: "Give a reason.",
      });
    const at = await clockOf(tx);
    await moveRequest(tx, request, "cancel", { closedAt: at, because: reason || `Taken back by ${actor.name}.` });
    await record(tx, actor, { action: "request.cancelled", target: targetOf(request), details: { reason } });
    await endGrantsOf(tx, actor, id, `The request was taken back. ${reason}`);
    return { id, state: "cancelled" as const };
  });
}

/** Ends whatever a request gave or was about to give. */
export async function endGrantsOf(tx: Tx, actor: Actor, requestId: string, words: string): Promise<void> {
  const grants = await tx.grant.findMany({ where: { requestId, state: { not: "ended" } }, select: { id: true } });
  for (const { id } of grants) await endGrant(tx, actor, id, { because: "revoked", words });
}

/**
 * Answers what a decider asked back, so that the request goes on; also for whoever decides to say something.
 * @throws AppError `not_found`, `forbidden`, `conflict`
 */
export async function answerRequest(actor: Actor, input: AnswerRequestInput): Promise<{ id: string }> {
  const { id, text } = answerRequestInput.parse(input);
  await authorizeReach(actor, "request:read", { type: "request", id });
  return transaction(async (tx) => {
    const request = await found(tx, id);
    const mine = identityOf(actor);
    const asked = mine === null ? 0 : await tx.requestApprover.count({ where: { requestId: id, identityId: mine } });
    if (mine === null || (![request.requesterId, request.subjectId].includes(mine) && asked === 0))
      return refuse(actor, "request:read", targetOf(request), notYours);
    if (request.state !== "pending")
      throw new AppError("conflict", `The request is ${request.state} already.`, {
        remedy: "Make a new one, and say it there.",
      });
    await tx.requestNote.create({
      data: { requestId: id, identityId: mine, text, at: await clockOf(tx) },
      select: { id: true },
    });
    if (asked === 0) await tx.request.update({ where: { id }, data: { awaitsAnswer: false }, select: { id: true } });
    await record(tx, actor, { action: "request.answered", target: targetOf(request), details: { text } });
    return { id };
  });
}

const notYours = {
  message: "This request is not yours.",
  remedy: "Ask whoever made it, or an administrator.",
};

async function found(tx: Tx, id: string): Promise<LockedRequest> {
  const request = await lockRequest(tx, id);
  if (!request) throw new AppError("not_found", "There is no such request.", { field: "id" });
  return request;
}
