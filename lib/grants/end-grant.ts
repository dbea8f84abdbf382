import type { Actor } from "../auth/actor";
import { authorize, authorizeReach, refuse } from "../auth/authorize";
import { db, type Tx, transaction } from "../db/client";
import { clockOf, clockTold } from "../db/clock";
import { AppError } from "../errors";
import { eachAlone } from "./each-alone";
import { endDueGrant } from "./end-due-grant";
import { type Ending, endLocked } from "./end-locked";
import { lockGrants } from "./lock-grant";
import { mayEnd } from "./may-end";
import { type RevokeGrantInput, type RevokeGrantsInput, revokeGrantInput, revokeGrantsInput } from "./schema";

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
  return (await endGrants(tx, actor, [id], ending)).get(id) ?? null;
}

/** The same for several, whose accesses of one account are then taken together. @returns the states of those there are */
export async function endGrants(
  tx: Tx,
  actor: Actor,
  ids: readonly string[],
  ending: Ending,
): Promise<Map<string, string>> {
  const grants = await lockGrants(tx, ids);
  const at = grants[0] ? clockTold(grants[0].at) : await clockOf(tx);
  return endLocked(tx, actor, grants, { ...ending, at });
}
