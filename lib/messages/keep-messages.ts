import { db, rows, transaction } from "../db/client";
import { dayMs, minuteMs, now, plus } from "../time";
import { orderDelivery } from "./order-delivery";

/** How long a delivery is kept after it was made. */
export const keptForMs = 90 * dayMs;

/**
 * Throws away deliveries that have been kept long enough, and orders those anew whose job was lost. Returns how many of
 * each. Part of keeping house, each minute.
 */
export async function keepMessages(): Promise<{ removed: number; ordered: number }> {
  const { count } = await db().delivery.deleteMany({
    where: { createdAt: { lt: plus(now(), -keptForMs) }, state: { not: "waiting" } },
  });
  const lost = await rows<{ id: string; channelId: string | null }>(
    `select d.id, d.channel_id "channelId" from deliveries d
     where d.state = 'waiting' and d.next_try_at < $1 and (d.claimed_until is null or d.claimed_until < $1)
       and not exists (select 1 from graphile_worker.jobs j where j.key = 'deliver-' || d.id)
     order by d.next_try_at limit 500`,
    [plus(now(), -5 * minuteMs)],
  );
  for (const delivery of lost) await transaction((tx) => orderDelivery(tx, { ...delivery, at: null }));
  return { removed: count, ordered: lost.length };
}
