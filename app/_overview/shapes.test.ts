import { expect, test } from "vitest";
import {
  areaPath,
  barHeight,
  placesOf,
  roundTop,
  seriesOf,
  signed,
  sparkPoints,
  stack,
  weekBefore,
  weekly,
} from "./shapes";

const history = [
  { day: "2026-11-01", key: "a", value: 3 },
  { day: "2026-11-08", key: "a", value: 5 },
  { day: "2026-11-08", key: "b", value: 2 },
  { day: "2026-11-15", key: "b", value: 1 },
];

test("a day without a value keeps the one before it, and none is nought", () => {
  expect(seriesOf(history, ["a", "b"])).toEqual({
    days: ["2026-11-01", "2026-11-08", "2026-11-15"],
    series: [
      { key: "a", values: [3, 5, 5] },
      { key: "b", values: [0, 2, 1] },
    ],
  });
});

test("stacked series stand on each other, and the path goes around the area", () => {
  const stacked = stack(seriesOf(history, ["a", "b"]).series);
  expect(stacked[1]).toEqual({ key: "b", lower: [3, 5, 5], upper: [3, 7, 6] });
  expect(areaPath([0, 50, 100], stacked[1]?.lower ?? [], stacked[1]?.upper ?? [], 10)).toBe(
    "M0 70L50 30L100 40L100 50L50 50L0 70Z",
  );
  expect(placesOf(["2026-11-01", "2026-11-02", "2026-11-05"])).toEqual([0, 25, 100]);
  expect(placesOf(["2026-11-01"])).toEqual([0]);
});

test.each([
  [0, 1],
  [1, 1],
  [3, 3],
  [21, 25],
  [26, 30],
  [100, 100],
  [2914, 3000],
])("an axis for %i ends at %i", (most, top) => {
  expect(roundTop(most)).toBe(top);
});

test("a week before is the last day that is at least seven days older, or nothing", () => {
  const { days, series } = seriesOf(history, ["a"]);
  expect(weekBefore(days, series[0]?.values ?? [])).toBe(5);
  expect(weekBefore(["2026-11-15"], [4])).toBeNull();
  expect(weekBefore([], [])).toBeNull();
});

test("differences carry their sign, sparklines their span, bars at least a hair", () => {
  expect([signed(1200), signed(-4), signed(0)]).toEqual(["+1,200", "−4", "0"]);
  expect(sparkPoints([1, 3, 2], 60, 10)).toBe("0,10 30,0 60,5");
  expect(sparkPoints([4, 4], 60, 10)).toBe("0,5 60,5");
  expect([barHeight(0, 10), barHeight(1, 10_000), barHeight(5, 10)]).toEqual([0, 1.5, 50]);
});

test("a sparkline takes one day a week, the last among them", () => {
  const days = Array.from({ length: 15 }, (_, i) => `2026-11-${String(i + 1).padStart(2, "0")}`);
  expect(
    weekly(
      days,
      days.map((_, i) => i),
    ),
  ).toEqual([0, 7, 14]);
  expect(weekly([], [])).toEqual([]);
});
