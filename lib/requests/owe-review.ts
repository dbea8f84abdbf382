import type { Tx } from "../db/client";
import { AppError } from "../errors";
import type { PolicyRules } from "../policies/schema";
import { plus, secondMs } from "../time";

/** Notes what is owed after a break-glass: two people look at it in time, and until then there is no second. */
export async function oweReview(
  tx: Tx,
  { breakGlass }: PolicyRules,
  { requestId, subjectId, at }: { requestId: string; subjectId: string; at: Date },
): Promise<void> {
  // Two that are sent at once are one after the other here, and the second finds the debt of the first.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('break glass ' || ${subjectId}, 0))`;
  if ((await tx.breakGlassReview.count({ where: { subjectId, closedAt: null } })) > 0)
    throw new AppError("conflict", "Another break-glass of yours was first, and it has not been reviewed yet.", {
      field: "breakGlass",
      remedy: "Use what that one gave; ask for more in the ordinary way.",
    });
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
