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
  await writeReceipts(
    tx,
    grantIds.map((grantId) => ({ grantId, lines })),
  );
}

/** The same where each has lines of its own. */
export async function writeReceipts(
  tx: Tx,
  receipts: readonly { grantId: string; lines: readonly ReceiptLine[] }[],
): Promise<void> {
  const data = receipts.flatMap(({ grantId, lines }) =>
    lines.map(({ step, at, detail }) => ({ grantId, step, at, detail: detail.slice(0, 2_000) })),
  );
  if (data.length > 0) await tx.grantStep.createMany({ data });
}
