import { record } from "../audit/record";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import type { Actor } from "./actor";
import { authorizeReach, refuse } from "./authorize";

/**
 * Removes a passkey; it opens nothing any more. A person may remove their own, an administrator anybody's.
 * @throws AppError `forbidden`, `not_found`
 */
export async function removePasskey(actor: Actor, input: { id: string }): Promise<{ id: string }> {
  const target = { type: "passkey", id: input.id };
  const reach = await authorizeReach(actor, "passkey:remove", target);
  const removed = await transaction(async (tx) => {
    const passkey = await tx.passkey.findUnique({ where: { id: input.id }, include: { user: true } });
    if (!passkey) return null;
    if (reach === "own" && !isOwn(actor, passkey.userId)) return "another's" as const;
    await tx.passkey.delete({ where: { id: input.id } });
    await record(tx, actor, {
      action: "passkey.removed",
      target: { ...target, name: passkey.name },
      ...(isOwn(actor, passkey.userId) ? {} : { details: { of: passkey.userId, ofName: passkey.user.name } }),
    });
    return passkey;
  });
  if (removed === "another's") return refuse(actor, "passkey:remove", target);
  if (!removed) throw new AppError("not_found", "There is no such passkey; perhaps it was removed already.");
  return { id: removed.id };
}

function isOwn(actor: Actor, userId: string): boolean {
  return actor.type === "person" && actor.userId === userId;
}
