import fc from "fast-check";
import { expect, test } from "vitest";
import { hourMs } from "../time";
import { askedMs, nextTryAt } from "./next-try";

const at = new Date("2026-11-21T12:00:00Z");
const waitMs = (attempts: number, dice: number, retryAfter: string | null = null) =>
  nextTryAt({ at, attempts, dice, retryAfter }).getTime() - at.getTime();

test("each wait is twice the one before, up to four hours, in the upper half of it", () => {
  expect([1, 2, 3, 4].map((attempts) => waitMs(attempts, 1))).toEqual([10_000, 20_000, 40_000, 80_000]);
  expect(waitMs(1, 0)).toBe(5_000);
  expect(waitMs(1_000, 1)).toBe(4 * hourMs);
});

test.each([
  ["120", 120_000],
  ["0", 0],
  ["Sat, 21 Nov 2026 12:10:00 GMT", 600_000],
  ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
  ["99999999999999999999", 6 * hourMs],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 6 * hourMs],
  ["-5", 0],
  ["1e9", 0],
  ["soon", 0],
  ["", 0],
  ["Infinity", 0],
  ["2026", 2_026_000],
])("Retry-After: %s asks for %d ms", (header, ms) => expect(askedMs(header, at)).toBe(ms));

test("whatever a server answers, the next try is later than now, and never later than six hours", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.string(),
      (attempts, dice, header) => {
        const ms = waitMs(attempts, dice, header);
        expect(ms).toBeGreaterThanOrEqual(5_000);
        expect(ms).toBeLessThanOrEqual(6 * hourMs);
      },
    ),
  );
});

test("no try is made before the time that the server named", () => {
  expect(waitMs(1, 0, "3600")).toBe(hourMs);
});
