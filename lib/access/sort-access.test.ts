import fc from "fast-check";
import { expect, test } from "vitest";
import { type AccessOrder, type AccessPage, accessOrders, type IdentityAccessEntry, isAccessOrder } from "./schema";
import { sortedPage } from "./sort-access";

const uses = fc.oneof(
  fc.constant({ state: "unknown" as const, at: null, since: null, because: "no log" }),
  fc.constant({ state: "not_used" as const, at: null, since: "2026-01-01T00:00:00.000Z", because: null }),
  fc.nat(1_000_000).map((seconds) => ({
    state: "used" as const,
    at: new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString(),
    since: null,
    because: null,
  })),
);
const entries: fc.Arbitrary<IdentityAccessEntry[]> = fc.array(
  fc.record({
    key: fc.uuid(),
    permission: fc.constantFrom("SELECT", "UPDATE", "read", "admin"),
    privilege: fc.integer({ min: 1, max: 4 }),
    condition: fc.constant(null),
    paths: fc.constant([]),
    morePaths: fc.constant(0),
    morePathsCapped: fc.constant(false),
    lastUse: uses,
    justifications: fc.constant([]),
    pattern: fc.constant(false),
    resource: fc.record({
      id: fc.uuid(),
      connection: fc.constant("warehouse"),
      type: fc.constant("table"),
      name: fc.string({ maxLength: 8 }),
      externalId: fc.constant("x"),
    }),
  }),
  { maxLength: 60 },
);
const orders = fc.constantFrom(...accessOrders.flatMap((order): AccessOrder[] => [order, `-${order}`]));

test("the pages of an order hold every entry once, and one order is the other turned round in what it compares", () => {
  fc.assert(
    fc.property(entries, orders, fc.integer({ min: 1, max: 20 }), (all, sort, limit) => {
      const read: IdentityAccessEntry[] = [];
      for (let after: string | null = "0"; after !== null; ) {
        const page: AccessPage<IdentityAccessEntry> = sortedPage(all, { sort, after: Number(after), limit });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        read.push(...page.items);
        after = page.nextCursor;
      }
      expect(read.map((entry) => entry.key).sort()).toEqual(all.map((entry) => entry.key).sort());
    }),
  );
});

test("the most used comes before the not used, and that before the unknown", () => {
  fc.assert(
    fc.property(entries, (all) => {
      const rank = { used: 2, not_used: 1, unknown: 0 };
      const { items } = sortedPage(all, { sort: "-lastUse", after: 0, limit: all.length + 1 });
      const ranks = items.map((entry) => rank[entry.lastUse.state]);
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    }),
  );
});

test("only an order that there is counts as one", () => {
  expect(["privilege", "-lastUse"].every(isAccessOrder)).toBe(true);
  expect(["because", "--privilege", "", undefined].some(isAccessOrder)).toBe(false);
});
