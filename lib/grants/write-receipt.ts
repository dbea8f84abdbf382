import type { Tx } from "../db/client";
import type { ReceiptStep } from "./schema";

/** Adds a line to the receipts of these grants, in the transaction of what it tells of. */
export async function writeReceipt(
  tx: Tx,
  grantIds: readonly string[],
  { step, at, detail }: { step: ReceiptStep; at: Date; detail: string },
): Promise<void> {
  if (grantIds.length === 0) return;
  await tx.grantStep.createMany({
    data: grantIds.map((grantId) => ({ grantId, step, at, detail: detail.slice(0, 2_000) })),
  });
}
