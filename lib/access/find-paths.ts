/** A membership between two principals, as far as paths go. */
export type GroupEdge = { member: string; group: string; inherits: boolean; switches: boolean };

/** The groups on the way, from the first joined to the one that holds the access. None: the account holds it itself. */
export type GroupPath = { group: string; how: "inherits" | "switches" }[];

export type FoundPaths = {
  paths: GroupPath[];
  /** How many more there are. */
  more: number;
  /** There are at least that many more; they were not all counted. */
  isCapped: boolean;
};

// A graph of fifty pairs of groups has 2^50 paths: counting ends here, and so does looking.
const mostCounted = 1_000;
const mostSteps = 50_000;

/** Memberships by member, and by group. */
export type GroupGraph = {
  out: ReadonlyMap<string, readonly GroupEdge[]>;
  into: ReadonlyMap<string, readonly GroupEdge[]>;
};

/** The graph of some memberships. */
export function graphOf(edges: readonly GroupEdge[]): GroupGraph {
  return { out: edgesBy(edges, "member"), into: edgesBy(edges, "group") };
}

/**
 * Every simple path from `from` to `to` that the system would let somebody walk: first becoming groups one after
 * another, then inheriting. A step that can be taken either way is taken by inheriting where that does. Those that are
 * walked by inheriting only come first, then the shortest; one of them is there if there is any. Pure.
 */
export function findPaths(at: { graph: GroupGraph; from: string; to: string; atMost: number }): FoundPaths {
  const { from, to, atMost } = at;
  if (from === to) return { paths: [[]], more: 0, isCapped: false };
  const left = distancesTo(to, at.graph.into);
  const found: GroupEdge[][] = [];
  const onPath = new Set([from]);
  const path: GroupEdge[] = [];
  let steps = 0;

  // canSwitch: every edge so far switches. canInherit: they can be split into switching ones, then inheriting ones.
  function walk(node: string, canSwitch: boolean, canInherit: boolean): void {
    for (const next of promising(at.graph.out.get(node) ?? [], left, canSwitch, canInherit)) {
      if (found.length > mostCounted || steps++ > mostSteps) return;
      if (onPath.has(next.edge.group)) continue;
      path.push(next.edge);
      onPath.add(next.edge.group);
      if (next.edge.group === to) found.push([...path]);
      else walk(next.edge.group, next.canSwitch, next.canInherit);
      onPath.delete(next.edge.group);
      path.pop();
    }
  }

  walk(from, true, true);
  const plain = plainPath(at, left);
  if (plain !== null && !found.some(isInherited)) found.push(plain);
  const paths = found.sort(plainThenShort).slice(0, atMost);
  return {
    paths: paths.map(wayOf),
    more: Math.min(found.length, mostCounted) - Math.min(paths.length, mostCounted),
    isCapped: found.length > mostCounted || steps > mostSteps,
  };
}

const isInherited = (path: readonly GroupEdge[]) => path.every((edge) => edge.inherits);

function plainThenShort(a: readonly GroupEdge[], b: readonly GroupEdge[]): number {
  return Number(isInherited(b)) - Number(isInherited(a)) || a.length - b.length;
}

// However many ways there are by becoming others, one that needs no becoming is never lost: with it access is
// unconditional, without it not.
function plainPath(at: { graph: GroupGraph; from: string; to: string }, { inheriting }: Left): GroupEdge[] | null {
  const path: GroupEdge[] = [];
  for (let node = at.from; node !== at.to; ) {
    const nearer = (inheriting.get(node) ?? 0) - 1;
    const edge = at.graph.out.get(node)?.find((it) => it.inherits && inheriting.get(it.group) === nearer);
    if (!edge) return null;
    path.push(edge);
    node = edge.group;
  }
  return path;
}

/** Is it walked without becoming anybody else? */
export function isPlain(path: GroupPath): boolean {
  return path[0]?.how !== "switches";
}

/** The group that one must have become to walk the rest of it by inheriting, or null. */
export function becomes(path: GroupPath): string | null {
  return path.findLast((step) => step.how === "switches")?.group ?? null;
}

type Left = { inheriting: Map<string, number>; any: Map<string, number> };

// How far it is at least from each node, by inheriting only, and by switching first. What is on no way there is missing.
function distancesTo(to: string, into: GroupGraph["into"]): Left {
  const inheriting = spread(new Map([[to, 0]]), (node) => (into.get(node) ?? []).filter((edge) => edge.inherits));
  const any = spread(inheriting, (node) => (into.get(node) ?? []).filter((edge) => edge.switches));
  return { inheriting, any };
}

function edgesBy(edges: readonly GroupEdge[], end: "member" | "group"): Map<string, GroupEdge[]> {
  const by = new Map<string, GroupEdge[]>();
  for (const edge of edges) {
    const known = by.get(edge[end]);
    if (known) known.push(edge);
    else by.set(edge[end], [edge]);
  }
  return by;
}

function spread(start: Map<string, number>, backwards: (node: string) => GroupEdge[]): Map<string, number> {
  const distances = new Map(start);
  let layer = [...start.keys()];
  while (layer.length > 0) {
    const next = new Set<string>();
    for (const node of layer) {
      const distance = (distances.get(node) ?? 0) + 1;
      for (const { member } of backwards(node)) {
        if (distance >= (distances.get(member) ?? Number.POSITIVE_INFINITY)) continue;
        distances.set(member, distance);
        next.add(member);
      }
    }
    layer = [...next];
  }
  return distances;
}

// The steps from which the goal is still in reach, the nearest first, so that the first path found is a short one.
function promising(edges: readonly GroupEdge[], left: Left, canSwitch: boolean, canInherit: boolean) {
  return edges
    .flatMap((edge) => {
      const switching = canSwitch && edge.switches;
      const inheriting = edge.inherits && canInherit;
      const distance = Math.min(
        (switching ? left.any.get(edge.group) : undefined) ?? Number.POSITIVE_INFINITY,
        (inheriting ? left.inheriting.get(edge.group) : undefined) ?? Number.POSITIVE_INFINITY,
      );
      if (distance === Number.POSITIVE_INFINITY) return [];
      return [{ edge, distance, canSwitch: switching, canInherit: inheriting || switching }];
    })
    .sort((a, b) => a.distance - b.distance);
}

function wayOf(edges: GroupEdge[]): GroupPath {
  const lastSwitch = edges.findLastIndex((edge) => !edge.inherits);
  return edges.map((edge, index) => ({ group: edge.group, how: index <= lastSwitch ? "switches" : "inherits" }));
}
