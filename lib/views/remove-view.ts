import { z } from "zod";
import { record } from "../audit/record";
import type { PersonActor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { transaction } from "../db/client";
import { AppError } from "../errors";

export const removeViewInput = z.strictObject({ id: z.uuid() });

/** Forgets a saved view: the actor's own, or with the right to share one that is everybody's. */
export async function removeView(actor: PersonActor, input: z.output<typeof removeViewInput>): Promise<void> {
  const { id } = removeViewInput.parse(input);
  await authorize(actor, "view:save", { type: "view", id });
  await transaction(async (tx) => {
    const view = await tx.savedView.findFirst({ where: { id, OR: [{ userId: null }, { userId: actor.userId }] } });
    if (!view) throw new AppError("not_found", "There is no such view.");
    if (view.userId === null) await authorize(actor, "view:share", { type: "view", id, name: view.name });
    await tx.savedView.delete({ where: { id } });
    await record(tx, actor, {
      action: "view.removed",
      target: { type: "view", id, name: view.name },
      details: { page: view.page, query: view.query, shared: view.userId === null },
    });
  });
}
