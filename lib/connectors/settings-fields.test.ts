import { expect, test } from "vitest";
import { z } from "zod";
import { settingsFields } from "./settings-fields";
import { settingsValue } from "./typed-settings";

const schema = z.object({
  host: z.string().min(1).max(255).meta({ title: "Host", description: "Name of the server." }),
  port: z.coerce.number().int().min(1).max(65535).default(5432),
  mode: z.enum(["all", "one"]).default("all"),
  include: z.array(z.string()).default([]),
  ca: z.string().max(100_000).default(""),
  strict: z.boolean().default(false),
  mapping: z.record(z.string(), z.unknown()).optional(),
});
const fields = settingsFields(schema);
const field = (name: string) => {
  const found = fields.find((candidate) => candidate.name === name);
  if (!found) throw new Error(name);
  return found;
};

test("each setting becomes a field of its kind, in the schema's order", () => {
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ["host", "text"],
    ["port", "number"],
    ["mode", "choice"],
    ["include", "list"],
    ["ca", "longtext"],
    ["strict", "boolean"],
    ["mapping", "json"],
  ]);
  expect(field("host")).toMatchObject({ title: "Host", description: "Name of the server.", required: true });
  expect(field("port")).toMatchObject({ title: "port", required: false, defaultValue: 5432 });
  expect(field("mode").options).toEqual(["all", "one"]);
});

test("what was typed reaches the schema as it expects it, and nothing typed leaves the default", () => {
  const typed = {
    host: " db1 ",
    port: "5433",
    mode: "one",
    include: "a, b\nc,,",
    ca: "",
    strict: "true",
    mapping: '{"x":1}',
  };
  const values = Object.entries(typed).map(([name, text]) => [name, settingsValue(field(name), text)]);
  expect(schema.parse(Object.fromEntries(values))).toEqual({
    host: "db1",
    port: 5433,
    mode: "one",
    include: ["a", "b", "c"],
    ca: "",
    strict: true,
    mapping: { x: 1 },
  });
});

test("what does not fit is left for the schema to refuse by its field", () => {
  const refused = schema.safeParse({ host: "db1", port: settingsValue(field("port"), "many") });
  expect(refused.error?.issues[0]?.path).toEqual(["port"]);
});
