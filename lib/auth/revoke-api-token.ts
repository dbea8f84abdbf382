import { z } from "zod";
import { record } from "../audit/record";
import { transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import type { Actor } from "./actor";
import { authorizeReach, refuse } from "./authorize";

export const revokeApiTokenInput = z.strictObject({ id: z.uuid() });

/**
 * Ends an API token; its very next use is refused. A token that was already revoked stays as it is.
 * @throws AppError `forbidden`, `not_found`
 */
export async function revokeApiToken(
  actor: Actor,
  input: z.infer<typeof revokeApiTokenInput>,
): Promise<{ id: string; revokedAt: Date }> {
  const reach = await authorizeReach(actor, "token:revoke", { type: "token", id: input.id });
  const token = await transaction(async (tx) => {
    const found = await tx.apiToken.findUnique({
      where: { id: input.id },
      select: { id: true, name: true, userId: true, revokedAt: true },
    });
    if (!found) return null;
    if (reach === "own" && (actor.type !== "person" || found.userId !== actor.userId)) return "another's" as const;
    if (found.revokedAt) return { id: found.id, revokedAt: found.revokedAt };
    const revokedAt = now();
    await tx.apiToken.update({ where: { id: found.id }, data: { revokedAt }, select: { id: true } });
    await record(tx, actor, { action: "token.revoked", target: { type: "token", id: found.id, name: found.name } });
    return { id: found.id, revokedAt };
  });
  if (token === "another's") return refuse(actor, "token:revoke", { type: "token", id: input.id });
  if (!token) throw new AppError("not_found", "There is no such token.");
  return token;
}
