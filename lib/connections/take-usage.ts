import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets } from "../auth/seal-secrets";
import type { UsageEvent } from "../connectors/contract";
import { db, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { now } from "../time";
import { saveUsage } from "../usage/save-usage";
import { connectorOf } from "./connector-of";

const mostAtOnce = 5_000;

/**
 * Takes what was used from a live system since the last time. What was taken and how far are kept together, so that
 * nothing is counted twice or lost.
 * @returns how many uses were counted.
 * @throws ConnectorError when the system does not answer; the next look starts from the same place.
 */
export async function takeUsage(
  actor: Actor,
  { connectionId }: { connectionId: string },
  signal: AbortSignal,
): Promise<number> {
  await authorize(actor, "usage:write", { type: "connection", id: connectionId });
  const connection = await db().connection.findFirst({ where: { id: connectionId, removedAt: null } });
  const connector = connection ? connectorOf(connection.connector) : null;
  if (!connection || !connector?.usage) return 0;
  const context = {
    settings: connector.settings.parse(connection.settings),
    secrets: connector.secrets.parse(openSecrets(connection.secrets, connectionId)),
    signal,
    cursor: connection.usageCursor ?? undefined,
    now: now(),
  };
  let counted = 0;
  for await (const { events, cursor } of connector.usage(context)) counted += await keep(connectionId, events, cursor);
  return counted;
}

async function keep(connectionId: string, events: UsageEvent[], cursor: unknown): Promise<number> {
  return transaction(async (tx) => {
    let counted = 0;
    for (let at = 0; at < events.length; at += mostAtOnce) {
      counted += (await saveUsage(tx, connectionId, events.slice(at, at + mostAtOnce), now())).recorded;
    }
    await tx.connection.update({
      where: { id: connectionId },
      data: { usageCursor: (cursor ?? {}) as Prisma.InputJsonObject },
      select: { id: true },
    });
    return counted;
  });
}
