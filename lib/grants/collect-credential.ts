import { identityOf } from "../access/own-identities";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import type { DeliveredSecret } from "../connectors/provisioning";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { accountRefOf } from "./held-access";
import { targetOf as recordTarget } from "./move-grants";
import { grantIdInput } from "./schema";
import { provisionErrorOf, targetOf } from "./target";
import { writeReceipt } from "./write-receipt";

export type CollectedCredential = DeliveredSecret & { endsAt: string };

/**
 * Hands out the secret of a short-lived account, to its subject (or the owner of a machine identity) alone and once: a
 * second time makes a new secret, which ends the one before, so that a secret that somebody else took is found out. The
 * secret is in the answer and nowhere else.
 * @throws AppError `not_found`, `forbidden`, `conflict` (not active, or over), `unavailable` (the system did not answer)
 */
export async function collectCredential(actor: Actor, input: { id: string }): Promise<CollectedCredential> {
  const { id } = grantIdInput.parse(input);
  const target = { type: "grant", id };
  await authorizeReach(actor, "grant:collect", target);
  const grant = await db().grant.findUnique({ where: { id } });
  const subject =
    grant &&
    (await db().identity.findUnique({ where: { id: grant.subjectId }, select: { kind: true, ownerId: true } }));
  const mine = identityOf(actor);
  const isMine = grant?.subjectId === mine || (subject?.kind !== "human" && subject?.ownerId === mine);
  if (mine === null || !grant || !isMine) return refuse(actor, "grant:collect", target, notYours);
  const at = await clockOf(db());
  if (
    grant.give !== "credential" ||
    grant.state !== "active" ||
    !grant.endsAt ||
    grant.endsAt <= at ||
    !grant.accountId
  )
    throw new AppError(
      "conflict",
      "There is no credential to hand out: this grant is not active, or gives access to an account of one's own.",
      {
        remedy: "Look at the grant; if it is over, ask anew.",
      },
    );
  const account = await accountRefOf(grant.accountId);
  if (!account) throw new AppError("not_found", "The account of this grant is gone from the inventory.");
  const { connector, context, name } = await targetOf(grant.connectionId, new AbortController().signal);
  const made = await connector.deliver?.(context(), { account, until: grant.endsAt }).catch((error) => {
    const { message, remedy } = provisionErrorOf(error);
    throw new AppError("unavailable", `${name} could not make the secret: ${message}.`, {
      remedy,
      retryAfterSeconds: 5,
      cause: error,
    });
  });
  if (!made) throw new AppError("conflict", `${name} hands out no secrets.`);
  await transaction(async (tx) => {
    const again = grant.deliveredAt !== null;
    await tx.grant.update({ where: { id }, data: { deliveredAt: at }, select: { id: true } });
    const detail = again
      ? `A new secret was handed to ${actor.name}; the one before it ended.`
      : `The secret was handed to ${actor.name}.`;
    await writeReceipt(tx, [id], { step: "delivered", at, detail });
    await record(tx, actor, {
      action: "grant.delivered",
      target: recordTarget(grant),
      details: { again, account: account.name },
    });
  });
  return { ...made, endsAt: grant.endsAt.toISOString() };
}

const notYours = {
  message: "You may not take this credential: it is handed to the one it was made for, and to nobody else.",
  remedy: "Ask for access of your own.",
};
