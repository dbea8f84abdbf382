import { record } from "../audit/record";
import type { PersonActor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { databaseCode, transaction } from "../db/client";
import { AppError } from "../errors";
import type { SaveViewInput } from "./schema";

/** A page holds no more views than fit on it: everybody's, or one person's. */
const mostViews = 20;

/** Keeps an address of a list under a name, for the actor or for everybody. @throws AppError `conflict`, `forbidden` */
export async function saveView(actor: PersonActor, input: SaveViewInput): Promise<{ id: string }> {
  const { page, name, query, shared } = input;
  await authorize(actor, shared ? "view:share" : "view:save", { type: "view", name });
  const userId = shared ? null : actor.userId;
  try {
    return await transaction(async (tx) => {
      if ((await tx.savedView.count({ where: { page, userId } })) >= mostViews)
        throw new AppError("conflict", `There are ${mostViews} views already.`, {
          remedy: "Remove one that nobody needs.",
        });
      const view = await tx.savedView.create({ data: { page, name, query, userId }, select: { id: true } });
      await record(tx, actor, {
        action: "view.saved",
        target: { type: "view", id: view.id, name },
        details: { page, query, shared },
      });
      return view;
    });
  } catch (error) {
    if (databaseCode(error) !== "23505") throw error;
    throw new AppError("conflict", `There is a view “${name}” already.`, {
      field: "name",
      remedy: "Choose another name, or remove that view first.",
      cause: error,
    });
  }
}
