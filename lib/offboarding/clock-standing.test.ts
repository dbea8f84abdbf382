import { expect, test } from "vitest";
import { standingOf } from "./clock-standing";

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 22, 12, minutes));
const run = {
  kind: "person" as const,
  state: "verifying" as const,
  shutAt: at(0),
  containBy: at(1),
  containedAt: null,
  completeBy: at(30),
  completedAt: null,
};

test("a clock is on time until its target, late from then on, and says afterwards how it went", () => {
  expect(standingOf(run, "contain", at(1))).toEqual({ standing: "within", tookMs: null, lateMs: 0 });
  expect(standingOf(run, "contain", at(3))).toEqual({ standing: "late", tookMs: null, lateMs: 120_000 });
  expect(standingOf(run, "complete", at(3))).toMatchObject({ standing: "within" });
  const met = { ...run, containedAt: at(1) };
  expect(standingOf(met, "contain", at(50))).toEqual({ standing: "met", tookMs: 60_000, lateMs: 0 });
  const missed = { ...run, completedAt: at(31) };
  expect(standingOf(missed, "complete", at(50))).toEqual({ standing: "missed", tookMs: 31 * 60_000, lateMs: 60_000 });
});

test("no clock goes of what has not begun or was undone, is to be shut later, or moves", () => {
  expect(standingOf({ ...run, containBy: null }, "contain", at(50))).toBe(null);
  expect(standingOf({ ...run, state: "cancelled" }, "contain", at(50))).toBe(null);
  expect(standingOf({ ...run, shutAt: at(10) }, "contain", at(5))).toBe(null);
  expect(standingOf({ ...run, kind: "mover" }, "complete", at(50))).toBe(null);
});
