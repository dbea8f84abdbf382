import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { permissions } from "../auth/permissions";
import { actions } from "./endings";

const sources = ["lib", "app", "worker", "bin"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
    .filter((file) => !/(^|\/)test-|\.test\.ts$/.test(file))
    .map((file) => path.join(folder, file)),
);

// A refused attempt is told by the name of its permission, and takes nothing back.
const refusals = new Set(Object.keys(permissions).map((permission) => permission.replace(":", ".")));

test("every action that is recorded says whether it takes something back", () => {
  const recorded = new Set<string>();
  for (const file of sources) {
    const text = readFileSync(file, "utf8");
    if (!/record(All|Attempt)?\(/.test(text) && !file.endsWith("end-locked.ts")) continue;
    for (const [, written = ""] of text.matchAll(/\baction\s*[:=]\s*([^;]*?)(?:,\n|;|\n\s*\}|, target)/g))
      for (const [, action = ""] of written.matchAll(/"([a-z_]+\.[a-z_]+)"/g)) recorded.add(action);
  }
  expect(recorded.size).toBeGreaterThan(80);
  expect([...recorded].filter((action) => !(action in actions) && !refusals.has(action))).toEqual([]);
});

test("no action is listed that nothing records", () => {
  const all = sources
    .filter((file) => !file.endsWith("audit/endings.ts"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const made = ["record_destination.", "delivery."];
  const gone = Object.keys(actions).filter(
    (action) => !all.includes(`"${action}"`) && !made.some((of) => action.startsWith(of)),
  );
  expect(gone).toEqual([]);
});
