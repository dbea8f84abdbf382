import { expect, test } from "vitest";
import { tookWords } from "./span-words";

test.each([
  [0, "0.00 s"],
  [380, "0.38 s"],
  [9_990, "9.99 s"],
  [14_230, "14.2 s"],
  [59_000, "59.0 s"],
  [440_000, "7 min"],
  [90_000_000, "1 d"],
])("%d ms took %s", (ms, words) => {
  expect(tookWords(ms)).toBe(words);
});
