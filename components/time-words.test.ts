import { expect, test } from "vitest";
import { absoluteWords, clockWords, isZone, relativeWords, spanWords } from "./time-words";

const now = Date.parse("2026-11-20T13:32:00Z");
const at = (text: string) => relativeWords(Date.parse(text), now, "Europe/Berlin");

test.each([
  ["2026-11-20T13:31:58Z", "now"],
  ["2026-11-20T13:31:20Z", "40 s ago"],
  ["2026-11-20T13:21:00Z", "11 min ago"],
  ["2026-11-20T10:30:00Z", "3 h ago"],
  ["2026-11-19T10:30:00Z", "yesterday"],
  ["2026-11-18T13:40:00Z", "1 d ago"],
  ["2026-11-14T10:30:00Z", "6 d ago"],
  ["2026-11-13T13:31:00Z", "13 Nov"],
  ["2025-03-12T10:30:00Z", "12 Mar 2025"],
  ["2026-11-20T16:32:00Z", "in 3 h"],
  ["2027-01-03T16:32:00Z", "3 Jan 2027"],
])("%s is told as %s, relative only within seven days", (text, words) => {
  expect(at(text)).toBe(words);
});

test("the whole time names its zone, in winter and in summer", () => {
  expect(absoluteWords(now, "Europe/Berlin")).toBe("Fri, 20 Nov 2026, 14:32:00 CET");
  expect(absoluteWords(Date.parse("2026-06-01T10:00:00Z"), "Europe/London")).toBe("Mon, 1 Jun 2026, 11:00:00 BST");
  expect(clockWords(now, "Europe/Berlin")).toBe("14:32");
});

test("a span is told in its largest sensible unit", () => {
  const day = 86_400_000;
  expect([59_000, 3_600_000, 6 * day, 365 * day, 400 * day, 1_315 * day].map(spanWords)).toEqual([
    "59 s",
    "1 h",
    "6 d",
    "365 d",
    "1.0 y",
    "3.6 y",
  ]);
});

test("a zone that does not exist is refused", () => {
  expect(isZone("Europe/Berlin")).toBe(true);
  expect(isZone("<script>")).toBe(false);
});
