import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const table = readFileSync("docs/security/asvs.md", "utf8");

test("every test that the ASVS table names exists", () => {
  const named = [...table.matchAll(/`([\w/.-]+\.(?:test|spec)\.ts)`/g)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(30);
  expect([...new Set(named)].filter((file) => !existsSync(file))).toEqual([]);
});

test("every row that says proven names what proves it", () => {
  const rows = table.split("\n").filter((line) => /\| proven/.test(line));
  expect(rows.filter((row) => !/`[^`]+\.(test|spec)\.ts`/.test(row))).toEqual([]);
});
