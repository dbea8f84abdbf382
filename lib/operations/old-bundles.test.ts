import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { removeOldBundles } from "./old-bundles.mjs";

test("bundles that nothing names are removed after a day, and nothing else is", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "bundles-"));
  const at = (name: string) => path.join(folder, name);
  const old = ["start-AAAAAAAA.js", "part-BBBBBBBB.js", "worker-CCCCCCCC.js", "notes.js", "build.log"];
  for (const name of [...old, "part-DDDDDDDD.js"]) writeFileSync(at(name), "");
  for (const name of old) utimesSync(at(name), 1_000, 1_000);
  writeFileSync(at("worker.json"), JSON.stringify({ marks: "x", files: ["worker-CCCCCCCC.js"] }));
  writeFileSync(at("broken.json"), "{");
  removeOldBundles(folder, Date.now());
  const there = [...old, "part-DDDDDDDD.js", "worker.json"].filter((name) => existsSync(at(name)));
  rmSync(folder, { recursive: true });
  expect(there).toEqual(["worker-CCCCCCCC.js", "notes.js", "build.log", "part-DDDDDDDD.js", "worker.json"]);
});
