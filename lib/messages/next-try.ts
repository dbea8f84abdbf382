import { dayMs, hourMs, plus, secondMs } from "../time";

/** A delivery that did not arrive after this long has failed, and says so. */
export const giveUpAfterMs = 3 * dayMs;
const firstWaitMs = 10 * secondMs;
const longestWaitMs = 4 * hourMs;
/** The longest that a server may make us wait by its own word. */
const longestAskedMs = 6 * hourMs;

/**
 * When to try again after `attempts` failures: twice as long each time up to four hours, somewhere in the upper half of
 * that, so that many do not come back at once; never before the server asked to be left alone. Pure.
 * @param dice a number from 0 to 1.
 */
export function nextTryAt(failure: { at: Date; attempts: number; retryAfter: string | null; dice: number }): Date {
  const { at, attempts, retryAfter, dice } = failure;
  const wholeMs = Math.min(firstWaitMs * 2 ** Math.min(attempts - 1, 30), longestWaitMs);
  const waitMs = wholeMs * (0.5 + dice / 2);
  return plus(at, Math.max(waitMs, askedMs(retryAfter, at)));
}

/**
 * How long a `Retry-After` asks to wait (RFC 9110, section 10.2.3): seconds or a date, at most six hours; 0 for what is
 * neither, or lies in the past. Pure.
 */
export function askedMs(header: string | null, at: Date): number {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * secondMs, longestAskedMs);
  // A date begins with its day; Date.parse takes much else for one.
  const untilMs = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(untilMs)) return 0;
  return Math.min(Math.max(untilMs - at.getTime(), 0), longestAskedMs);
}
