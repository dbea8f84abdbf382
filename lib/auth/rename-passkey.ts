import { record } from "../audit/record";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import type { Actor } from "./actor";
import { authorizeReach } from "./authorize";

/**
 * Gives one of one's own passkeys another name.
 * @throws AppError `not_found`
 */
export async function renamePasskey(
  actor: Actor,
  input: { id: string; name: string },
): Promise<{ id: string; name: string }> {
  await authorizeReach(actor, "passkey:add", { type: "passkey", id: input.id });
  const userId = actor.type === "person" ? actor.userId : null;
  return transaction(async (tx) => {
    const passkey = userId ? await tx.passkey.findFirst({ where: { id: input.id, userId } }) : null;
    if (!passkey) throw new AppError("not_found", "You have no such passkey; perhaps it was removed.");
    if (passkey.name === input.name) return { id: passkey.id, name: passkey.name };
    await tx.passkey.update({ where: { id: passkey.id }, data: { name: input.name } });
    await record(tx, actor, {
      action: "passkey.renamed",
      target: { type: "passkey", id: passkey.id, name: input.name },
      details: { from: passkey.name },
    });
    return { id: passkey.id, name: input.name };
  });
}
