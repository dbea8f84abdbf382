import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { enqueue } from "../jobs/enqueue";
import { plus, secondMs } from "../time";
import { targetOf } from "./move-grants";
import type { Way } from "./schema";
import { writeReceipt } from "./write-receipt";

/** What an approved request gives. */
export type GrantOrder = {
  requestId: string;
  subjectId: string;
  give: Way;
  breakGlass: boolean;
  policyVersion: number;
  /** Null: at once. */
  startsAt: Date | null;
  durationSeconds: number;
  /** Its subject confirms the beginning with a passkey, within so long of when it may begin; null: it begins by itself. */
  confirmWithinSeconds: number | null;
  items: readonly {
    id: string;
    connectionId: string;
    accountId: string | null;
    groupId: string | null;
    entitlementId: string | null;
    permission: string;
    resourceType: string;
    resourceExternalId: string;
    resourceName: string;
    privilege: number;
  }[];
};

/** Makes the grants of an approved request, in the transaction that approved it; each begins by a job of its own. */
export async function giveGrants(tx: Tx, actor: Actor, order: GrantOrder): Promise<string[]> {
  const at = await clockOf(tx);
  const startsAt = order.startsAt !== null && order.startsAt > at ? order.startsAt : at;
  const { requestId, subjectId, give, breakGlass, policyVersion, durationSeconds } = order;
  const { confirmWithinSeconds } = order;
  const confirmBy = confirmWithinSeconds === null ? null : plus(startsAt, confirmWithinSeconds * secondMs);
  const made: string[] = [];
  for (const { id: requestItemId, ...item } of order.items) {
    const facts = {
      requestId,
      subjectId,
      give,
      breakGlass,
      policyVersion,
      durationSeconds,
      startsAt,
      createdAt: at,
      confirmBy,
    };
    const grant = await tx.grant.create({
      data: { ...facts, ...item, requestItemId, state: "scheduled" },
      select: { id: true },
    });
    await writeReceipt(tx, [grant.id], { step: "ordered", at, detail: `Ordered by ${actor.name}.` });
    await record(tx, actor, {
      action: "grant.ordered",
      target: targetOf({ ...grant, ...item }),
      details: { requestId, subjectId, give, breakGlass, startsAt, durationSeconds },
    });
    const runAt = startsAt > at ? startsAt : undefined;
    await enqueue(tx, "activate-grant", { grantId: grant.id }, { runAt, key: `activate ${grant.id}`, priority: -10 });
    made.push(grant.id);
  }
  return made;
}
