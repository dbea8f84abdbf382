import type { FoldedGraph } from "./fold";
import type { PictureEdge, PictureNode } from "./graph";

export const nodeWidth = 190;
export const nodeHeight = 38;
export const columnGap = 54;
export const rowHeight = 46;

export type Placed = PictureNode & { x: number; y: number; row: number };

export type Layout = { nodes: Placed[]; edges: PictureEdge[]; width: number; height: number };

/**
 * Places the nodes: columns are fixed; within a column the order is the one that crosses the fewest edges (the mean of
 * the neighbours' places, swept both ways), and a node stands as near to the middle of its neighbours as room allows.
 * Pure; the same graph always gives the same drawing.
 */
export function layOut(graph: FoldedGraph): Layout {
  const neighbours = neighboursOf(graph.edges);
  const ordered = sweep(graph.columns, neighbours);
  const rows = Math.max(1, ...ordered.map((column) => column.length));
  const height = rows * rowHeight - (rowHeight - nodeHeight);
  const places = placeRows(ordered, neighbours, height);
  const nodes = ordered.flatMap((column, x) =>
    column.map((node, row) => ({ ...node, x: x * (nodeWidth + columnGap), y: places.get(node.id) ?? 0, row })),
  );
  return { nodes, edges: graph.edges, width: ordered.length * (nodeWidth + columnGap) - columnGap, height };
}

type Neighbours = Map<string, string[]>;

function neighboursOf(edges: PictureEdge[]): Neighbours {
  const neighbours: Neighbours = new Map();
  for (const { from, to } of edges) {
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  return neighbours;
}

function sweep(columns: PictureNode[][], neighbours: Neighbours): PictureNode[][] {
  const ordered = columns.map((column) => [...column].sort((a, b) => compareNames(a, b)));
  for (let round = 0; round < 6; round++) {
    const forwards = round % 2 === 0;
    for (let step = 1; step < ordered.length; step++) {
      const index = forwards ? step : ordered.length - 1 - step;
      const fixed = placesOf(ordered[index + (forwards ? -1 : 1)] ?? []);
      const column = ordered[index] ?? [];
      const wished = new Map(column.map((node, place) => [node.id, mean(node.id, fixed, neighbours) ?? place]));
      column.sort((a, b) => (wished.get(a.id) ?? 0) - (wished.get(b.id) ?? 0) || compareNames(a, b));
    }
  }
  return ordered;
}

function placesOf(column: PictureNode[]): Map<string, number> {
  return new Map(column.map((node, place) => [node.id, (place + 0.5) / column.length]));
}

function mean(id: string, places: Map<string, number>, neighbours: Neighbours): number | null {
  const found = (neighbours.get(id) ?? []).flatMap((other) => places.get(other) ?? []);
  return found.length === 0 ? null : found.reduce((sum, place) => sum + place, 0) / found.length;
}

// "+214 more" comes last among equals; then systems together, then names.
function compareNames(a: PictureNode, b: PictureNode): number {
  return (
    Number(a.kind === "more") - Number(b.kind === "more") ||
    (a.connection ?? "").localeCompare(b.connection ?? "") ||
    a.label.localeCompare(b.label) ||
    a.id.localeCompare(b.id)
  );
}

// The fullest column is set first, evenly; the others follow their neighbours outward from it.
function placeRows(columns: PictureNode[][], neighbours: Neighbours, height: number): Map<string, number> {
  const places = new Map<string, number>();
  const full = columns.reduce(
    (best, column, index) => (column.length > (columns[best]?.length ?? 0) ? index : best),
    0,
  );
  columns[full]?.forEach((node, row) => {
    places.set(node.id, row * rowHeight);
  });
  const outward = [...columns.keys()].filter((i) => i !== full).sort((a, b) => Math.abs(a - full) - Math.abs(b - full));
  for (const index of outward) {
    const fixed = new Map(
      (columns[index < full ? index + 1 : index - 1] ?? []).map((node) => [node.id, places.get(node.id) ?? 0]),
    );
    const column = columns[index] ?? [];
    const wished = column.map((node, row) => mean(node.id, fixed, neighbours) ?? row * rowHeight);
    spread(wished, height - nodeHeight).forEach((y, row) => {
      places.set(column[row]?.id ?? "", y);
    });
  }
  return places;
}

/** Moves wished places apart until no two are nearer than a row, and none is outside 0..bottom. Keeps their order. */
export function spread(wished: number[], bottom: number): number[] {
  const places = [...wished];
  for (let i = 0; i < places.length; i++)
    places[i] = Math.max(places[i] ?? 0, i === 0 ? 0 : (places[i - 1] ?? 0) + rowHeight);
  for (let i = places.length - 1; i >= 0; i--)
    places[i] = Math.min(places[i] ?? 0, i === places.length - 1 ? bottom : (places[i + 1] ?? 0) - rowHeight);
  return places.map(Math.round);
}
