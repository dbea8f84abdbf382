import { expect, test } from "vitest";
import { detailsInBrief, matchesFilters } from "./labels";
import type { EventItem } from "./schema";

test.each([
  [null, ""],
  [
    { result: { principal: { added: 3, removed: 1 }, resource: { changed: 2, added: 1 } } },
    "4 added, 2 changed, 1 gone",
  ],
  [{ result: { principal: { added: 0 } } }, "nothing changed"],
  [
    { brake: { kinds: [{ kind: "account", removed: 212, of: 390, limitShare: 0.5 }] } },
    "brake: would drop 212 of 390 accounts",
  ],
  [{ code: "timeout", message: "db1 does not answer" }, "db1 does not answer"],
  [
    { runId: "0198f1a2-0000-7000-8000-000000000000", connector: "postgresql", failuresInRow: 3 },
    "connector postgresql, failures in row 3",
  ],
])("details %j are said in brief", (details, words) => {
  expect(detailsInBrief(details as Record<string, unknown> | null)).toBe(words);
});

const event: EventItem = {
  id: "e",
  number: 4812,
  at: new Date("2026-11-20T10:00:00Z"),
  actor: { type: "person", id: "u1", name: "Henrik Sand", identityId: null },
  onBehalfOf: null,
  action: "sync.requested",
  target: { type: "connection", id: "c1", name: "ldap-emea" },
  outcome: "allowed",
  details: null,
};

test.each([
  [{}, true],
  [{ who: ["u1"], action: ["sync.requested"], outcome: ["allowed" as const], target: "connection:c1" }, true],
  [{ who: ["u2"] }, false],
  [{ action: ["sync.finished"] }, false],
  [{ outcome: ["denied" as const, "failed" as const] }, false],
  [{ target: "connection:c2" }, false],
  [{ from: new Date("2026-11-20T10:00:00Z") }, true],
  [{ to: new Date("2026-11-20T10:00:00Z") }, false],
  [{ q: "LDAP" }, true],
  [{ q: "4,812" }, true],
  [{ q: "4813" }, false],
])("an event that arrives is shown under filters %j: %s", (filters, shown) => {
  expect(matchesFilters(event, filters)).toBe(shown);
});
