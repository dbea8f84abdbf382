import type { SyncBrake } from "./schema";

/** What a sync would remove of one kind, of how many that are held now. */
export type Removal = { kind: string; removed: number; of: number; examples: string[] };

// Where a kind has only a handful, one key that was deleted is a large share of it and no alarm.
const fewestThatMatter = 5;

/**
 * Should this sync stop and ask? It does when it would remove more than `kindShare` of any kind, or more than
 * `assignmentShare` of the assignments: at least five of them, or every last account and group. Pure.
 * @returns what stopped it, or null.
 */
export function brakeOn(removals: Removal[], limits: { kindShare: number; assignmentShare: number }): SyncBrake | null {
  const kinds = removals.flatMap((removal) => {
    const limitShare =
      removal.kind === "assignment" ? Math.min(limits.assignmentShare, limits.kindShare) : limits.kindShare;
    const emptied = removal.kind === "principal" && removal.of > 0 && removal.removed === removal.of;
    const tooMuch = removal.removed >= fewestThatMatter && removal.removed / removal.of > limitShare;
    return emptied || tooMuch ? [{ ...removal, limitShare }] : [];
  });
  return kinds.length > 0 ? { kinds } : null;
}
