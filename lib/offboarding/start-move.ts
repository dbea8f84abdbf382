import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { readIn, type Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { plus } from "../time";
import { begin } from "./begin-offboarding";
import { findAccess, findGrants } from "./find-holdings";
import { type MassLeaving, moveEndsAfterMs } from "./limits";
import { callOff, moveOn, openMove, reasonOf } from "./move-on";
import { targetOf } from "./run-target";
import type { Moved } from "./schema";
import { tellHeld } from "./tell-of-run";

/** Somebody who stands elsewhere than at the sync before. */
export type Mover = Moved & { id: string; name: string };

/**
 * Starts the move of somebody in the caller's transaction, and remembers where they stand now. Who holds nothing has
 * nothing to be asked about; who moves on while moving goes on in the same run.
 */
export async function startMove(
  tx: Tx,
  actor: Actor,
  { id: identityId, name, ...moved }: Mover,
  { connectionId, brake }: { connectionId: string; brake: MassLeaving | null },
): Promise<void> {
  const at = await clockOf(tx);
  const remembered = await tx.placement.updateMany({
    // Two syncs may see the same move.
    where: { identityId, managerId: moved.fromManagerId, department: moved.fromTeam },
    data: {
      ...(moved.toManagerId ? { managerId: moved.toManagerId } : {}),
      ...(moved.toTeam ? { department: moved.toTeam } : {}),
      seenAt: at,
    },
  });
  if (remembered.count === 0) return;
  const open = await openMove(tx, identityId);
  if (open) return moveOn(tx, actor, { run: open.run, before: open.moved, now: moved, at });
  const held = [...(await findAccess(readIn(tx), identityId)), ...(await findGrants(readIn(tx), identityId))];
  if (held.length === 0) return;
  const because = brake ? `${brake.leaving} would move or leave at once; ${brake.limit} do without being asked.` : null;
  const run = await tx.offboarding.create({
    data: {
      ...{ identityId, kind: "mover", cause: "source", sourceConnectionId: connectionId, moved },
      state: brake ? "paused_by_brake" : "ordered",
      reason: reasonOf(moved),
      orderedBy: actor.name,
      ...{ createdAt: at, startsAt: at, shutAt: plus(at, moveEndsAfterMs) },
      because,
    },
    select: { id: true, number: true },
  });
  await record(tx, actor, {
    action: brake ? "offboarding.paused" : "offboarding.ordered",
    target: targetOf({ id: run.id, number: run.number, name }),
    outcome: brake ? "failed" : "allowed",
    details: { identityId, kind: "mover", reason: reasonOf(moved), cause: "source", ...(brake ?? {}) },
  });
  if (!brake) return begin(tx, actor, run.id);
  await tellHeld(tx, { id: run.id, identityId }, { words: because ?? "", at });
}

/** Undoes the move of somebody who leaves: all of it goes now. */
export async function endMove(tx: Tx, actor: Actor, identityId: string): Promise<void> {
  const open = await openMove(tx, identityId);
  if (open) await callOff(tx, actor, open.run, "They leave.");
}
