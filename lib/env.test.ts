import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseEnv, settingNames } from "./env";

test("the page on configuration tells of every setting, with its default, and of no other", async () => {
  const page = await readFile("docs/configuration.md", "utf8");
  const told = new Map(
    [...page.matchAll(/^\| `([A-Z_]+)` *\| *(?:`(.*?)`)? *\|/gm)].map((row) => [row[1], row[2] ?? ""]),
  );
  expect([...told.keys()].sort()).toEqual([...settingNames].sort());
  const defaults = parseEnv({}) as Record<string, unknown>;
  for (const [name, value] of told) expect(`${name}=${value}`).toBe(`${name}=${defaults[name ?? ""] ?? ""}`);
});

test("a bad setting is refused in one line that names it", () => {
  expect(() => parseEnv({ PORT: "three" })).toThrow(/^PORT /);
  expect(() => parseEnv({ ROLLCALL_ENCRYPTION_KEY: "c2hvcnQ=" })).toThrow(
    "ROLLCALL_ENCRYPTION_KEY must be 32 bytes in base64",
  );
  expect(() => parseEnv({ DATABASE_URL: "mysql://db/x" })).toThrow("DATABASE_URL must begin with postgresql://");
});

test("an empty setting counts as absent", () => {
  const settings = parseEnv({ PORT: "", DATABASE_URL: "" });
  expect([settings.PORT, settings.DATABASE_URL]).toEqual([3000, undefined]);
});
