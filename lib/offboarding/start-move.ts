import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { readIn, type Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { dayMs, plus } from "../time";
import { begin } from "./begin-offboarding";
import { findAccess, findGrants } from "./find-holdings";
import type { MassLeaving } from "./limits";
import { lockRun, moveRun } from "./move-run";
import { targetOf } from "./run-target";
import type { Moved } from "./schema";

/** What a mover had ends so long after the move was seen, unless somebody says what stays. */
export const moveEndsAfterMs = 14 * dayMs;

/** Somebody who stands elsewhere than at the sync before. */
export type Mover = Moved & { id: string; name: string };

/**
 * Starts the move of somebody in the caller's transaction, and remembers where they stand now. Who holds nothing has
 * nothing to be asked about.
 */
export async function startMove(
  tx: Tx,
  actor: Actor,
  { id: identityId, name, ...moved }: Mover,
  { connectionId, brake }: { connectionId: string; brake: MassLeaving | null },
): Promise<void> {
  const at = await clockOf(tx);
  await tx.placement.update({
    where: { identityId },
    data: {
      ...(moved.toManagerId ? { managerId: moved.toManagerId } : {}),
      ...(moved.toTeam ? { department: moved.toTeam } : {}),
      seenAt: at,
    },
    select: { identityId: true },
  });
  const held = [...(await findAccess(readIn(tx), identityId)), ...(await findGrants(readIn(tx), identityId))];
  if (held.length === 0) return;
  const run = await tx.offboarding.create({
    data: {
      ...{ identityId, kind: "mover", cause: "source", sourceConnectionId: connectionId, moved },
      state: brake ? "paused_by_brake" : "ordered",
      reason: reasonOf(moved),
      orderedBy: actor.name,
      ...{ createdAt: at, startsAt: at, shutAt: plus(at, moveEndsAfterMs) },
      because: brake ? `${brake.leaving} would move or leave at once; ${brake.limit} do without being asked.` : null,
    },
    select: { id: true, number: true },
  });
  await record(tx, actor, {
    action: brake ? "offboarding.paused" : "offboarding.ordered",
    target: targetOf({ id: run.id, number: run.number, name }),
    outcome: brake ? "failed" : "allowed",
    details: { identityId, kind: "mover", reason: reasonOf(moved), cause: "source", ...(brake ?? {}) },
  });
  if (!brake) await begin(tx, actor, run.id);
}

/** Undoes the move of somebody who leaves: all of it goes now. */
export async function endMove(tx: Tx, actor: Actor, identityId: string): Promise<void> {
  const open = await tx.offboarding.findFirst({
    where: { identityId, kind: "mover", state: { notIn: ["closed", "cancelled"] } },
    select: { id: true },
  });
  const run = open && (await lockRun(tx, open.id));
  if (!run) return;
  const because = "They leave.";
  await moveRun(tx, run, "cancel", { cancelledAt: await clockOf(tx), because });
  await tx.offboardingStep.updateMany({
    where: { offboardingId: run.id, state: { in: ["planned", "needs_person"] } },
    data: { state: "dropped" },
  });
  await record(tx, actor, { action: "offboarding.cancelled", target: run.target, details: { reason: because } });
}

function reasonOf({ fromManagerId, toManagerId, fromManager, toManager, fromTeam, toTeam }: Moved): string {
  const parts = [
    ...(fromManagerId !== toManagerId ? [`manager: ${fromManager ?? "nobody"} → ${toManager ?? "nobody"}`] : []),
    ...(fromTeam !== toTeam ? [`team: ${fromTeam ?? "none"} → ${toTeam ?? "none"}`] : []),
  ];
  return parts.join("; ").slice(0, 1_000);
}
