import { expect, test } from "vitest";
import { assertKeepable } from "./keepable";

test.each([
  ["a\u0000b", ""],
  [{ reason: "half of a pair: \ud800" }, "reason"],
  [{ items: [{ id: "fine" }, { id: "\udc00" }] }, "items.1.id"],
  [{ settings: { "a\u0000": 1 } }, "settings."],
])("%j is refused, and where it is said", (value, field) => {
  expect(() => assertKeepable(value)).toThrowError(expect.objectContaining({ code: "invalid", field }));
});

test("whole characters, numbers, dates and nothing are let through", () => {
  for (const value of [
    "🙂 \u2028 \u202e <b>",
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    new Date(),
    { a: [true, { b: "é" }] },
  ])
    assertKeepable(value);
});
