import type { Db, Tx } from "../db/client";
import { AppError } from "../errors";
import { lockGrant } from "../grants/lock-grant";

/**
 * Locks a grant that is asked to last longer, so that of two who ask at the same instant the second sees the first.
 * Each would need its own approval, and both together would give twice the time.
 * @throws AppError `conflict` where it is over, or such a question waits already
 */
export async function lockExtended(tx: Tx, grantId: string): Promise<void> {
  const grant = await lockGrant(tx, grantId);
  assertLasts(grant, grant?.at ?? null);
  await assertNoneWaits(tx, grantId);
}

/** @throws AppError `conflict` where the grant is over at that time */
export function assertLasts(grant: { state: string; endsAt: Date | null } | null, at: Date | null): void {
  if (grant?.state === "active" && grant.endsAt && at && grant.endsAt > at) return;
  throw new AppError("conflict", "This grant is over, and what is over cannot be made longer.", {
    remedy: "Ask for the access anew.",
  });
}

/** @throws AppError `conflict`, which names the question that waits */
export async function assertNoneWaits(read: Db, grantId: string): Promise<void> {
  const waiting = await read.request.findFirst({
    where: { extendsGrantId: grantId, state: "pending" },
    select: { number: true },
  });
  if (!waiting) return;
  throw new AppError("conflict", `More time has been asked for already: R-${waiting.number} waits for an answer.`, {
    remedy: `Wait for the answer to R-${waiting.number}, or take it back and ask anew.`,
  });
}
