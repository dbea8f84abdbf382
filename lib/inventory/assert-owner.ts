import type { Tx } from "../db/client";
import { AppError } from "../errors";

/** Refuses an owner that cannot be one; nobody is fine. @throws AppError `invalid`, naming `field` */
export async function assertOwner(tx: Tx, id: string | null | undefined, field: string): Promise<void> {
  if (!id) return;
  const owner = await tx.identity.findFirst({
    where: { id, kind: "human", status: "active", removedAt: null },
    select: { id: true },
  });
  if (!owner)
    throw new AppError("invalid", "An owner must be a person who is active here.", {
      field,
      remedy: "Choose somebody else.",
    });
}
