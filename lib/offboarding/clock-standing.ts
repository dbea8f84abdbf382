import type { RunKind } from "./schema";
import type { OffboardingState } from "./states";

/** How a clock of a run stands against its target: not due yet, proven in time, proven late, or late and not proven yet. */
export const clockStandings = ["within", "met", "missed", "late"] as const;
export type ClockStanding = (typeof clockStandings)[number];

export const clockNames = ["contain", "complete"] as const;
export type ClockName = (typeof clockNames)[number];

export type RunClocks = {
  kind: RunKind;
  state: OffboardingState;
  shutAt: Date;
  containBy: Date | null;
  containedAt: Date | null;
  completeBy: Date | null;
  completedAt: Date | null;
};

/**
 * How one clock of a run stands at `at`, and by how many milliseconds it is late; null where none goes: what has not begun
 * or was undone, and somebody who moves, of whom nothing is shut.
 */
export function standingOf(
  run: RunClocks,
  clock: ClockName,
  at: Date,
): { standing: ClockStanding; tookMs: number | null; lateMs: number } | null {
  const [by, done] = clock === "contain" ? [run.containBy, run.containedAt] : [run.completeBy, run.completedAt];
  if (by === null || run.kind === "mover" || run.state === "cancelled") return null;
  if (done === null && run.shutAt > at) return null;
  const lateMs = Math.max(0, (done ?? at).getTime() - by.getTime());
  const inTime = done === null ? "within" : "met";
  const tooLate = done === null ? "late" : "missed";
  const tookMs = done === null ? null : Math.max(0, done.getTime() - run.shutAt.getTime());
  return { standing: lateMs > 0 ? tooLate : inTime, tookMs, lateMs };
}
