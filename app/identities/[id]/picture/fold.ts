import { columns, countTypes, type Graph, group, joinEdge, type PictureEdge, type PictureNode, plural } from "./graph";

export type FoldedGraph = {
  /** Nodes by column; the order is not yet that of the drawing. */
  columns: PictureNode[][];
  edges: PictureEdge[];
  /** What each "+214 more" stands for, best first. */
  folded: Map<number, PictureNode[]>;
};

/**
 * Folds each column with more than `rows` nodes into its most telling ones and one that stands for the rest. What is in
 * `keep` (the chosen path) never folds. Pure.
 */
export function fold(graph: Graph, rows: number, keep: readonly string[]): FoldedGraph {
  const byColumn: PictureNode[][] = Array.from({ length: columns }, () => []);
  for (const node of graph.nodes.values()) byColumn[node.column]?.push(node);
  const folded = new Map<number, PictureNode[]>();
  const shown = byColumn.map((nodes, column) => {
    if (nodes.length <= rows) return nodes;
    const ranked = rank(nodes, keep);
    folded.set(column, ranked.slice(rows - 1));
    return [...ranked.slice(0, rows - 1), moreNode(column, ranked.slice(rows - 1))];
  });
  return { columns: shown, edges: redirect(graph, shown), folded };
}

// Kept ones first; then the best of each system in turn, so that one large system does not push out the others.
function rank(nodes: PictureNode[], keep: readonly string[]): PictureNode[] {
  const kept = nodes.filter((node) => keep.includes(node.id));
  const bySystem = new Map<string, PictureNode[]>();
  for (const node of nodes) {
    if (keep.includes(node.id)) continue;
    const system = node.connection ?? "";
    bySystem.set(system, [...(bySystem.get(system) ?? []), node]);
  }
  const queues = [...bySystem.values()].map((queue) => queue.sort(tellingFirst));
  const ranked = [...kept];
  for (let turn = 0; ranked.length < nodes.length; turn++) {
    ranked.push(...queues.flatMap((queue) => queue[turn] ?? []));
  }
  return ranked;
}

const order = { used: 0, unknown: 1, not_used: 2 } as const;

function tellingFirst(a: PictureNode, b: PictureNode): number {
  return (
    (b.privilege ?? 0) - (a.privilege ?? 0) ||
    order[a.state] - order[b.state] ||
    b.weight - a.weight ||
    a.label.localeCompare(b.label) ||
    a.id.localeCompare(b.id)
  );
}

function moreNode(column: number, hidden: PictureNode[]): PictureNode {
  const first = hidden[0];
  return {
    id: `more:${column}`,
    column,
    kind: "more",
    label: `+${group(hidden.length)} more`,
    sub: moreSub(column, hidden),
    connection: null,
    type: null,
    privilege: null,
    weight: hidden.reduce((sum, node) => sum + node.weight, 0),
    state: "unknown",
    route: first?.route ?? { entry: 0, path: 0 },
  };
}

function moreSub(column: number, hidden: PictureNode[]): string {
  if (column === 4) {
    const types = new Map<string, Set<unknown>>();
    for (const node of hidden)
      types.set(node.type ?? "resource", (types.get(node.type ?? "resource") ?? new Set()).add(node.id));
    return countTypes(types);
  }
  const systems = new Set(hidden.map((node) => node.connection)).size;
  return `in ${group(systems)} ${plural("system", systems)}`;
}

function redirect(graph: Graph, shown: PictureNode[][]): PictureEdge[] {
  const visible = new Set(shown.flat().map((node) => node.id));
  const edges = new Map<string, PictureEdge>();
  const place = (id: string) => (visible.has(id) ? id : `more:${graph.nodes.get(id)?.column}`);
  for (const edge of graph.edges.values()) joinEdge(edges, place(edge.from), place(edge.to), edge.state);
  return [...edges.values()];
}
