import type { Tx } from "../db/client";
import { type Recipient, sendMessage } from "../messages/send-message";
import { connectionTold } from "../messages/templates/connections";
import type { SyncBrake, SyncError } from "./schema";

/** What is to be told of a system, after which of its syncs. */
export type Telling = { connectionId: string; runId: string } & (
  | { news: "failing"; failures: number; error: SyncError }
  | { news: "paused"; brake: SyncBrake }
  | { news: "well" }
);

/**
 * Tells whoever answers for a system, each once for each sync: its owner, administrators and security, and every channel
 * that gets such messages.
 */
export async function tellOfConnection(tx: Tx, telling: Telling): Promise<void> {
  const connection = await tx.connection.findUniqueOrThrow({
    where: { id: telling.connectionId },
    include: { owner: { select: { id: true, email: true, removedAt: true } } },
  });
  const { id, name, environment, lastReadAt, nextSyncAt, owner } = connection;
  const common = { id, name, environment, lastReadAt };
  const owners: Recipient[] = owner && !owner.removedAt ? [{ identityId: owner.id, email: owner.email }] : [];
  await sendMessage(tx, {
    message: connectionTold({ ...common, ...newsOf(telling, nextSyncAt) }),
    to: [...owners, ...(await keepers(tx))],
    key: `connection ${id} ${telling.news} ${telling.runId}`,
  });
}

function newsOf(telling: Telling, nextTryAt: Date | null) {
  if (telling.news === "failing") {
    const { message, object, remedy } = telling.error;
    const said = object ? `${message} (${object})` : message;
    return { news: telling.news, failures: telling.failures, said, remedy, nextTryAt };
  }
  if (telling.news === "well") return { news: telling.news };
  const gone = telling.brake.kinds.map(({ kind, removed, of }) => `${removed} of ${of} ${kind}s`);
  return { news: telling.news, gone };
}

// Those who may mend a connection or decide on what the brake holds.
async function keepers(tx: Tx): Promise<Recipient[]> {
  const found = await tx.user.findMany({
    where: { roles: { hasSome: ["administrator", "security"] }, disabledAt: null },
    select: { id: true },
    orderBy: { createdAt: "asc" },
    take: 50,
  });
  return found.map(({ id }) => ({ userId: id }));
}
