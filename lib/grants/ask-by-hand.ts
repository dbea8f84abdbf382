import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import type { Edge } from "./note-edge";

type Asked = Edge & { id: string };

/**
 * Asks a person to give or take what no connector can: the connection's owner, or whoever takes the task where there is
 * none. One task stands for an edge at a time; one that asks for the contrary is taken back.
 */
export async function askByHand(tx: Tx, actor: Actor, access: Asked, kind: "give" | "take"): Promise<void> {
  const at = await clockOf(tx);
  const open = await tx.handTask.findFirst({ where: { accessId: access.id, doneAt: null, cancelledAt: null } });
  if (open?.kind === kind) return;
  if (open) await tx.handTask.update({ where: { id: open.id }, data: { cancelledAt: at } });
  const [grant] = await tx.$queryRaw<{ id: string; name: string }[]>`
    select id, permission || ' on ' || resource_name as name from grants where account_id = ${access.accountId}::uuid
      and (group_id = ${access.groupId}::uuid or entitlement_id = ${access.entitlementId}::uuid)
    order by (state in ('activating', 'activation_failed', 'ending', 'ending_failed')) desc, id desc limit 1`;
  if (!grant) return;
  const { ownerId } = await tx.connection.findUniqueOrThrow({
    where: { id: access.connectionId },
    select: { ownerId: true },
  });
  await tx.handTask.create({
    data: {
      accessId: access.id,
      grantId: grant.id,
      connectionId: access.connectionId,
      kind,
      assigneeId: ownerId,
      askedAt: at,
    },
  });
  await record(tx, actor, {
    action: "hand_task.asked",
    target: { type: "grant", ...grant },
    details: { kind, assigneeId: ownerId },
  });
}

/** Takes back what a person was asked to do and what is no longer wanted. */
export async function takeBackTasks(tx: Tx, accessId: string): Promise<void> {
  await tx.handTask.updateMany({
    where: { accessId, doneAt: null, cancelledAt: null },
    data: { cancelledAt: await clockOf(tx) },
  });
}
