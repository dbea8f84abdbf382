import { expect, test } from "vitest";
import { durationWords } from "./labels";

test("a length of access is told in its two largest units, and never rounded past what may be asked for", () => {
  const told: Record<string, number> = {
    "1 s": 1,
    "45 s": 45,
    "1 min": 60,
    "1 min 30 s": 90,
    "30 min": 1_800,
    "1 h": 3_600,
    "1 h 12 min": 4_320,
    "1 d": 86_400,
    "1 d 6 h": 108_000,
    "3 d": 3 * 86_400,
    "90 d": 90 * 86_400,
  };
  expect(Object.fromEntries(Object.values(told).map((seconds) => [durationWords(seconds), seconds]))).toEqual(told);
});
