import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize, authorizeReach, refuse } from "../auth/authorize";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { minuteMs, secondMs } from "../time";
import { eachAlone } from "./each-alone";
import { durationWords } from "./labels";
import { type LockedGrant, lockGrant } from "./lock-grant";
import { mayEnd } from "./may-end";
import { finishGrants, move, orderEnd, targetOf } from "./move-grants";
import { managedAccess, orderConvergence, orderCredentialConvergence, wantedOf } from "./order-convergence";
import { type RevokeGrantInput, type RevokeGrantsInput, revokeGrantInput, revokeGrantsInput } from "./schema";
import { type EndReason, nextGrantState } from "./states";
import { writeReceipt } from "./write-receipt";

/** How a grant ends: why, and in whose words. */
export type Ending = { because: EndReason; words: string };

/**
 * Ends a grant early: always possible for its subject, whoever approved or owns it, and security, and never in need of
 * an approval. What has ended already stays as it is.
 * @throws AppError `forbidden`, `not_found`
 */
export async function revokeGrant(actor: Actor, input: RevokeGrantInput): Promise<{ id: string; state: string }> {
  const { id, reason } = revokeGrantInput.parse(input);
  const reach = await authorizeReach(actor, "grant:revoke", { type: "grant", id });
  if (reach === "own" && !(await mayEnd(actor, id))) await refuse(actor, "grant:revoke", { type: "grant", id }, mayNot);
  const words = reason || `Ended by ${actor.name}.`;
  const state = await transaction((tx) => endGrant(tx, actor, id, { because: "revoked", words }));
  if (state === null) throw new AppError("not_found", "There is no such grant.", { field: "id" });
  return { id, state };
}

const mayNot = {
  message: "You may not end this grant: it is neither yours, nor did you approve it, nor do you own what it gives.",
  remedy: "Ask its subject, one of its approvers, the owner or security.",
};

/** The same for many; each in a transaction of its own, so that one that may not be ended holds up no other. */
export async function revokeGrants(
  actor: Actor,
  input: RevokeGrantsInput,
): Promise<{ ended: number; refused: { id: string; message: string }[] }> {
  const { ids, reason } = revokeGrantsInput.parse(input);
  const refused: { id: string; message: string }[] = [];
  for (const id of ids) {
    try {
      await revokeGrant(actor, { id, reason });
    } catch (error) {
      // Of one alone the refusal itself is the answer.
      if (!(error instanceof AppError) || ids.length === 1) throw error;
      refused.push({ id, message: error.message });
    }
  }
  return { ended: ids.length - refused.length, refused };
}

/** The job behind `end-grant`: ends a grant whose time is over. One that was extended meanwhile is left. */
export async function endDueGrant(actor: Actor, { grantId }: { grantId: string }): Promise<void> {
  await authorize(actor, "grant:provision");
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (!grant?.endsAt) return;
    const at = await clockOf(tx);
    if (grant.endsAt > at) return orderEnd(tx, grantId, grant.endsAt);
    await endLocked(tx, actor, grant, { because: "expired", words: lateWords(grant.endsAt, at) }, at);
  });
}

function lateWords(endsAt: Date, at: Date): string {
  const lateMs = at.getTime() - endsAt.getTime();
  return lateMs < minuteMs
    ? "Its time is over."
    : `Its time was over ${durationWords(lateMs / secondMs)} ago: it ends late.`;
}

/** Ends every grant whose time is over and whose own job did not come: after an outage these go first. @returns how many */
export async function endDueGrants(actor: Actor): Promise<number> {
  await authorize(actor, "grant:provision");
  const at = await clockOf(db());
  const due = await db().grant.findMany({
    where: { endsAt: { lte: at }, state: { in: ["activating", "active", "activation_failed"] } },
    orderBy: { endsAt: "asc" },
    take: 1_000,
    select: { id: true },
  });
  await eachAlone(due, ({ id }) => endDueGrant(actor, { grantId: id }));
  return due.length;
}

/**
 * Ends a grant in the caller's transaction: its justification ends now, whatever the target still says, and the job that
 * takes the access is ordered. Where another justification keeps the access, the grant is over at once.
 * @returns the state it is in now, or null when there is none
 */
export async function endGrant(tx: Tx, actor: Actor, id: string, ending: Ending): Promise<string | null> {
  const grant = await lockGrant(tx, id);
  return grant ? endLocked(tx, actor, grant, ending, await clockOf(tx)) : null;
}

async function endLocked(
  tx: Tx,
  actor: Actor,
  grant: LockedGrant,
  { because, words }: Ending,
  at: Date,
): Promise<string> {
  const { id } = grant;
  const ended = { endedBecause: because, endedWords: words.slice(0, 1_000), endOrderedAt: at };
  if (grant.state === "scheduled") {
    await tx.grant.update({ where: { id }, data: ended });
    await finishGrants(tx, actor, [{ ...grant, ...ended }], at);
    return "ended";
  }
  if (nextGrantState(grant.state, "end") === null || grant.state === "ending_failed") return grant.state;
  await move(tx, grant, "end", { ...ended, attempts: 0, nextTryAt: null });
  await tx.justification.updateMany({ where: { grantId: id, endedAt: null }, data: { endedAt: at } });
  await writeReceipt(tx, [id], { step: "end_ordered", at, detail: words });
  const lateSeconds =
    because === "expired" && grant.endsAt ? Math.round((at.getTime() - grant.endsAt.getTime()) / secondMs) : undefined;
  const details = { because, words, lateSeconds, subjectId: grant.subjectId, connectionId: grant.connectionId };
  await record(tx, actor, { action: "grant.end_ordered", target: targetOf(grant), details });
  return orderTaking(tx, actor, { ...grant, ...ended, state: "ending" }, at);
}

async function orderTaking(tx: Tx, actor: Actor, grant: LockedGrant, at: Date): Promise<string> {
  if (grant.give === "credential") {
    await orderCredentialConvergence(tx, grant, { taking: true });
    return "ending";
  }
  const { accountId, connectionId, groupId, entitlementId } = grant;
  if (accountId === null) {
    await finishGrants(tx, actor, [grant], at);
    return "ended";
  }
  const edge = { connectionId, accountId, groupId, entitlementId };
  const access = await managedAccess(tx, edge);
  if (access.state === "held" && (await wantedOf(tx, edge, at)).wanted) {
    await writeReceipt(tx, [grant.id], {
      step: "kept",
      at,
      detail: "Other live justifications keep this access: nothing was taken.",
    });
    await finishGrants(tx, actor, [grant], at);
    return "ended";
  }
  await orderConvergence(tx, access, { taking: true });
  return "ending";
}
