import fc from "fast-check";
import { expect, test } from "vitest";
import { becomes, findPaths, type GroupEdge, type GroupPath, graphOf, isPlain } from "./find-paths";

const edge = (member: string, group: string, inherits = true, switches = false): GroupEdge => ({
  member,
  group,
  inherits,
  switches,
});

function find(edges: GroupEdge[], from: string, to: string, atMost = 1_000) {
  return findPaths({ graph: graphOf(edges), from, to, atMost });
}

test("what an account holds itself has one path without groups", () => {
  expect(find([edge("a", "g"), edge("g", "a")], "a", "a").paths).toEqual([[]]);
});

test("after inheriting nobody is switched to any more", () => {
  expect(find([edge("a", "g"), edge("g", "h", false, true)], "a", "h").paths).toEqual([]);
  const [path] = find([edge("a", "g", false, true), edge("g", "h")], "a", "h").paths;
  expect(path).toEqual([
    { group: "g", how: "switches" },
    { group: "h", how: "inherits" },
  ]);
  expect(becomes(path ?? [])).toBe("g");
});

test("a step that can be taken either way is taken by inheriting where that does", () => {
  const both = [edge("a", "g", true, true), edge("g", "h", true, true)];
  expect(find(both, "a", "h").paths.every(isPlain)).toBe(true);
  const forced = [edge("a", "g", true, true), edge("g", "h", false, true)];
  expect(find(forced, "a", "h").paths[0]?.map((step) => step.how)).toEqual(["switches", "switches"]);
});

test("the paths are exactly those of a naive enumeration, the plain ones first, then the shortest", () => {
  const nodes = ["a", "b", "c", "d", "e", "f"];
  const link = fc.record({
    member: fc.constantFrom(...nodes),
    group: fc.constantFrom(...nodes),
    inherits: fc.boolean(),
    switches: fc.boolean(),
  });
  const links = fc.uniqueArray(link, { maxLength: 16, selector: (it) => `${it.member}>${it.group}` });
  fc.assert(
    fc.property(links, (edges) => {
      const { paths, more, isCapped } = find(edges, "a", "f");
      expect(isCapped || more > 0).toBe(false);
      expect(paths.map((path) => path.map((step) => step.group).join()).sort()).toEqual(naive(edges, "a", "f"));
      const rank = (path: GroupPath) => (isPlain(path) ? 0 : 100) + path.length;
      expect(paths.map(rank)).toEqual(paths.map(rank).sort((x, y) => x - y));
      for (const path of paths) expect(isLegal(edges, "a", path)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("a way by inheriting only is never lost among shorter ones by becoming others", () => {
  const roundabout = [edge("a", "x"), edge("x", "y"), edge("y", "z"), edge("z", "end")];
  const short = Array.from({ length: 30 }, (_, n) => [edge("a", `g${n}`, false, true), edge(`g${n}`, "end")]).flat();
  for (const atMost of [1, 10, 1_000]) {
    const { paths, more } = find([...roundabout, ...short], "a", "end", atMost);
    expect(paths.some(isPlain)).toBe(true);
    expect(paths.length + more).toBe(31);
    expect(paths.length).toBe(Math.min(atMost, 31));
  }
});

test("2^50 paths are neither walked nor listed, but said to be there", () => {
  const edges = Array.from({ length: 50 }, (_, n) =>
    ["x", "y"].flatMap((side) => ["x", "y"].map((next) => edge(`${side}${n}`, `${next}${n + 1}`))),
  ).flat();
  const { paths, more, isCapped } = find([...edges, edge("a", "x0")], "a", "y50", 5);
  expect(paths.length).toBe(5);
  expect(more).toBe(995);
  expect(isCapped).toBe(true);
});

function naive(edges: GroupEdge[], from: string, to: string): string[] {
  const walk = (path: GroupEdge[], seen: string[]): GroupEdge[][] => {
    const node = seen.at(-1);
    if (node === to) return [path];
    return edges
      .filter((next) => next.member === node && !seen.includes(next.group))
      .flatMap((next) => walk([...path, next], [...seen, next.group]));
  };
  return walk([], [from])
    .filter((path) =>
      Array.from({ length: path.length + 1 }, (_, n) => n).some((split) =>
        path.every((step, index) => (index < split ? step.switches : step.inherits)),
      ),
    )
    .map((path) => path.map((step) => step.group).join())
    .sort();
}

function isLegal(edges: GroupEdge[], from: string, path: GroupPath): boolean {
  let inheriting = false;
  let node = from;
  return path.every(({ group, how }) => {
    const step = edges.find((it) => it.member === node && it.group === group);
    node = group;
    if (how === "switches" && inheriting) return false;
    inheriting ||= how === "inherits";
    return step?.[how] === true;
  });
}
