import { expect, test } from "vitest";
import { columnMapping } from "@/lib/connectors/file-mapping";
import { fieldsOf, mappingIn, sourceOf, withColumn } from "./mapping-fields";

const text = JSON.stringify({
  title: "People",
  rules: [
    {
      kind: "account",
      externalId: { column: "id" },
      status: { column: "state", words: { on: "active" } },
      displayName: { columns: ["first", "last"], join: " " },
    },
  ],
});

test("a field is taken from another column, and its translation stays", () => {
  const mapping = mappingIn(text);
  if (!mapping) throw new Error("the mapping is one");
  const changed = withColumn(mapping, { rule: 0, field: "status", column: "status" });
  expect(changed.rules[0]?.status).toEqual({ column: "status", words: { on: "active" } });
  expect(changed.rules[0]?.externalId).toEqual({ column: "id" });
  expect(columnMapping.safeParse(changed).success).toBe(true);
});

test("a field is taken from nothing, and one made of two columns is said to be", () => {
  const mapping = mappingIn(text);
  if (!mapping?.rules[0]) throw new Error("the mapping is one");
  expect(sourceOf(mapping.rules[0], "displayName")).toEqual({ from: "other", words: "first and last" });
  const changed = withColumn(mapping, { rule: 0, field: "displayName", column: null });
  expect(changed.rules[0] && "displayName" in changed.rules[0]).toBe(false);
});

test("what is no mapping of columns is left to the expert", () => {
  expect(mappingIn("{")).toBeNull();
  expect(mappingIn('{"format":"rollcall"}')).toBeNull();
  expect(mappingIn('{"rules":[{"kind":"constructor"}]}')).toBeNull();
});

test("a rule of only the required fields of the form is a whole one", () => {
  for (const [kind, fields] of Object.entries(fieldsOf)) {
    const required = fields.filter((field) => "required" in field).map(({ name }) => [name, { column: "a" }]);
    const rule = { kind, ...Object.fromEntries(required) };
    expect(columnMapping.safeParse({ rules: [rule] }).success, kind).toBe(true);
    const all = { kind, ...Object.fromEntries(fields.map(({ name }) => [name, { column: "a" }])) };
    expect(columnMapping.safeParse({ rules: [all] }).success, kind).toBe(true);
  }
});
