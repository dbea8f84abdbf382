import type { Tx } from "../db/client";
import { enqueue } from "../jobs/enqueue";

/**
 * Orders the next try of a delivery. Those of one channel, and those by the mail server, run one after another, so that
 * a server that hangs holds up only its own.
 */
export async function orderDelivery(
  tx: Tx,
  delivery: { id: string; channelId: string | null; at: Date | null },
): Promise<void> {
  await enqueue(
    tx,
    "deliver-message",
    { deliveryId: delivery.id },
    {
      key: `deliver-${delivery.id}`,
      queue: delivery.channelId ? `channel-${delivery.channelId}` : "mail-to-people",
      ...(delivery.at ? { runAt: delivery.at } : {}),
    },
  );
}
