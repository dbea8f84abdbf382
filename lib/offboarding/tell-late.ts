import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { db, transaction } from "../db/client";
import { eachAlone } from "../grants/each-alone";
import type { ClockName } from "./clock-standing";
import { lockRun } from "./move-run";
import { tellOfRun } from "./tell-of-run";

/**
 * Says of each run whose clock has passed its target that it is late: of each clock once, in the record and to whom the
 * run concerns. Of somebody who moves nothing is late: what they keep for a time is wanted.
 */
export async function tellLate(actor: Actor, at: Date): Promise<void> {
  const open = { kind: { not: "mover" }, state: { in: ["executing", "verifying", "waiting_for_people"] } };
  const some = { take: 500, select: { id: true } };
  const contain = { containedAt: null, containBy: { lt: at }, containLateAt: null };
  const complete = { completedAt: null, completeBy: { lt: at }, completeLateAt: null };
  const [uncontained, incomplete] = await Promise.all([
    db().offboarding.findMany({ where: { ...open, ...contain }, ...some }),
    db().offboarding.findMany({ where: { ...open, ...complete }, ...some }),
  ]);
  const late = [
    ...uncontained.map(({ id }) => ({ id, clock: "contain" as const })),
    ...incomplete.map(({ id }) => ({ id, clock: "complete" as const })),
  ];
  await eachAlone(late, ({ id, clock }) => tell(actor, id, clock));
}

async function tell(actor: Actor, id: string, clock: ClockName): Promise<void> {
  await transaction(async (tx) => {
    const run = await lockRun(tx, id);
    const row = await tx.offboarding.findUnique({ where: { id } });
    if (!run || !row || (clock === "contain" ? row.containLateAt : row.completeLateAt)) return;
    const dueAt = clock === "contain" ? row.containBy : row.completeBy;
    await tx.offboarding.update({
      where: { id },
      data: clock === "contain" ? { containLateAt: run.at } : { completeLateAt: run.at },
      select: { id: true },
    });
    const steps = await tx.offboardingStep.count({
      where: { offboardingId: id, state: { in: ["failed", "needs_person", "resurrected"] } },
    });
    const details = { clock, dueAt, troubled: steps };
    await record(tx, actor, { action: "offboarding.late", target: run.target, outcome: "failed", details });
    await tellOfRun(tx, run, clock === "contain" ? "trouble" : "late");
  });
}
