import type { Tx } from "../db/client";
import type { PolicyRules } from "../policies/schema";
import { plus, secondMs } from "../time";

/** Notes what is owed after a break-glass: two people look at it in time, and until then there is no second. */
export async function oweReview(
  tx: Tx,
  { breakGlass }: PolicyRules,
  { requestId, subjectId, at }: { requestId: string; subjectId: string; at: Date },
): Promise<void> {
  await tx.breakGlassReview.create({
    data: {
      grantRequestId: requestId,
      subjectId,
      needed: breakGlass.needed,
      dueAt: plus(at, breakGlass.within * secondMs),
    },
    select: { id: true },
  });
}
