import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { plus } from "../time";
import { advance } from "./advance-offboarding";
import { completeWithinMs, moveEndsAfterMs } from "./limits";
import { type LockedRun, lockRun, moveRun } from "./move-run";
import { addMoverSteps } from "./plan-steps";
import { type Moved, movedShape } from "./schema";
import { tellOfRun } from "./tell-of-run";

/** The move of somebody that is not over, with its row locked; or null. */
export async function openMove(tx: Tx, identityId: string): Promise<{ run: LockedRun; moved: Moved } | null> {
  const open = await tx.offboarding.findFirst({
    where: { identityId, kind: "mover", state: { notIn: ["closed", "cancelled"] } },
    select: { id: true, moved: true },
  });
  const run = open && (await lockRun(tx, open.id));
  return open && run ? { run, moved: movedShape.parse(open.moved) } : null;
}

type Movement = { run: LockedRun; before: Moved; now: Moved; at: Date };

/**
 * Goes on with the move of somebody who moves on while moving, in the same run: what has an end keeps it, what was said
 * stays said, and only what they got since is new. Who is back where they were keeps what they had there.
 */
export async function moveOn(tx: Tx, actor: Actor, { run, before, now, at }: Movement): Promise<void> {
  const back = isBack(before, now);
  const steps = await tx.offboardingStep.count({ where: { offboardingId: run.id } });
  const stays = back ? await dropSteps(tx, run, before.between[0]?.steps) : [];
  const begun = run.begunAt !== null;
  const endsAt = plus(at, moveEndsAfterMs);
  const added = begun ? await addMoverSteps(tx, { run, at, endsAt, stays }) : 0;
  if (back && !(await isAboutMore(tx, run))) {
    const because = "They are back where they were.";
    await callOff(tx, actor, run, because);
    return tellOfCallingOff(tx, run, because);
  }
  const moved = back ? now : joined(before, now, steps);
  await tx.offboarding.update({
    where: { id: run.id },
    data: { moved, reason: reasonOf(moved), ...(added > 0 ? { completeBy: plus(endsAt, completeWithinMs()) } : {}) },
    select: { id: true },
  });
  const details = { identityId: run.identityId, reason: reasonOf(now), added };
  await record(tx, actor, { action: "offboarding.moved_on", target: run.target, details });
  if (!begun) return;
  await ask(tx, run, { now, added, at });
  await advance(tx, actor, run.id);
}

// Whoever was asked before is asked again only of what is new.
async function ask(tx: Tx, run: LockedRun, { now, added, at }: { now: Moved; added: number; at: Date }): Promise<void> {
  const newcomer = now.toManagerId === now.fromManagerId ? [] : [now.toManagerId];
  const whom = added > 0 ? [now.fromManagerId, now.toManagerId] : newcomer;
  if (whom.length > 0) await tellOfRun(tx, run, "moved", { occasion: at.toISOString(), whom });
}

/** Ends a move before its time: what has not ended yet does not end by it. */
export async function callOff(tx: Tx, actor: Actor, run: LockedRun, because: string): Promise<void> {
  await moveRun(tx, run, "cancel", { cancelledAt: await clockOf(tx), because });
  await dropSteps(tx, run);
  await record(tx, actor, { action: "offboarding.cancelled", target: run.target, details: { reason: because } });
}

/** Tells whoever was asked what stays that nothing of it waits any more. */
export async function tellOfCallingOff(tx: Tx, run: LockedRun, detail: string): Promise<void> {
  if (run.begunAt === null) return;
  const { moved } = await tx.offboarding.findUniqueOrThrow({ where: { id: run.id }, select: { moved: true } });
  const { fromManagerId, between, toManagerId } = movedShape.parse(moved);
  const whom = [fromManagerId, ...between.map(({ managerId }) => managerId), toManagerId];
  await tellOfRun(tx, run, "move_off", { detail, whom });
}

/** Why a move is one, in words. */
export function reasonOf({ fromManagerId, toManagerId, fromManager, toManager, fromTeam, toTeam, between }: Moved) {
  const by = (of: (typeof between)[number]) => of.manager;
  const managers = [fromManager, ...between.map(by), toManager];
  const teams = [fromTeam, ...between.map(({ team }) => team), toTeam];
  const parts = [
    ...(fromManagerId !== toManagerId ? [`manager: ${pathOf(managers, "nobody")}`] : []),
    ...(fromTeam !== toTeam ? [`team: ${pathOf(teams, "none")}`] : []),
  ];
  return parts.join("; ").slice(0, 1_000);
}

function pathOf(names: readonly (string | null)[], none: string): string {
  const words = names.map((name) => name ?? none);
  return words.filter((word, index) => word !== words[index - 1]).join(" → ");
}

function isBack(before: Moved, now: Moved): boolean {
  const stays = { manager: now.toManagerId ?? now.fromManagerId, team: now.toTeam ?? now.fromTeam };
  return stays.manager === before.fromManagerId && stays.team === before.fromTeam;
}

function joined(before: Moved, now: Moved, steps: number): Moved {
  const { toManagerId, toManager, toTeam, fromManagerId, fromManager, fromTeam } = now;
  const between = [...before.between, { managerId: fromManagerId, manager: fromManager, team: fromTeam, steps }];
  return { ...before, toManagerId, toManager, toTeam, between };
}

// What they had where they are back; what they got since is another matter.
async function dropSteps(tx: Tx, { id }: LockedRun, before?: number): Promise<string[]> {
  const where = {
    offboardingId: id,
    state: { in: ["planned", "needs_person", "failed"] },
    ...(before === undefined ? {} : { position: { lt: before } }),
  };
  const steps = await tx.offboardingStep.findMany({ where, select: { id: true } });
  await tx.offboardingStep.updateMany({ where, data: { state: "dropped" } });
  return steps.map((step) => step.id);
}

async function isAboutMore(tx: Tx, { id }: LockedRun): Promise<boolean> {
  const settled = ["verified", "by_hand", "dropped", "restored"];
  return (await tx.offboardingStep.count({ where: { offboardingId: id, state: { notIn: settled } } })) > 0;
}
