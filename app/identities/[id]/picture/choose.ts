import type { Route } from "./graph";
import type { Packed } from "./packed";

const order = { used: 2, unknown: 1, not_used: 0 } as const;

/** The route that the address names; else the most telling one: used before unknown, then the highest privilege. Pure. */
export function routeOf(packed: Packed, entries: readonly number[], key: string | null, path: number): Route | null {
  const named = key === null ? -1 : (entries.find((index) => packed.entries[index]?.key === key) ?? -1);
  if (named >= 0) {
    const last = (packed.entries[named]?.paths.length ?? 1) - 1;
    return { entry: named, path: Math.max(0, Math.min(path, last)) };
  }
  let best: number | null = null;
  for (const index of entries) if (best === null || tells(packed, index) > tells(packed, best)) best = index;
  return best === null ? null : { entry: best, path: 0 };
}

function tells(packed: Packed, index: number): number {
  const entry = packed.entries[index];
  if (!entry || entry.paths.length === 0) return -1;
  return order[packed.uses[entry.use]?.state ?? "unknown"] * 10 + entry.privilege;
}

/** The entries that pass the filters of the page. */
export function entriesOf(
  packed: Packed,
  filters: { connection?: string; permission?: string; resource?: string },
): number[] {
  return packed.entries.flatMap((entry, index) => {
    const resource = packed.resources[entry.resource];
    const fits =
      (!filters.connection || resource?.connection === filters.connection) &&
      (!filters.permission || entry.permission === filters.permission) &&
      (!filters.resource || resource?.name === filters.resource || resource?.id === filters.resource);
    return fits ? [index] : [];
  });
}
