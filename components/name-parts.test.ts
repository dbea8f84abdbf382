import fc from "fast-check";
import { expect, test } from "vitest";
import { nameParts, visibleName } from "./name-parts";

test("head and tail together are the whole name, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (name) => {
      const { head, tail } = nameParts(name);
      expect(head + tail).toBe(visibleName(name));
    }),
  );
});

test("a long name keeps its end", () => {
  expect(nameParts("nordwind/payments: deploy-prod").tail).toBe("eploy-prod");
  expect(nameParts("svc-billing")).toEqual({ head: "svc-billing", tail: "" });
});

test("a character that people see as one is never cut", () => {
  const family = "👩‍👩‍👧‍👦";
  const { head, tail } = nameParts(`${"a".repeat(30)}${family.replaceAll("\u200d", "")}12345678`);
  expect((head + tail).includes("\ufffd")).toBe(false);
  expect(tail.isWellFormed()).toBe(true);
});

test("a right-to-left override and invisible characters are shown, not obeyed", () => {
  expect(visibleName("invoice\u202Efdp.exe")).toBe("invoice⟨202E⟩fdp.exe");
  expect(visibleName("ad\u200Bmin\u0000")).toBe("ad⟨200B⟩min⟨0000⟩");
});

test("the code point of a hidden character is not cut in two", () => {
  for (const end of ["gpj.exe", "gpj", "aaaaaaaa", "aaaaaaaaaaaa"]) {
    const { head, tail } = nameParts(`${"a".repeat(30)}\u202E${end}`);
    expect([head, tail].some((part) => part.includes("\u27e8202E\u27e9"))).toBe(true);
  }
});

test("right-to-left names stay in one piece", () => {
  expect(nameParts("مستخدم خدمة الفواتير الرئيسية").tail).toBe("");
});
