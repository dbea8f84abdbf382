import type { Tx } from "../db/client";
import type { ReceiptStep } from "./schema";

/** A line of a receipt. */
export type ReceiptLine = { step: ReceiptStep; at: Date; detail: string };

/** Adds lines to the receipts of these grants, in their order, in the transaction of what they tell of. */
export async function writeReceipt(
  tx: Tx,
  grantIds: readonly string[],
  ...lines: readonly ReceiptLine[]
): Promise<void> {
  if (grantIds.length === 0 || lines.length === 0) return;
  await tx.grantStep.createMany({
    data: lines.flatMap(({ step, at, detail }) =>
      grantIds.map((grantId) => ({ grantId, step, at, detail: detail.slice(0, 2_000) })),
    ),
  });
}
