import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { orderConvergence } from "./order-convergence";
import { type CompleteHandTaskInput, completeHandTaskInput } from "./schema";
import { writeReceipt } from "./write-receipt";

/**
 * A person says, with evidence, that they gave or took what no connector can. Nobody may say so of access for themself.
 * @throws AppError `not_found`, `forbidden`, `conflict` (done or taken back already)
 */
export async function completeHandTask(actor: Actor, input: CompleteHandTaskInput): Promise<{ id: string }> {
  const { id, evidence } = completeHandTaskInput.parse(input);
  const target = { type: "hand_task", id };
  const reach = await authorizeReach(actor, "hand_task:complete", target);
  const mine = identityOf(actor);
  const task = await db().handTask.findUnique({ where: { id } });
  if (!task) throw new AppError("not_found", "There is no such task.", { field: "id" });
  const grant = await db().grant.findUniqueOrThrow({
    where: { id: task.grantId },
    select: { id: true, subjectId: true },
  });
  if (mine === null || grant.subjectId === mine || (reach === "own" && task.assigneeId !== mine))
    return refuse(actor, "hand_task:complete", target, {
      message: "You may not say this of this task: it is somebody else's, or about your own access.",
      remedy: "Ask whoever it was given to, or security.",
    });
  return transaction(async (tx) => {
    const at = await clockOf(tx);
    const { count } = await tx.handTask.updateMany({
      where: { id, doneAt: null, cancelledAt: null },
      data: { doneAt: at, doneBy: mine, evidence },
    });
    if (count === 0)
      throw new AppError("conflict", "This task was done or taken back already.", { remedy: "Reload the page." });
    const state = task.kind === "give" ? "held" : "absent";
    const access = await tx.managedAccess.update({
      where: { id: task.accessId },
      data: { state },
      select: { id: true, connectionId: true },
    });
    const done = task.kind === "give" ? "Given" : "Taken";
    await writeReceipt(tx, [grant.id], {
      step: task.kind === "give" ? "done" : "taken",
      at,
      detail: `${done} by hand by ${actor.name}: ${evidence}`,
    });
    await record(tx, actor, {
      action: "hand_task.completed",
      target,
      details: { kind: task.kind, grantId: grant.id, evidence },
    });
    await orderConvergence(tx, access);
    return { id };
  });
}
