import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { plus, secondMs } from "../time";
import { lockGrant } from "./lock-grant";
import { orderEnd, targetOf } from "./move-grants";
import { orderCredentialConvergence } from "./order-convergence";
import { writeReceipt } from "./write-receipt";

/**
 * Moves the end of a grant that is held, in the transaction that approved it: there is no gap, because nothing is taken.
 * @param seconds how much longer, from the end that it has
 * @throws AppError `conflict` when it has ended meanwhile
 */
export async function extendGrant(
  tx: Tx,
  actor: Actor,
  { grantId, seconds, requestId }: { grantId: string; seconds: number; requestId: string },
): Promise<Date> {
  const grant = await lockGrant(tx, grantId);
  const at = await clockOf(tx);
  if (grant?.state !== "active" || grant.endsAt === null || grant.endsAt <= at)
    throw new AppError("conflict", "The grant has ended meanwhile, and what is over cannot be made longer.", {
      remedy: "Ask for the access anew.",
    });
  const endsAt = plus(grant.endsAt, seconds * secondMs);
  await tx.grant.update({ where: { id: grantId }, data: { endsAt, warnedAt: null }, select: { id: true } });
  await tx.justification.updateMany({ where: { grantId, endedAt: null }, data: { until: endsAt } });
  await writeReceipt(tx, [grantId], {
    step: "extended",
    at,
    detail: `Until ${endsAt.toISOString()} in place of ${grant.endsAt.toISOString()}.`,
  });
  const details = { from: grant.endsAt, until: endsAt, requestId, subjectId: grant.subjectId };
  await record(tx, actor, { action: "grant.extended", target: targetOf(grant), details });
  await orderEnd(tx, grantId, endsAt);
  if (grant.give === "credential") await orderCredentialConvergence(tx, grant);
  return endsAt;
}
