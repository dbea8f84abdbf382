// The only place that asks the machine for the time, so that a test can set it.
let offsetMs = 0;
let fixedMs: number | null = null;

/** The time now. Never call `Date.now()` or `new Date()` elsewhere. */
export function now(): Date {
  return new Date(nowMs());
}

/** The time now in milliseconds since 1970 UTC. */
export function nowMs(): number {
  return fixedMs ?? Date.now() + offsetMs;
}

/** The time at which a test stopped the clock, or null where it runs. */
export function stoppedAt(): Date | null {
  return fixedMs === null ? null : new Date(fixedMs);
}

/** For tests: stops the clock at `at`, or lets it run again with `null`. */
export function setClock(at: Date | null): void {
  fixedMs = at === null ? null : at.getTime();
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
