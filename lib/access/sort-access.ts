import type { AccessOrder, AccessPage, IdentityAccessEntry, ResourceAccessEntry } from "./schema";

// Effective access is worked out entry by entry and pages by key. In another order it is read whole, as far as here.

/** How many entries are put in order; what lies beyond is said to. */
export const mostSorted = 2_000;

type Entry = IdentityAccessEntry | ResourceAccessEntry;

/**
 * One page of entries in another order than that of their keys. Pure. @param after how many entries lie before it.
 * Entries that are alike keep the order in which they came.
 */
export function sortedPage<E extends Entry>(
  all: readonly E[],
  asked: { sort: AccessOrder; after: number; limit: number },
): AccessPage<E> {
  const descending = asked.sort.startsWith("-");
  const by = asked.sort.replace(/^-/, "");
  const sorted = [...all].sort((a, b) => (descending ? -1 : 1) * compare(keyOf(a, by), keyOf(b, by)));
  const end = asked.after + asked.limit;
  return { items: sorted.slice(asked.after, end), nextCursor: end < sorted.length ? String(end) : null };
}

// The most lately used is the most used; not used is less than any use, and of what is unknown least is known.
function keyOf(entry: Entry, by: string): string | number {
  if (by === "privilege") return entry.privilege;
  if (by === "permission") return entry.permission;
  if (by === "resource") return "resource" in entry ? entry.resource.name : "";
  if (by === "identity") return "account" in entry ? (entry.identity?.name ?? entry.account.name) : "";
  const { state, at } = entry.lastUse;
  return state === "unknown" ? -2 : state === "not_used" || at === null ? -1 : Date.parse(at);
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en");
}
