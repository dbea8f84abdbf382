import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { checkEligibility, subjectLeft } from "./check-eligibility";
import { endGrant } from "./end-grant";
import type { Ending } from "./end-locked";
import { lockGrant } from "./lock-grant";
import { move, targetOf } from "./move-grants";
import { managedAccess, orderConvergence, orderCredentialConvergence } from "./order-convergence";
import { nextGrantState } from "./states";
import { writeReceipt } from "./write-receipt";

/**
 * The job behind `activate-grant`: asks once more whether the grant may begin, gives it its justification, and orders the
 * change at the system. A grant that may not begin any more ends, and says why. Run again, it changes nothing.
 */
export async function activateGrant(actor: Actor, { grantId }: { grantId: string }): Promise<void> {
  await authorize(actor, "grant:provision");
  const at = await clockOf(db());
  const grant = await db().grant.findUnique({ where: { id: grantId } });
  if (grant?.state !== "scheduled" || grant.startsAt > at) return;
  const unconfirmed = grant.confirmBy !== null && grant.confirmedAt === null;
  if (unconfirmed && grant.confirmBy && grant.confirmBy > at) return askToConfirm(actor, grantId);
  const ending = unconfirmed ? neverConfirmed : await checkEligibility(grantId, at);
  await transaction(async (tx) => {
    if (ending) await endGrant(tx, actor, grantId, ending);
    else await begin(tx, actor, grantId);
  });
}

// Once: whoever it was approved for is told by what stands in the record.
async function askToConfirm(actor: Actor, grantId: string): Promise<void> {
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    const asked = await tx.grantStep.count({ where: { grantId, step: "asked_to_confirm" } });
    if (grant?.state !== "scheduled" || asked > 0) return;
    const detail = "It begins when its subject has confirmed that with a passkey.";
    await writeReceipt(tx, [grantId], { step: "asked_to_confirm", at: await clockOf(tx), detail });
    await record(tx, actor, { action: "grant.asked_to_confirm", target: targetOf(grant) });
  });
}

const neverConfirmed: Ending = {
  because: "eligibility_lost",
  words: "Nobody confirmed in time, with a passkey, that it should begin.",
};

async function begin(tx: Tx, actor: Actor, grantId: string): Promise<void> {
  const gone = await whoIsGone(tx, grantId);
  if (gone !== null) return void (await endGrant(tx, actor, grantId, subjectLeft(gone)));
  const grant = await lockGrant(tx, grantId);
  if (grant?.state !== "scheduled" || nextGrantState(grant.state, "begin") === null) return;
  const at = await clockOf(tx);
  const { connectionId, accountId, groupId, entitlementId, subjectId } = grant;
  await move(tx, grant, "begin");
  await record(tx, actor, { action: "grant.began", target: targetOf(grant), details: { subjectId, connectionId } });
  if (grant.give === "credential") return orderCredentialConvergence(tx, grant);
  if (accountId === null) throw new Error("a grant by assignment has no account");
  const { breakGlass } = await tx.grant.findUniqueOrThrow({ where: { id: grantId }, select: { breakGlass: true } });
  const edge = { connectionId, accountId, groupId, entitlementId };
  const access = await managedAccess(tx, edge);
  await tx.justification.create({ data: { ...edge, type: breakGlass ? "break_glass" : "grant", grantId, since: at } });
  await orderConvergence(tx, access);
}

// Whoever it is for stays as they are until this commits. A leaving that begins meanwhile waits for it, and finds the
// grant among what it has to take; one that began a moment earlier is waited for, and seen.
async function whoIsGone(tx: Tx, grantId: string): Promise<string | null> {
  const [subject] = await tx.$queryRaw<{ name: string; status: string }[]>`
    select i.name, i.status from identities i where i.id = (select g.subject_id from grants g where g.id = ${grantId}::uuid) for share`;
  return subject && subject.status !== "active" ? subject.name : null;
}

/**
 * Tries a grant again that could not begin, now: after a person mended what was in the way.
 * @throws AppError `forbidden`
 */
export async function retryGrant(actor: Actor, { id }: { id: string }): Promise<void> {
  await authorize(actor, "grant:retry", { type: "grant", id });
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, id);
    if (!grant || !["activation_failed", "ending_failed"].includes(grant.state)) return;
    await record(tx, actor, { action: "grant.retried", target: targetOf(grant) });
    const { connectionId, accountId, groupId, entitlementId } = grant;
    const taking = grant.state === "ending_failed";
    if (grant.give === "credential") return orderCredentialConvergence(tx, grant, { taking });
    if (accountId === null) return;
    await orderConvergence(tx, await managedAccess(tx, { connectionId, accountId, groupId, entitlementId }), {
      taking,
    });
  });
}
