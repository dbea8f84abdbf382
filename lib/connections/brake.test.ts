import { expect, test } from "vitest";
import { brakeOn } from "./brake";

const limits = { kindShare: 0.5, assignmentShare: 0.2 };

test.each([
  ["half of a kind passes", "resource", 50, 100, false],
  ["more than half of a kind stops", "resource", 51, 100, true],
  ["a fifth of the assignments passes", "assignment", 20, 100, false],
  ["more than a fifth of the assignments stops", "assignment", 21, 100, true],
  ["the only credential may go", "credential", 1, 1, false],
  ["four of four memberships are too few to alarm", "membership", 4, 4, false],
  ["five of five memberships stop", "membership", 5, 5, true],
  ["the last account stops, however few there were", "principal", 1, 1, true],
  ["nothing held is nothing lost", "principal", 0, 0, false],
])("%s", (_, kind, removed, of, stops) => {
  expect(brakeOn([{ kind, removed, of, examples: [] }], limits) !== null).toBe(stops);
});

test("a tighter brake for kinds tightens that for assignments too", () => {
  expect(
    brakeOn([{ kind: "assignment", removed: 11, of: 100, examples: [] }], { kindShare: 0.1, assignmentShare: 0.2 }),
  ).not.toBeNull();
});
