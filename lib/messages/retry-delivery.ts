import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { AppError } from "../errors";
import { now, plus } from "../time";
import { giveUpAfterMs } from "./next-try";
import { orderDelivery } from "./order-delivery";
import { type DeliveryState, type DeliveryStep, nextState, statesBefore } from "./states";

/**
 * Tries a delivery again now, and for three days more if need be; under the same id as before.
 * @throws AppError `not_found`, `conflict` (it was sent), `forbidden`
 */
export async function retryDelivery(
  actor: Actor,
  input: { id: string },
): Promise<{ id: string; state: DeliveryState }> {
  await authorize(actor, "message:retry", { type: "delivery", id: input.id });
  return transaction(async (tx) => {
    const at = now();
    const change = { nextTryAt: at, giveUpAt: plus(at, giveUpAfterMs) };
    const { channelId, state } = await step(tx, actor, { id: input.id, by: "retried", change });
    await orderDelivery(tx, { id: input.id, channelId, at: null });
    return { id: input.id, state };
  });
}

/**
 * Drops a delivery: it is not tried any more.
 * @throws AppError `not_found`, `conflict` (it was sent), `forbidden`
 */
export async function giveUpDelivery(
  actor: Actor,
  input: { id: string },
): Promise<{ id: string; state: DeliveryState }> {
  await authorize(actor, "message:retry", { type: "delivery", id: input.id });
  return transaction(async (tx) => {
    const { state } = await step(tx, actor, { id: input.id, by: "dropped", change: { nextTryAt: null } });
    return { id: input.id, state };
  });
}

type Step = {
  id: string;
  by: DeliveryStep & ("retried" | "dropped");
  change: { nextTryAt: Date | null; giveUpAt?: Date };
};

async function step(tx: Tx, actor: Actor, { id, by, change }: Step) {
  const delivery = await tx.delivery.findUnique({ where: { id } });
  if (!delivery) throw new AppError("not_found", "There is no such delivery. They are kept for 90 days.");
  const before = delivery.state as DeliveryState;
  const state = nextState(before, by);
  const { count } = state
    ? await tx.delivery.updateMany({ where: { id, state: { in: statesBefore(by) } }, data: { ...change, state } })
    : { count: 0 };
  if (!state || count === 0) throw new AppError("conflict", "This message was sent already, or was dropped.");
  await record(tx, actor, {
    action: `delivery.${by}`,
    target: { type: "delivery", id, name: delivery.subject },
    details: { from: before, kind: delivery.kind },
  });
  return { channelId: delivery.channelId, state };
}
