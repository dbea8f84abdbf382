import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { endSessions } from "../auth/end-session";
import { readIn, type Tx, transaction } from "../db/client";
import { minuteMs, plus, secondMs } from "../time";
import { findConsumers } from "./find-consumers";
import { completeWithinMs, containWithinMs } from "./limits";
import { type LockedRun, leaverOf, lockRun, moveRun } from "./move-run";
import { orderAdvance } from "./order-steps";
import { addMoverSteps, planSteps } from "./plan-steps";
import { refreshItems } from "./refresh-items";
import { whyNotToLeave } from "./refuse-leaving";
import { tellConsumers } from "./tell-consumers";
import { tellHeld, tellOfRun } from "./tell-of-run";

/** The job behind `begin-offboarding`: begins a run whose time has come. One that began or was cancelled is left. */
export async function beginOffboarding(actor: Actor, { offboardingId }: { offboardingId: string }): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  await transaction((tx) => begin(tx, actor, offboardingId), { timeoutMs: 60_000 });
}

/**
 * Begins a run in the caller's transaction: the sign-in here ends now, what is to be taken is written down a row each and
 * ordered, and what is left behind is found.
 */
export async function begin(tx: Tx, actor: Actor, offboardingId: string): Promise<void> {
  const run = await lockRun(tx, offboardingId);
  if (run?.state !== "ordered") return;
  const { at } = run;
  if (run.startsAt > at) return;
  const shutAt = plus(at, Math.max(0, run.shutAt.getTime() - at.getTime()));
  if (run.kind === "mover") return beginMove(tx, actor, run, { at, shutAt });
  const refusal = run.cause === "restored" ? null : await whyNotToLeave(tx, leaverOf(run));
  if (refusal) return hold(tx, actor, run, refusal.message);
  const consumers = run.kind === "machine" ? await findConsumers(readIn(tx), run.identityId) : [];
  await moveRun(tx, run, "begin", {
    begunAt: at,
    shutAt,
    containBy: plus(shutAt, containWithinMs()),
    completeBy: plus(shutAt, completeWithinMs()),
    statusBefore: run.identityStatus,
    consumers,
  });
  if (run.kind === "person") await markLeft(tx, run.identityId, at);
  await planSteps(tx, { run: { ...run, shutAt }, at, signIn: await endSignIn(tx, actor, run.identityId, at) });
  await refreshItems(tx, run, at);
  await record(tx, actor, {
    action: "offboarding.begun",
    target: run.target,
    details: { identityId: run.identityId, shutAt, holdDays: run.holdDays, ...lateBy(run.startsAt, at) },
  });
  await tellOfRun(tx, run, run.kind === "machine" && shutAt > at ? "announced" : "begun");
  await tellConsumers(tx, run, consumers);
  await orderAdvance(tx, offboardingId);
}

// Between the order and this day somebody may have become the last administrator.
async function hold(tx: Tx, actor: Actor, run: LockedRun, because: string): Promise<void> {
  await moveRun(tx, run, "hold", { because });
  const details = { identityId: run.identityId, because };
  await record(tx, actor, { action: "offboarding.paused", target: run.target, outcome: "failed", details });
  await tellHeld(tx, run, { words: because, at: null });
}

// After an outage the record says how late somebody was shut out.
function lateBy(startsAt: Date, at: Date): { lateSeconds?: number } {
  const lateMs = at.getTime() - startsAt.getTime();
  return lateMs < minuteMs ? {} : { lateSeconds: Math.round(lateMs / secondMs) };
}

// Of a mover nothing is shut: what they had is written down with its end, and the managers are asked.
async function beginMove(tx: Tx, actor: Actor, run: LockedRun, { at, shutAt }: { at: Date; shutAt: Date }) {
  await moveRun(tx, run, "begin", { begunAt: at, shutAt, completeBy: plus(shutAt, completeWithinMs()) });
  await addMoverSteps(tx, { run, at, endsAt: shutAt });
  const details = { identityId: run.identityId, kind: "mover", endsAt: shutAt };
  await record(tx, actor, { action: "offboarding.begun", target: run.target, details });
  await tellOfRun(tx, run, "moved");
  await orderAdvance(tx, run.id);
}

/** From now on this identity counts as left, whatever a source says of it. */
export async function markLeft(tx: Tx, identityId: string, at: Date): Promise<void> {
  await tx.identity.update({
    where: { id: identityId },
    data: { status: "disabled", leftAt: at },
    select: { id: true },
  });
}

// Takes effect with the commit: sessions and tokens are rows that every request asks for.
async function endSignIn(
  tx: Tx,
  actor: Actor,
  identityId: string,
  at: Date,
): Promise<{ name: string; detail: string }[]> {
  const users = await tx.user.findMany({
    where: { identityId },
    select: { id: true, name: true, email: true, disabledAt: true },
  });
  const done: { name: string; detail: string }[] = [];
  for (const user of users) {
    const name = user.name ?? user.email ?? "somebody";
    const sessions = await endSessions(tx, actor, { userId: user.id });
    const tokens = await tx.apiToken.updateMany({
      where: { userId: user.id, revokedAt: null },
      data: { revokedAt: at },
    });
    await tx.signInLink.updateMany({ where: { userId: user.id, usedAt: null }, data: { usedAt: at } });
    if (!user.disabledAt) {
      await tx.user.update({ where: { id: user.id }, data: { disabledAt: at }, select: { id: true } });
      const target = { type: "person", id: user.id, name };
      await record(tx, actor, { action: "person.disabled", target, details: { sessionsEnded: sessions } });
    }
    done.push({ name, detail: `sign-in refused; ${sessions} sessions ended, ${tokens.count} tokens revoked` });
  }
  return done;
}
