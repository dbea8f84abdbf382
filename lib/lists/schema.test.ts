import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyState, type ListDefinition, type ListState, parseState, serializeState, timeOf } from "./schema";

const list: ListDefinition = {
  page: "things",
  noun: { one: "thing", many: "things" },
  fields: [
    {
      name: "kind",
      label: "Kind",
      kind: "choice",
      options: ["bot", "human", "workload"].map((value) => ({ value, label: value })),
      description: "",
    },
    { name: "connection", label: "System", kind: "reference", description: "" },
    { name: "seen", label: "First seen", kind: "time", description: "" },
    { name: "privileged", label: "Privileged", kind: "flag", description: "" },
  ],
  columns: ["name", "owner", "seen"].map((name) => ({ name, label: name, shown: true })),
  sorts: ["name", "seen"],
  defaultSort: "name",
};

const subsetOf = (values: string[]) => fc.subarray(values, { minLength: 1 });
const filters = fc
  .record(
    {
      kind: fc.record({ not: fc.boolean(), values: subsetOf(["bot", "human", "workload"]) }),
      connection: fc.record({
        not: fc.boolean(),
        values: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }), {
          minLength: 1,
          maxLength: 5,
        }),
      }),
      seen: fc.record({
        not: fc.boolean(),
        values: fc.constantFrom("7d", "2026-03-01", "365d").map((one) => [one]),
      }),
      privileged: fc.record({ not: fc.constant(false), values: fc.constantFrom("true", "false").map((one) => [one]) }),
    },
    { requiredKeys: [] },
  )
  .map((given) => Object.entries(given).map(([field, filter]) => ({ field, ...filter })));

const states: fc.Arbitrary<ListState> = fc.record({
  q: fc.string({ maxLength: 50, unit: "grapheme" }),
  filters,
  sort: fc.record({ by: fc.constantFrom("name", "seen"), descending: fc.boolean() }),
  columns: fc.option(subsetOf(["name", "owner", "seen"])),
  place: fc.option(
    fc.record({
      cursor: fc.base64String({ minLength: 4, maxLength: 40 }),
      way: fc.constantFrom("after" as const, "before" as const),
    }),
  ),
  widths: fc.dictionary(fc.constantFrom("name", "owner"), fc.integer({ min: 64, max: 960 })),
  rowsBefore: fc.constant(0),
});

test("an address says a list completely: what is written is read back the same", () => {
  fc.assert(
    fc.property(states, fc.nat(100_000), (given, rows) => {
      const state = { ...given, rowsBefore: given.place ? rows : 0 };
      const query = serializeState(list, state);
      const read = parseState(list, Object.fromEntries(new URLSearchParams(query)));
      expect(read.problems).toEqual([]);
      expect(read.state).toEqual(state);
      expect(serializeState(list, read.state)).toBe(query);
    }),
  );
});

test("any address at all is read without an error, and what is not understood is said", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(
          "q",
          "kind",
          "connection",
          "seen",
          "privileged",
          "sort",
          "columns",
          "after",
          "from",
          "__proto__",
        ),
        fc.oneof(fc.string(), fc.array(fc.string())),
      ),
      (params) => {
        const { state } = parseState(list, params);
        expect(parseState(list, Object.fromEntries(new URLSearchParams(serializeState(list, state)))).state).toEqual(
          state,
        );
      },
    ),
  );
  const { state, problems } = parseState(list, { kind: "robot", sort: "password", seen: "2026-99-99" });
  expect(state).toEqual(emptyState(list));
  expect(problems).toHaveLength(3);
});

test("a list as it is needs no word in the address", () => {
  expect(serializeState(list, emptyState(list))).toBe("");
});

test("a span counts back from now, a date is its first moment in UTC", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  expect(timeOf("7d", now).toISOString()).toBe("2026-11-13T12:00:00.000Z");
  expect(timeOf("2026-03-01", now).toISOString()).toBe("2026-03-01T00:00:00.000Z");
});
