import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { restorationRef } from "./schema";

/**
 * Somebody has looked at what a restore forgot, and answers for what is left of it: it is said loudly no longer. What was
 * seen already stays as it is.
 * @throws AppError `forbidden`, `not_found`, `conflict` (something still waits to be taken back again)
 */
export async function seeRestoration(actor: Actor, input: { id: string }): Promise<{ id: string }> {
  const { id } = restorationRef.parse(input);
  const target = { type: "restoration", id };
  await authorize(actor, "record:configure", target);
  return transaction(async (tx) => {
    await tx.$queryRaw`select 1 from restorations where id = ${id}::uuid for update`;
    const found = await tx.restoration.findUnique({ where: { id } });
    if (!found) throw new AppError("not_found", "There is no such restoration.", { field: "id" });
    if (found.seenAt) return { id };
    if (!found.settledAt)
      throw new AppError("conflict", "Not everything is taken back again yet.", {
        remedy: "Look at what waits, and whether a worker runs.",
      });
    await tx.restoration.update({ where: { id }, data: { seenAt: await clockOf(tx), seenBy: actor.name } });
    await record(tx, actor, { action: "record.restoration_seen", target });
    return { id };
  });
}
