import type { IdentityKind } from "@/lib/connectors/schema";
import { kindLabels } from "@/lib/inventory/labels";
import type { Packed, PackedEntry, Use } from "./packed";

/** Identity, accounts, groups and roles, entitlements, resources. */
export const columns = 5;

export type PictureNode = {
  id: string;
  column: number;
  kind: "identity" | "account" | "group" | "direct" | "entitlement" | "resource" | "more";
  label: string;
  sub: string;
  connection: string | null;
  /** Of a resource its type; of an identity its kind. */
  type: string | null;
  privilege: number | null;
  /** How many entries pass through it. */
  weight: number;
  state: Use["state"];
  /** The route that choosing this node chooses. */
  route: Route;
};

/** One path of one entry. */
export type Route = { entry: number; path: number };

export type PictureEdge = { id: string; from: string; to: string; state: Use["state"] };

export type Graph = {
  nodes: Map<string, PictureNode>;
  edges: Map<string, PictureEdge>;
  /** The ids of the five nodes of a route. */
  idsOf: (route: Route) => string[];
  /** A route through a node that keeps as much as it can of the path that is chosen now. */
  routeThrough: (id: string, chosen: readonly string[]) => Route | null;
};

/** The graph of what an identity can reach by the given entries: a node for each thing, an edge where a path runs. Pure. */
export function graphOf(packed: Packed, only: readonly number[] = packed.entries.map((_, index) => index)): Graph {
  const nodes = new Map<string, PictureNode>();
  const edges = new Map<string, PictureEdge>();
  const idsOf = ({ entry, path }: Route) => routeIds(packed, packed.entries[entry], path);
  only.forEach((index) => {
    const entry = packed.entries[index];
    if (!entry) return;
    const state = packed.uses[entry.use]?.state ?? "unknown";
    entry.paths.forEach((_, path) => {
      const ids = routeIds(packed, entry, path);
      ids.forEach((id, column) => {
        const known = nodes.get(id);
        if (known) strengthen(known, state, entry, column);
        else nodes.set(id, nodeOf({ packed, entry, id, column, state, route: { entry: index, path } }));
      });
      for (let column = 1; column < columns; column++) {
        const [from, to] = [ids[column - 1] ?? "", ids[column] ?? ""];
        joinEdge(edges, from, to, state);
      }
    });
  });
  addSecondLines(packed, only, nodes);
  const routeThrough = (id: string, chosen: readonly string[]) => nearestRoute(packed, only, id, chosen);
  return { nodes, edges, idsOf, routeThrough };
}

function nearestRoute(packed: Packed, only: readonly number[], id: string, chosen: readonly string[]): Route | null {
  let best: { route: Route; same: number } | null = null;
  for (const entry of only) {
    for (let path = 0; path < (packed.entries[entry]?.paths.length ?? 0); path++) {
      const ids = routeIds(packed, packed.entries[entry], path);
      if (!ids.includes(id)) continue;
      const same = ids.filter((one) => chosen.includes(one)).length;
      if (best === null || same > best.same) best = { route: { entry, path }, same };
      if (same === columns) return best.route;
    }
  }
  return best?.route ?? null;
}

/** Adds an edge, or strengthens the one that is there. */
export function joinEdge(edges: Map<string, PictureEdge>, from: string, to: string, state: Use["state"]): void {
  const id = `${from}>${to}`;
  const known = edges.get(id);
  if (known) known.state = strongest(known.state, state);
  else edges.set(id, { id, from, to, state });
}

/** What is known of several uses together: used if any was; unknown if any might have been. */
export function strongest(a: Use["state"], b: Use["state"]): Use["state"] {
  if (a === "used" || b === "used") return "used";
  return a === "unknown" || b === "unknown" ? "unknown" : "not_used";
}

function routeIds(packed: Packed, entry: PackedEntry | undefined, path: number): string[] {
  const steps = (entry?.paths[path] ?? []).map(plainIndex);
  const account = packed.principals[steps[0] ?? -1]?.id ?? "?";
  const holder = packed.principals[steps.at(-1) ?? -1]?.id ?? "?";
  const resource = packed.resources[entry?.resource ?? -1];
  const right = `${resource?.connection}|${entry?.permission}|${entry ? (systemCondition(entry) ?? "") : ""}|${entry?.pattern ? "*" : ""}`;
  return [
    `identity:${packed.identity.id}`,
    `account:${account}`,
    steps.length > 1 ? `group:${holder}` : `direct:${account}`,
    `entitlement:${right}`,
    `resource:${resource?.id}`,
  ];
}

/** What the system would still check, without what the path already says: that a group must first be become. */
export function systemCondition(entry: Pick<PackedEntry, "condition">): string | null {
  const parts = (entry.condition ?? "").split("; ").filter((part) => part && !/^after (becoming|SET ROLE) /.test(part));
  return parts.length > 0 ? parts.join("; ") : null;
}

/** The index of a principal on a path, whichever way the step is taken. */
export function plainIndex(step: number): number {
  return step < 0 ? -1 - step : step;
}

const kinds = ["identity", "account", "group", "entitlement", "resource"] as const;

function nodeOf(at: {
  packed: Packed;
  entry: PackedEntry;
  id: string;
  column: number;
  state: Use["state"];
  route: Route;
}): PictureNode {
  const { packed, entry, id, column, state, route } = at;
  const steps = (entry.paths[route.path] ?? []).map(plainIndex);
  const resource = packed.resources[entry.resource];
  const label = [
    packed.identity.name,
    packed.principals[steps[0] ?? -1]?.name,
    steps.length > 1 ? packed.principals[steps.at(-1) ?? -1]?.name : "directly",
    entry.permission,
    resource?.name,
  ][column];
  return {
    id,
    column,
    kind: id.startsWith("direct:") ? "direct" : (kinds[column] ?? "resource"),
    label: label ?? "?",
    sub: "",
    connection: column === 0 ? null : (resource?.connection ?? null),
    type: column === 0 ? packed.identity.kind : column === 4 ? (resource?.type ?? null) : null,
    privilege: column === 3 ? entry.privilege : null,
    weight: 1,
    state,
    route,
  };
}

function strengthen(node: PictureNode, state: Use["state"], entry: PackedEntry, column: number): void {
  node.weight++;
  node.state = strongest(node.state, state);
  if (column === 3) node.privilege = Math.max(node.privilege ?? 0, entry.privilege);
}

// The second line of each node can only be said when all that passes through it is known.
function addSecondLines(packed: Packed, only: readonly number[], nodes: Map<string, PictureNode>): void {
  const typesOf = new Map<string, Map<string, Set<number>>>();
  const depthOf = new Map<string, { depth: number; switched: boolean }>();
  for (const index of only) {
    const entry = packed.entries[index];
    entry?.paths.forEach((steps, path) => {
      const ids = routeIds(packed, entry, path);
      const types = typesOf.get(ids[3] ?? "") ?? new Map<string, Set<number>>();
      const type = packed.resources[entry.resource]?.type ?? "resource";
      types.set(type, (types.get(type) ?? new Set()).add(entry.resource));
      typesOf.set(ids[3] ?? "", types);
      const before = depthOf.get(ids[2] ?? "");
      const depth = Math.min(before?.depth ?? Number.POSITIVE_INFINITY, steps.length - 1);
      const switched = (before?.switched ?? true) && steps.some((step) => step < 0);
      depthOf.set(ids[2] ?? "", { depth, switched });
    });
  }
  for (const node of nodes.values()) {
    if (node.kind === "identity") node.sub = kindLabels[packed.identity.kind as IdentityKind] ?? packed.identity.kind;
    if (node.kind === "account") node.sub = node.connection ?? "";
    if (node.kind === "direct") node.sub = "no group between";
    if (node.kind === "resource") node.sub = `${node.type} in ${node.connection}`;
    if (node.kind === "group") node.sub = groupSub(depthOf.get(node.id));
    if (node.kind === "entitlement") {
      const entry = packed.entries[node.route.entry];
      node.sub = entry?.pattern
        ? "pattern, not expanded"
        : (entry && systemCondition(entry)) || countTypes(typesOf.get(node.id));
    }
  }
}

function groupSub(facts: { depth: number; switched: boolean } | undefined): string {
  const way = facts?.switched ? "after becoming it" : "inherited";
  const depth = facts?.depth ?? 1;
  return depth > 1 ? `${way}, ${depth} groups deep` : way;
}

/** "212 tables", or "14 tables, 2 schemas" for several types. */
export function countTypes(types: Map<string, Set<unknown>> | undefined): string {
  const sorted = [...(types ?? [])].sort((a, b) => b[1].size - a[1].size);
  const said = sorted.slice(0, 2).map(([type, of]) => `${group(of.size)} ${plural(type, of.size)}`);
  return sorted.length > 2 ? `${said.join(", ")}, …` : said.join(", ");
}

/** A number with its thousands apart. */
export function group(value: number): string {
  return value.toLocaleString("en-GB");
}

/** The plural of a system's own word, good enough for types of resources and groups. */
export function plural(word: string, count: number): string {
  if (count === 1) return word;
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/i.test(word) ? `${word}es` : `${word}s`;
}
