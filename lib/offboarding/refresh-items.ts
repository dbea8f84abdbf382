import { readIn, type Tx } from "../db/client";
import { findLeftBehind } from "./find-left-behind";

/**
 * Brings the list of what is left behind in line with how things are: what came is added, and what is no longer so, however
 * that came about, is settled.
 */
export async function refreshItems(tx: Tx, run: { id: string; identityId: string }, at: Date): Promise<void> {
  const found = await findLeftBehind(readIn(tx), run.identityId);
  const known = await tx.offboardingItem.findMany({ where: { offboardingId: run.id } });
  const keyOf = (it: { kind: string; subjectId: string }) => `${it.kind} ${it.subjectId}`;
  const byKey = new Map(known.map((it) => [keyOf(it), it]));
  const fresh = found.filter((it) => !byKey.has(keyOf(it)));
  if (fresh.length > 0)
    await tx.offboardingItem.createMany({
      data: fresh.map(({ suggestedName: _, ...it }) => ({ ...it, offboardingId: run.id, foundAt: at })),
      skipDuplicates: true,
    });
  const still = new Set(found.map(keyOf));
  const gone = known.filter((it) => it.settledAt === null && !still.has(keyOf(it))).map(({ id }) => id);
  if (gone.length > 0) await tx.offboardingItem.updateMany({ where: { id: { in: gone } }, data: { settledAt: at } });
  const back = known.filter((it) => it.settledAt !== null && still.has(keyOf(it))).map(({ id }) => id);
  if (back.length > 0) await tx.offboardingItem.updateMany({ where: { id: { in: back } }, data: { settledAt: null } });
}
