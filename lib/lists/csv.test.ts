import fc from "fast-check";
import { expect, test } from "vitest";
import { csvParser } from "../connectors/csv/parse-csv";
import { unguardFormula } from "../connectors/formula-text";
import { csvCell, csvLine } from "./csv";

const dangerous = fc
  .tuple(fc.constantFrom("=", "+", "-", "@", "\t", "\r", '"', ",", "\n", "'"), fc.string({ unit: "binary" }))
  .map(([first, rest]) => first + rest);
const cells = fc.array(fc.oneof(dangerous, fc.string({ unit: "binary" })), { minLength: 1, maxLength: 8 });

test("no cell begins as a formula, whatever it holds", () => {
  fc.assert(
    fc.property(dangerous, (text) => {
      const inside = csvCell(text).slice(1, -1);
      expect(/^[=+\-@\t\r]/.test(inside)).toBe(false);
    }),
  );
  expect(csvCell("=HYPERLINK(1)")).toBe(`"'=HYPERLINK(1)"`);
});

test("what was written is read back exactly, guarded formulas too", () => {
  fc.assert(
    fc.property(cells, (given) => {
      const values = given.map((text) => text.toWellFormed().replaceAll("\u0000", "\ufffd"));
      const parser = csvParser(",");
      const [row] = parser.push(csvLine(values));
      expect(row?.cells.map(unguardFormula)).toEqual(values);
    }),
  );
});

test("times are RFC 3339, lists are joined, nothing is an empty cell", () => {
  expect(csvLine([new Date(0), ["a", "b"], null, 7])).toBe('"1970-01-01T00:00:00.000Z","a; b","","7"\r\n');
});
