import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { beginPresence, provePresence } from "../auth/prove-presence";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { enqueue } from "../jobs/enqueue";
import { lockGrant } from "./lock-grant";
import { targetOf } from "./move-grants";
import { type ConfirmGrantInput, confirmGrantInput, grantIdInput } from "./schema";
import { writeReceipt } from "./write-receipt";

/**
 * Asks the device of whoever access was approved for to prove that they are there, for the beginning of exactly this
 * grant.
 * @throws AppError `not_found`, `forbidden` (somebody else's; no passkey), `conflict` (nothing to confirm, or too early)
 */
export async function beginConfirmation(actor: Actor, input: { id: string }) {
  const { id } = grantIdInput.parse(input);
  await assertMine(actor, id);
  await assertWaits(id);
  return beginPresence(actor, boundTo(id));
}

/**
 * Confirms with the device's answer that access may begin now. The passkey is noted on the receipt; the proof is good for
 * this one grant and this one time.
 * @throws AppError as `beginConfirmation`
 */
export async function confirmGrant(actor: Actor, input: ConfirmGrantInput): Promise<{ id: string }> {
  const { id, proof } = confirmGrantInput.parse(input);
  await assertMine(actor, id);
  await assertWaits(id);
  const passkey = await provePresence(actor, boundTo(id), proof);
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, id);
    if (grant?.state !== "scheduled") throw nothingToConfirm();
    const at = await clockOf(tx);
    const { count } = await tx.grant.updateMany({
      where: { id, confirmBy: { gt: at }, confirmedAt: null },
      data: { confirmedAt: at, confirmedWith: passkey },
    });
    if (count === 0) throw nothingToConfirm();
    await writeReceipt(tx, [id], { step: "confirmed", at, detail: `${actor.name} confirmed it with a passkey.` });
    await record(tx, actor, { action: "grant.confirmed", target: targetOf(grant), details: { passkey } });
    await enqueue(tx, "activate-grant", { grantId: id }, { key: `activate ${id}`, priority: -10 });
  });
  return { id };
}

const boundTo = (id: string) => `begin grant ${id}`;

async function assertMine(actor: Actor, id: string): Promise<void> {
  const target = { type: "grant", id };
  await authorizeReach(actor, "grant:confirm", target);
  const mine = identityOf(actor);
  const [found] = await db().$queryRaw<{ isMine: boolean | null }[]>`
    select g.subject_id = ${mine}::uuid or (i.kind <> 'human' and i.owner_id = ${mine}::uuid) as "isMine"
    from grants g join identities i on i.id = g.subject_id where g.id = ${id}::uuid`;
  if (!found?.isMine) await refuse(actor, "grant:confirm", target, notYours);
}

const notYours = {
  message: "You may not begin this access: whoever it was approved for does that themself.",
  remedy: "Ask for access of your own.",
};

async function assertWaits(id: string): Promise<void> {
  const grant = await db().grant.findUnique({ where: { id } });
  const at = await clockOf(db());
  if (grant?.state !== "scheduled" || !grant.confirmBy || grant.confirmedAt || grant.confirmBy <= at)
    throw nothingToConfirm();
  if (grant.startsAt > at)
    throw new AppError("conflict", `This access begins at ${grant.startsAt.toISOString()}, and not before.`, {
      remedy: "Confirm it then.",
    });
}

function nothingToConfirm(): AppError {
  return new AppError(
    "conflict",
    "There is nothing to confirm: this access has begun, is over, or never asked for it.",
    {
      remedy: "Reload the page to see how it stands.",
    },
  );
}
