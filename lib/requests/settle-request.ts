import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { retryGrant } from "../grants/activate-grant";
import { lockRequest, moveRequest, targetOf } from "./move-request";

/** The job behind `settle-request`: fulfilled when all it asked for is held; failed when some of it cannot be given. */
export async function settleRequest(actor: Actor, { requestId }: { requestId: string }): Promise<void> {
  await authorize(actor, "grant:provision");
  await transaction((tx) => settle(tx, actor, requestId));
}

async function settle(tx: Tx, actor: Actor, requestId: string): Promise<void> {
  const request = await lockRequest(tx, requestId);
  if (!request || (request.state !== "approved" && request.state !== "failed")) return;
  const grants = await tx.grant.findMany({
    where: { requestId },
    select: { state: true, nextTryAt: true, activatedAt: true, endedWords: true, endedBecause: true },
  });
  const at = await clockOf(tx);
  const never = grants.find((grant) => grant.state === "ended" && grant.activatedAt === null);
  // Of several things that were asked for, those that began are held, whatever became of the others.
  const over = grants.every(({ state, activatedAt }) => activatedAt !== null || state === "ended");
  if (never && grants.every(({ activatedAt }) => activatedAt === null) && over) {
    await moveRequest(tx, request, "withdraw", {
      closedAt: at,
      because: never.endedWords ?? "It could not begin any more.",
    });
    await record(tx, actor, {
      action: "request.withdrawn",
      target: targetOf(request),
      details: { because: never.endedWords },
    });
    return;
  }
  if (over) {
    await moveRequest(tx, request, "fulfil", { closedAt: at, because: never?.endedWords ?? null });
    await record(tx, actor, { action: "request.fulfilled", target: targetOf(request) });
    return;
  }
  const stuck = grants.some(({ state, nextTryAt }) => state === "activation_failed" && nextTryAt === null);
  if (!stuck || request.state === "failed") return;
  await moveRequest(tx, request, "fail", { because: "The system refused it for good; a person must mend that." });
  await record(tx, actor, { action: "request.failed", target: targetOf(request), outcome: "failed" });
}

/**
 * Tries what an approved request could not give once more; its approvals stand.
 * @throws AppError `forbidden`, `not_found`, `conflict`
 */
export async function retryRequest(actor: Actor, { id }: { id: string }): Promise<{ id: string }> {
  await authorize(actor, "grant:retry", { type: "request", id });
  const grants = await transaction(async (tx) => {
    const request = await lockRequest(tx, id);
    if (!request) throw new AppError("not_found", "There is no such request.", { field: "id" });
    await moveRequest(tx, request, "retry", { because: null });
    await record(tx, actor, { action: "request.retried", target: targetOf(request) });
    return tx.grant.findMany({ where: { requestId: id, state: "activation_failed" }, select: { id: true } });
  });
  for (const grant of grants) await retryGrant(actor, grant);
  return { id };
}
