import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isBuildCurrent, sourceStamp } from "./build-product";
import { marksOf } from "./file-marks.mjs";

let root: string;
const at = (...parts: string[]) => path.join(root, ...parts);
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), "rollcall-build-"));
  for (const folder of ["app/people", "lib", ".next"]) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("app", "people", "page.tsx"), "one");
  writeFileSync(at("lib", "names.ts"), "two");
  writeFileSync(at(".next", "BUILD_ID"), "id");
  writeFileSync(at(".next", "rollcall-stamp"), await sourceStamp(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const marks = () => readFileSync(at(".next", "rollcall-marks"), "utf8");

test("a build is current until a source is written, also when size and time of writing are the same", async () => {
  expect(await isBuildCurrent(root)).toBe(true);
  const before = marks();
  expect(await isBuildCurrent(root)).toBe(true);
  const then = new Date("2026-01-01T00:00:00Z");
  utimesSync(at("app", "people", "page.tsx"), then, then);
  expect(await isBuildCurrent(root)).toBe(true);
  expect(marks()).not.toBe(before);
  writeFileSync(at("app", "people", "page.tsx"), "two");
  utimesSync(at("app", "people", "page.tsx"), then, then);
  expect(await isBuildCurrent(root)).toBe(false);
  writeFileSync(at("app", "people", "page.tsx"), "one");
  expect(await isBuildCurrent(root)).toBe(true);
});

test.each<[string, () => void]>([
  ["a file more", () => writeFileSync(at("lib", "more.ts"), "")],
  ["a file fewer", () => rmSync(at("lib", "names.ts"))],
  ["a folder fewer", () => rmSync(at("lib"), { recursive: true })],
  ["a file of another name", () => cpSync(at("lib", "names.ts"), at("app", "names.ts"))],
  ["a build that was cut off", () => rmSync(at(".next", "BUILD_ID"))],
  ["a build by another hand", () => writeFileSync(at(".next", "rollcall-stamp"), "another")],
])("with %s the build is not current, though its marks were kept", async (_, change) => {
  expect(await isBuildCurrent(root)).toBe(true);
  change();
  expect(await isBuildCurrent(root)).toBe(false);
});

test("a name that is not there is a mark too", () => {
  const before = marksOf(root, ["app", "proxy.ts"]);
  expect(marksOf(root, ["app", "proxy.ts"])).toBe(before);
  writeFileSync(at("proxy.ts"), "");
  expect(marksOf(root, ["app", "proxy.ts"])).not.toBe(before);
});
