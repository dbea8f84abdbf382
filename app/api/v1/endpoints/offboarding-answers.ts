import type { Actor } from "@/lib/auth/actor";
import { type ClockName, standingOf } from "@/lib/offboarding/clock-standing";
import { getProgress } from "@/lib/offboarding/progress-queries";
import { getOffboarding, type OffboardingRow } from "@/lib/offboarding/queries";
import { now, secondMs } from "@/lib/time";
import type { OffboardingAnswer } from "../shapes/offboardings";

function clockOf(row: OffboardingRow, clock: ClockName) {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  const [due, done] = clock === "contain" ? [row.containBy, row.containedAt] : [row.completeBy, row.completedAt];
  const { standing = null, lateMs = 0 } = standingOf(row, clock, now()) ?? {};
  const against = { standing, lateSeconds: Math.round(lateMs / secondMs) };
  return { orderedAt: row.shutAt.toISOString(), dueAt: iso(due), verifiedAt: iso(done), ...against };
}

/** A run of a list, as the API answers it. */
export function runOf(row: OffboardingRow) {
  const { id, number, state, kind, identity, reason, orderedBy, cause, because, openItems, hiredAgain } = row;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...{ id, number, status: state, kind, identity, reason, orderedBy, cause, because, openItems, hiredAgain },
    createdAt: row.createdAt.toISOString(),
    startsAt: row.startsAt.toISOString(),
    contain: clockOf(row, "contain"),
    complete: clockOf(row, "complete"),
    closedAt: iso(row.closedAt),
    cancelledAt: iso(row.cancelledAt),
    steps: { total: row.steps, gone: row.gone, troubled: row.troubled },
  };
}

/** One run with its receipt, as the API answers it. @throws AppError `not_found`, `forbidden` */
export async function answerOf(actor: Actor, { id }: { id: string }): Promise<OffboardingAnswer> {
  const run = await getOffboarding(actor, { id });
  const { waitsFor } = await getProgress(actor, { id });
  const { emergency, holdDays, consumers, tombstone, moved, may } = run;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...runOf(run),
    ...{ emergency, holdDays, consumers, tombstone, moved, may, waitsFor },
    receipt: run.stepList.map(({ state, ...step }) => ({
      ...step,
      status: state,
      orderedAt: iso(step.orderedAt),
      acknowledgedAt: iso(step.acknowledgedAt),
      verifiedAt: iso(step.verifiedAt),
      probedAt: iso(step.probedAt),
      notBefore: iso(step.notBefore),
      nextTryAt: iso(step.nextTryAt),
      keptUntil: iso(step.keptUntil),
    })),
    rehires: run.rehires.map(({ state, since, proposedAt, decidedAt, ...rehire }) => ({
      ...rehire,
      ...{ status: state, since: since.toISOString(), proposedAt: proposedAt.toISOString(), decidedAt: iso(decidedAt) },
    })),
    items: run.items.map(({ open, subjectId: _, ...item }) => ({
      ...item,
      keepUntil: iso(item.keepUntil),
      decidedAt: iso(item.decidedAt),
      status: open ? ("open" as const) : ("settled" as const),
    })),
  };
}
