import type { Db } from "../db/client";
import { env } from "../env";
import { dayMs, hourMs, plus, secondMs } from "../time";

/** How soon every way in is to be shut and proven shut, counted from the order: a setting of the installation. */
export function containWithinMs(): number {
  return env().ROLLCALL_CONTAIN_SECONDS * secondMs;
}

/** How soon all the rest is to be done: a setting of the installation. */
export function completeWithinMs(): number {
  return env().ROLLCALL_COMPLETE_DAYS * dayMs;
}

/** What a mover had ends so long after the move was seen, unless somebody says what stays. */
export const moveEndsAfterMs = 14 * dayMs;

/** Whoever may decide is reminded once of what nobody has decided on for so long. */
export const remindAfterMs = 3 * dayMs;

/** The same in words. */
export function wordsOf({ leaving, limit }: MassLeaving): string {
  return `${leaving} would leave within an hour; ${limit} do without being asked.`;
}

const leastThatBrakes = 5;
const shareThatBrakes = 0.2;

/** Why the brake holds a run: so many would leave within an hour. */
export type MassLeaving = { leaving: number; limit: number };

/**
 * Would this many more people leaving be too many for an hour? More than five, and more than a fifth of all who are here:
 * then a person looks before anything is taken.
 */
export async function massLeaving(db: Db, { more, at }: { more: number; at: Date }): Promise<MassLeaving | null> {
  const [row] = await db.$queryRaw<{ recent: number; here: number }[]>`
    select (select count(*)::int from offboardings where kind = 'person' and created_at > ${plus(at, -hourMs)}::timestamptz
        and state <> 'cancelled') as recent,
      (select count(*)::int from identities where kind = 'human' and status = 'active' and removed_at is null) as here`;
  const limit = Math.max(leastThatBrakes, Math.floor((row?.here ?? 0) * shareThatBrakes));
  const leaving = (row?.recent ?? 0) + more;
  return leaving > limit ? { leaving, limit } : null;
}
