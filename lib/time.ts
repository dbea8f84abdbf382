// The only place that asks the machine for the time, so that a test can set it.
let offsetMs = 0;
let fixedMs: number | null = null;
let livesElsewhere = false;

/** The time now. Never call `Date.now()` or `new Date()` elsewhere. */
export function now(): Date {
  return new Date(nowMs());
}

/** The time now in milliseconds since 1970 UTC. */
export function nowMs(): number {
  return fixedMs ?? Date.now() + offsetMs;
}

/** The time now where this process lives in another time than everybody else: a test stopped it, or it replays the past. */
export function ownTime(): Date | null {
  return fixedMs === null && !livesElsewhere ? null : now();
}

/** For tests: stops the clock at `at`, or lets it run again with `null`. */
export function setClock(at: Date | null): void {
  fixedMs = at === null ? null : at.getTime();
}

/** For replaying the past: the clock runs from `at`, at its usual pace; `null` brings it back to the present. */
export function runClockFrom(at: Date | null): void {
  fixedMs = null;
  livesElsewhere = at !== null;
  offsetMs = at === null ? 0 : at.getTime() - Date.now();
}

/** For tests: moves a running clock by `ms`. */
export function shiftClock(ms: number): void {
  offsetMs = ms;
}

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** `at` moved by `ms`. */
export function plus(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
