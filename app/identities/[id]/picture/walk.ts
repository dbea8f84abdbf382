import type { Layout, Placed } from "./arrange";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/**
 * Where an arrow key leads from a node: up and down within its column; left and right along an edge, on the chosen path
 * where it runs through the node, else to the nearest neighbour. Null at an end. Pure.
 */
export function walk(layout: Layout, from: string, arrow: Arrow, chosen: readonly string[]): Placed | null {
  const at = layout.nodes.find((node) => node.id === from);
  if (!at) return null;
  if (arrow === "ArrowUp" || arrow === "ArrowDown") {
    const row = at.row + (arrow === "ArrowUp" ? -1 : 1);
    return layout.nodes.find((node) => node.column === at.column && node.row === row) ?? null;
  }
  const forwards = arrow === "ArrowRight";
  const next = layout.edges
    .filter((edge) => (forwards ? edge.from : edge.to) === from)
    .flatMap((edge) => layout.nodes.find((node) => node.id === (forwards ? edge.to : edge.from)) ?? []);
  return (
    next.find((node) => chosen.includes(node.id)) ??
    next.sort((a, b) => Math.abs(a.y - at.y) - Math.abs(b.y - at.y) || a.row - b.row)[0] ??
    null
  );
}
