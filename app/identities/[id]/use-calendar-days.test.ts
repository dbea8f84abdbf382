import { expect, test } from "vitest";
import { calendarOf } from "./use-calendar-days";

const calendar = (days: { day: string; uses: number }[], since: string | null) => ({
  from: "2025-11-16",
  to: "2026-11-20",
  days,
  coverage: [{ connection: "w", complete: since !== null, since, because: null }],
});

test("every day of the span has one square, under its weekday", () => {
  const { weeks } = calendarOf(calendar([], null));
  const days = weeks.flat();
  expect(days).toHaveLength(370);
  expect(days[0]).toMatchObject({ day: "2025-11-16", weekday: 6 });
  expect(days.at(-1)).toMatchObject({ day: "2026-11-20", weekday: 4 });
  expect(weeks.every((week) => new Set(week.map((day) => day.weekday)).size === week.length)).toBe(true);
});

test("a day without use is empty only where somebody watched; before that it is not known", () => {
  const { weeks } = calendarOf(calendar([{ day: "2026-01-05", uses: 2 }], "2026-03-01"));
  const level = (day: string) => weeks.flat().find((one) => one.day === day)?.level;
  expect(level("2026-02-28")).toBe("unwatched");
  expect(level("2026-03-01")).toBe(0);
  expect(level("2026-01-05")).toBe(4);
});

test("levels are quarters of the busiest day", () => {
  const uses = [1, 25, 26, 50, 75, 76, 100];
  const days = uses.map((count, i) => ({ day: `2026-05-0${i + 1}`, uses: count }));
  const { weeks, busiest, activeDays } = calendarOf(calendar(days, "2026-01-01"));
  const levels = weeks
    .flat()
    .filter((day) => day.uses > 0)
    .map((day) => day.level);
  expect(levels).toEqual([1, 1, 2, 2, 3, 4, 4]);
  expect(busiest).toEqual({ day: "2026-05-07", uses: 100 });
  expect(activeDays).toBe(7);
});
