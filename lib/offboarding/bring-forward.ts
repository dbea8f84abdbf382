import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { begin } from "./begin-offboarding";
import { lockRun, moveRun } from "./move-run";
import { orderBeginning } from "./order-steps";
import type { OffboardingState } from "./states";
import { tellHeld } from "./tell-of-run";

type Earlier = {
  identityId: string;
  startsAt: Date;
  shutAt: Date;
  emergency: boolean;
  /** As whoever asks for it now wants it; undefined: as it was ordered. */
  holdDays: number | null | undefined;
  reason: string;
  cause: string;
  /** Why a person has to let it go on, and of which hour the brake is; null: nothing holds it. */
  held: { words: string; at: Date | null } | null;
};

/**
 * Has a leaving that waits for its day begin sooner: who is dismissed today is not left in until the day that was set
 * before. Null where no run waits, or the one that does begins as soon.
 */
export async function bringForward(
  tx: Tx,
  actor: Actor,
  { identityId, startsAt, shutAt, emergency, holdDays, reason, cause, held }: Earlier,
): Promise<{ id: string; number: number; state: OffboardingState } | null> {
  const waiting = await tx.offboarding.findFirst({
    where: { identityId, state: "ordered", startsAt: { gt: startsAt }, kind: { not: "mover" } },
    select: { id: true },
  });
  const run = waiting && (await lockRun(tx, waiting.id));
  // It may have begun, or was undone, while its row was waited for.
  if (run?.state !== "ordered" || run.startsAt <= startsAt) return null;
  const data = { startsAt, shutAt, emergency, ...(holdDays === undefined ? {} : { holdDays }) };
  await tx.offboarding.update({ where: { id: run.id }, data, select: { id: true } });
  const details = { identityId, reason, cause, startsAt, shutAt, instead: run.startsAt };
  const answer = { id: run.id, number: Number(run.number) };
  if (held) {
    await moveRun(tx, run, "hold", { because: held.words });
    const because = held.words;
    const outcome = "failed" as const;
    await record(tx, actor, {
      action: "offboarding.paused",
      target: run.target,
      outcome,
      details: { ...details, because },
    });
    await tellHeld(tx, run, held);
    return { ...answer, state: "paused_by_brake" };
  }
  await record(tx, actor, { action: "offboarding.ordered", target: run.target, details });
  if (startsAt > run.at) {
    await orderBeginning(tx, run.id, startsAt);
    return { ...answer, state: "ordered" };
  }
  await begin(tx, actor, run.id);
  return { ...answer, state: "executing" };
}
