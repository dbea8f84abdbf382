import type { PersonActor } from "../auth/actor";
import { db } from "../db/client";

/** A named address of a list: one's own, or everybody's. */
export type SavedView = { id: string; name: string; query: string; shared: boolean };

/** The views that the actor saved for a page, and those that were saved for everybody. */
export async function listViews(actor: PersonActor, input: { page: string }): Promise<SavedView[]> {
  const found = await db().savedView.findMany({
    where: { page: input.page, OR: [{ userId: null }, { userId: actor.userId }] },
    select: { id: true, name: true, query: true, userId: true },
    orderBy: [{ position: "asc" }, { createdAt: "asc" }],
    take: 40,
  });
  return found.map(({ userId, ...view }) => ({ ...view, shared: userId === null }));
}
