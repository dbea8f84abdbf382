import type { AccountRef } from "../connectors/provisioning";
import type { Tx } from "../db/client";

type Issuing = { id: string; connectionId: string; subjectId: string };

/** The short-lived account as a row of the inventory, matched to its subject; as it is where a sync was quicker. */
export async function noteIssued(
  tx: Tx,
  grant: Issuing,
  account: AccountRef,
  { at, until }: { at: Date; until: Date },
): Promise<string> {
  const { connectionId, subjectId, id } = grant;
  const match = {
    identityId: subjectId,
    matchRule: "grant",
    matchReason: "Rollcall made this account for a grant",
    matchConfidence: 1,
    matchSetBy: "Rollcall",
  };
  const known = await tx.principal.findFirst({
    where: { connectionId, externalId: account.externalId, removedAt: null },
    select: { id: true },
  });
  if (known) {
    await tx.principal.update({ where: { id: known.id }, data: { ...match, validUntil: until }, select: { id: true } });
    return known.id;
  }
  const made = await tx.principal.create({
    data: {
      ...match,
      connectionId,
      type: "account",
      externalId: account.externalId,
      name: account.name,
      displayName: null,
      validUntil: until,
      attributes: { issuedFor: id, ...(account.stableId ? { stableId: account.stableId } : {}) },
      contentHash: "",
      firstSeenAt: at,
      search: account.name.toLowerCase(),
    },
    select: { id: true },
  });
  return made.id;
}

/** The short-lived account is gone from its system. */
export async function noteWithdrawn(tx: Tx, accountId: string, at: Date): Promise<void> {
  await tx.$executeRaw`update memberships set removed_at = greatest(${at}::timestamptz, first_seen_at)
    where member_id = ${accountId}::uuid and removed_at is null`;
  await tx.$executeRaw`update assignments set removed_at = greatest(${at}::timestamptz, first_seen_at)
    where principal_id = ${accountId}::uuid and removed_at is null`;
  await tx.$executeRaw`update principals set removed_at = greatest(${at}::timestamptz, first_seen_at)
    where id = ${accountId}::uuid and removed_at is null`;
}
