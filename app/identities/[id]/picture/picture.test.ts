import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccessStep, AccessUse, IdentityAccessEntry } from "@/lib/access/schema";
import { layOut, rowHeight, spread } from "./arrange";
import { fold } from "./fold";
import { graphOf } from "./graph";
import { pack } from "./packed";
import { plainSentence, sentenceOf } from "./sentence";
import { treeOf } from "./tree";
import { walk } from "./walk";

const used: AccessUse = { state: "used", at: "2026-11-20T10:00:00Z", since: null, because: null };
const notUsed: AccessUse = { state: "not_used", at: null, since: "2026-03-01T00:00:00Z", because: null };
const unknown: AccessUse = { state: "unknown", at: null, since: null, because: "no usage log" };
const counts = { accounts: 1, groups: 1, entitlements: 3, resources: 2, isCapped: false };
const identity = { id: "i", name: "svc-billing-export", kind: "service_account" };

const account = (name: string): AccessStep => ({ type: "account", id: `a:${name}`, name });
const group = (name: string, how: AccessStep["how"] = "inherits"): AccessStep => ({
  type: "group",
  id: `g:${name}`,
  name,
  how,
});
const grant: AccessStep = { type: "assignment", id: "1", name: "GRANT" };

function entry(
  permission: string,
  resource: string,
  paths: AccessStep[][],
  more: Partial<IdentityAccessEntry> = {},
): IdentityAccessEntry {
  return {
    key: `${permission}:${resource}`,
    permission,
    privilege: 1,
    condition: null,
    pattern: false,
    resource: { id: `r:${resource}`, connection: "warehouse", type: "table", name: resource, externalId: resource },
    paths: paths.map((path) => [...path, grant]),
    lastUse: unknown,
    justifications: [],
    morePaths: 0,
    morePathsCapped: false,
    ...more,
  };
}

const small = () =>
  pack(
    identity,
    [
      entry("UPDATE", "billing.invoices", [[account("billing_export"), group("analysts_rw")]], {
        privilege: 2,
        lastUse: used,
      }),
      entry("UPDATE", "billing.credit_notes", [[account("billing_export"), group("analysts_rw")]], {
        lastUse: notUsed,
      }),
      entry("SELECT", "billing.invoices", [
        [account("billing_export")],
        [account("billing_export"), group("base"), group("analysts_rw", "switches")],
      ]),
    ],
    counts,
  );

test("every route has five nodes, and each step of it is an edge", () => {
  const packed = small();
  const graph = graphOf(packed);
  packed.entries.forEach((packedEntry, index) => {
    packedEntry.paths.forEach((_, path) => {
      const ids = graph.idsOf({ entry: index, path });
      expect(ids.map((id) => graph.nodes.get(id)?.column)).toEqual([0, 1, 2, 3, 4]);
      for (let i = 1; i < 5; i++) expect(graph.edges.has(`${ids[i - 1]}>${ids[i]}`)).toBe(true);
    });
  });
});

test("an edge is used when any access over it was, and unknown rather than unused when one is not known", () => {
  const graph = graphOf(small());
  const state = (from: string, to: string) => graph.edges.get(`${from}>${to}`)?.state;
  expect(state("account:a:billing_export", "group:g:analysts_rw")).toBe("used");
  expect(state("entitlement:warehouse|UPDATE||", "resource:r:billing.credit_notes")).toBe("not_used");
  expect(state("account:a:billing_export", "direct:a:billing_export")).toBe("unknown");
});

test("one permission on many resources is one node that counts them by type", () => {
  const graph = graphOf(small());
  expect(graph.nodes.get("entitlement:warehouse|UPDATE||")).toMatchObject({ sub: "2 tables", privilege: 2, weight: 2 });
  expect(graph.nodes.get("direct:a:billing_export")).toMatchObject({ label: "directly" });
});

test("the sentence names each step, what is inherited and what must be become first", () => {
  const packed = small();
  expect(plainSentence(sentenceOf(packed, { entry: 0, path: 0 }))).toBe(
    "svc-billing-export signs in to warehouse as billing_export, a member of analysts_rw whose rights it inherits; that one holds UPDATE on billing.invoices.",
  );
  expect(plainSentence(sentenceOf(packed, { entry: 2, path: 0 }))).toBe(
    "svc-billing-export signs in to warehouse as billing_export, which holds SELECT on billing.invoices.",
  );
  expect(plainSentence(sentenceOf(packed, { entry: 2, path: 1 }))).toBe(
    "svc-billing-export signs in to warehouse as billing_export, a member of base, itself a member of analysts_rw, which it must first become; that one holds SELECT on billing.invoices.",
  );
});

const worlds = fc
  .array(
    fc.record({
      permission: fc.constantFrom("SELECT", "UPDATE", "DELETE", "s3:*", "admin", "owner", "EXECUTE", "USAGE"),
      resource: fc.integer({ min: 0, max: 400 }),
      account: fc.integer({ min: 0, max: 9 }),
      groups: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
      use: fc.constantFrom(used, notUsed, unknown),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((items) =>
    pack(
      identity,
      items.map((item) =>
        entry(
          item.permission,
          `t${item.resource}`,
          [[account(`a${item.account}`), ...item.groups.map((g) => group(`g${g}`))]],
          {
            lastUse: item.use,
          },
        ),
      ),
      counts,
    ),
  );

test("however much there is, a column shows at most its rows, the chosen path is whole, and nothing is lost", () => {
  fc.assert(
    fc.property(worlds, fc.integer({ min: 2, max: 8 }), fc.nat(), (packed, rows, pick) => {
      const graph = graphOf(packed);
      const chosen = graph.idsOf({ entry: pick % packed.entries.length, path: 0 });
      const folded = fold(graph, rows, chosen);
      const visible = folded.columns.flat();
      for (const column of folded.columns) expect(column.length).toBeLessThanOrEqual(rows);
      for (const id of chosen) expect(visible.some((node) => node.id === id)).toBe(true);
      const hidden = [...folded.folded.values()].flat();
      expect(visible.filter((node) => node.kind !== "more").length + hidden.length).toBe(graph.nodes.size);
      const ids = new Set(visible.map((node) => node.id));
      for (const edge of folded.edges) expect(ids.has(edge.from) && ids.has(edge.to)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("no two nodes of a column are nearer than a row, none is outside, and the same world is drawn the same", () => {
  fc.assert(
    fc.property(worlds, (packed) => {
      const folded = fold(graphOf(packed), 6, []);
      const layout = layOut(folded);
      expect(layOut(fold(graphOf(packed), 6, []))).toEqual(layout);
      for (let column = 0; column < 5; column++) {
        const ys = layout.nodes.filter((node) => node.column === column).map((node) => node.y);
        for (let i = 1; i < ys.length; i++)
          expect((ys[i] ?? 0) - (ys[i - 1] ?? 0)).toBeGreaterThanOrEqual(rowHeight - 1);
        for (const y of ys) {
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(layout.height);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("wished places that collide are moved apart in their order", () => {
  expect(spread([100, 100, 100], 230)).toEqual([100, 146, 192]);
  expect(spread([230, 230], 230)).toEqual([184, 230]);
  expect(spread([-20, 300], 230)).toEqual([0, 230]);
});

test("the arrow keys follow the chosen path to its end and back, and reach every node of a column", () => {
  const packed = small();
  const graph = graphOf(packed);
  const chosen = graph.idsOf({ entry: 0, path: 0 });
  const layout = layOut(fold(graph, 6, chosen));
  let at = chosen[0] ?? "";
  for (const expected of chosen.slice(1)) {
    at = walk(layout, at, "ArrowRight", chosen)?.id ?? "";
    expect(at).toBe(expected);
  }
  expect(walk(layout, at, "ArrowRight", chosen)).toBeNull();
  expect(walk(layout, at, "ArrowLeft", chosen)?.id).toBe(chosen[3]);
  const top = layout.nodes.find((node) => node.column === 4 && node.row === 0);
  expect(walk(layout, top?.id ?? "", "ArrowDown", [])?.row).toBe(1);
  expect(walk(layout, top?.id ?? "", "ArrowUp", [])).toBeNull();
});

test("three thousand entitlements are packed, folded and laid out well within a second", () => {
  const entries = Array.from({ length: 3000 }, (_, i) =>
    entry(["SELECT", "UPDATE", "DELETE"][i % 3] ?? "", `t${i}`, [[account(`a${i % 4}`), group(`g${i % 40}`)]]),
  );
  const packed = pack(identity, entries, counts);
  const started = performance.now();
  const graph = graphOf(packed);
  layOut(fold(graph, 6, graph.idsOf({ entry: 1500, path: 0 })));
  expect(performance.now() - started).toBeLessThan(1000);
  expect(JSON.stringify(packed).length).toBeLessThan(900_000);
});

test("the tree for a narrow screen holds each route once, under exactly the steps it takes", () => {
  const packed = small();
  const [first] = treeOf(
    packed,
    packed.entries.map((_, index) => index),
  );
  expect(first).toMatchObject({ label: "billing_export", weight: 3 });
  expect(first?.children.map((child) => [child.label, child.weight])).toEqual([
    ["analysts_rw", 3],
    ["directly", 1],
  ]);
  const rw = first?.children[0];
  expect(rw?.children.map((child) => [child.label, child.children.map((leaf) => leaf.label)])).toEqual([
    ["UPDATE", ["billing.credit_notes", "billing.invoices"]],
    ["SELECT", ["billing.invoices"]],
  ]);
});
