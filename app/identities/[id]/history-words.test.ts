import { expect, test } from "vitest";
import type { HistoryEntry } from "@/lib/inventory/history-queries";
import { historyWords } from "./history-words";

const entry = (more: Partial<HistoryEntry>): HistoryEntry => ({
  key: "k",
  at: new Date(0),
  kind: "assignment",
  way: "came",
  connection: "warehouse",
  account: "ann",
  count: 1,
  names: ["SELECT on t"],
  detail: null,
  event: null,
  ...more,
});
const said = (one: HistoryEntry) => {
  const { lead, names, more, tail } = historyWords(one);
  return `${lead} ${names.join(", ")}${more ? ` and ${more} more` : ""} ${tail}`;
};

test.each([
  [entry({}), "Given SELECT on t to ann in warehouse"],
  [entry({ way: "went", count: 3000, names: ["a", "b"] }), "Taken away a, b and 2998 more from ann in warehouse"],
  [entry({ kind: "membership", names: ["analysts"] }), "Joined analysts as ann in warehouse"],
  [entry({ kind: "account", names: ["ann"] }), "Account seen ann in warehouse"],
  [
    entry({ kind: "change", way: "changed", names: ["ann"], detail: "status from active to locked" }),
    "Account changed ann in warehouse: status from active to locked",
  ],
  [
    entry({
      kind: "event",
      names: ["identity.edited"],
      detail: "ownerId, backupOwnerId",
      event: { id: "e", actor: "Ines", outcome: "denied" },
    }),
    "Ines: identity.edited owner, backup owner, denied",
  ],
])("%#: history is said in words", (one, words) => {
  expect(said(one)).toBe(words);
});
