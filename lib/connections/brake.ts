import type { SyncBrake } from "./schema";

/** What a sync would remove of one kind, of how many that are held now. */
export type Removal = { kind: string; removed: number; of: number; examples: string[] };

/**
 * Should this sync stop and ask? It does when it would remove more than `kindShare` of any kind, or more than
 * `assignmentShare` of the assignments. Pure.
 * @returns what stopped it, or null.
 */
export function brakeOn(removals: Removal[], limits: { kindShare: number; assignmentShare: number }): SyncBrake | null {
  const kinds = removals.flatMap((removal) => {
    const limitShare =
      removal.kind === "assignment" ? Math.min(limits.assignmentShare, limits.kindShare) : limits.kindShare;
    return removal.of > 0 && removal.removed / removal.of > limitShare ? [{ ...removal, limitShare }] : [];
  });
  return kinds.length > 0 ? { kinds } : null;
}
