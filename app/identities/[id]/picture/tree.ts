import { plainIndex, type Route, strongest, systemCondition } from "./graph";
import type { Packed, PackedEntry, Use } from "./packed";

/** A step of access as a line of the indented list. */
export type Branch = {
  id: string;
  label: string;
  sub: string;
  privilege: number | null;
  state: Use["state"];
  /** How many entries lead through it. */
  weight: number;
  /** The first route through it. */
  route: Route;
  children: Branch[];
};

type Growing = Omit<Branch, "children"> & { lastEntry: number; children: Map<string, Growing> };

/**
 * The routes of the given entries as a tree: account, group, entitlement, resource. Unlike the columns of the picture,
 * where one entitlement stands for all groups that hold it, a line stands only under the steps that lead to it. Pure.
 */
export function treeOf(packed: Packed, entries: readonly number[]): Branch[] {
  const roots = new Map<string, Growing>();
  for (const index of entries) {
    const entry = packed.entries[index];
    entry?.paths.forEach((steps, path) => {
      let level = roots;
      for (const line of linesOf(packed, entry, steps)) {
        level = grow(level, { ...line, weight: 1, lastEntry: index, route: { entry: index, path } }).children;
      }
    });
  }
  return settle(roots);
}

type Line = Omit<Growing, "children" | "weight" | "lastEntry" | "route">;

function linesOf(packed: Packed, entry: PackedEntry, steps: number[]): Line[] {
  const state = packed.uses[entry.use]?.state ?? "unknown";
  const account = packed.principals[plainIndex(steps[0] ?? 0)];
  const holder = steps.length > 1 ? packed.principals[plainIndex(steps.at(-1) ?? 0)] : null;
  const resource = packed.resources[entry.resource];
  const way = steps.some((step) => step < 0) ? "after becoming it" : "inherited";
  return [
    {
      id: `account:${account?.id}`,
      label: account?.name ?? "?",
      sub: account?.connection ?? "",
      privilege: null,
      state,
    },
    holder
      ? { id: `group:${holder.id}`, label: holder.name, sub: way, privilege: null, state }
      : { id: "direct", label: "directly", sub: "no group between", privilege: null, state },
    {
      id: `entitlement:${entry.permission}|${systemCondition(entry) ?? ""}|${entry.pattern}`,
      label: entry.permission,
      sub: entry.pattern ? "pattern, not expanded" : (systemCondition(entry) ?? ""),
      privilege: entry.privilege,
      state,
    },
    { id: `resource:${resource?.id}`, label: resource?.name ?? "?", sub: resource?.type ?? "", privilege: null, state },
  ];
}

function grow(level: Map<string, Growing>, line: Omit<Growing, "children">): Growing {
  const known = level.get(line.id);
  if (!known) {
    const made = { ...line, children: new Map<string, Growing>() };
    level.set(line.id, made);
    return made;
  }
  // Several paths of one entry are one access.
  if (known.lastEntry !== line.route.entry) known.weight++;
  known.lastEntry = line.route.entry;
  known.state = strongest(known.state, line.state);
  known.privilege = Math.max(known.privilege ?? 0, line.privilege ?? 0) || null;
  return known;
}

function settle(level: Map<string, Growing>): Branch[] {
  return [...level.values()]
    .map(({ lastEntry: _, ...branch }) => ({ ...branch, children: settle(branch.children) }))
    .sort((a, b) => (b.privilege ?? 0) - (a.privilege ?? 0) || b.weight - a.weight || a.label.localeCompare(b.label));
}
