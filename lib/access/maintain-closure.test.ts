import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { maintainClosure } from "./maintain-closure";
import { addConnection, addMemberships, addPrincipal, closeGroups, type Edge, endMemberships } from "./test-world";

let drop: () => Promise<void>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
});
afterAll(() => drop());

let worlds = 0;
const size = 9;
const link = fc.record({
  member: fc.nat(size - 1),
  group: fc.nat(size - 1),
  inherits: fc.boolean(),
  switches: fc.boolean(),
});
const step = fc.record({
  add: fc.uniqueArray(link, { maxLength: 4, selector: (edge) => `${edge.member}>${edge.group}` }),
  removeEvery: fc.integer({ min: 2, max: 9 }),
});

describe("the closure of nested groups", () => {
  test("after any edits, cycles and all, equals a walk of the graph and a rebuild of everything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const world = await makeWorld(`world-${worlds++}`);
        for (const [at, { add, removeEvery }] of steps.entries()) {
          const touched = await edit(world, add, removeEvery, at);
          await closeGroups(world.connection, touched);
          const followed = await closureOf(world.connection);
          expect(followed).toEqual(walk(world.live));
          expect(await closeGroups(world.connection)).toEqual({ added: 0, changed: 0, removed: 0 });
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a ring of groups ends, and everybody in it is in everybody", async () => {
    const connection = await addConnection("ring");
    const ids = await Promise.all([0, 1, 2].map((n) => addPrincipal(connection, "group", `ring-${n}`)));
    await addMemberships(
      connection,
      ids.map((member, n) => ({ member, group: ids[(n + 1) % 3] ?? member, inherits: true, switches: false })),
    );
    await closeGroups(connection, ids);
    expect((await closureOf(connection)).length).toBe(9);
  });

  test("fifty doublings cost fifty steps, not two to the fiftieth", async () => {
    const connection = await addConnection("doublings");
    const layers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        Promise.all(["a", "b"].map((side) => addPrincipal(connection, "group", `${n}${side}`))),
      ),
    );
    const edges = layers
      .slice(1)
      .flatMap((layer, n) =>
        (layers[n] ?? []).flatMap((member) =>
          layer.map((group) => ({ member, group, inherits: true, switches: true })),
        ),
      );
    const account = await addPrincipal(connection, "account", "somebody");
    const bottom = (layers[0] ?? []).map((group) => ({ member: account, group, inherits: true, switches: true }));
    await addMemberships(connection, [...edges, ...bottom]);
    await closeGroups(connection);
    expect((await closureOf(connection)).length).toBe(100 + (50 * 49 * 4) / 2);
  });

  test("an account's first step into an empty group brings the group in, the last one out takes it away", async () => {
    const connection = await addConnection("first-step");
    const [account, group, above] = await Promise.all([
      addPrincipal(connection, "account", "ann"),
      addPrincipal(connection, "group", "empty"),
      addPrincipal(connection, "group", "above"),
    ]);
    const into = { member: account, group, inherits: true, switches: false };
    await addMemberships(connection, [{ member: group, group: above, inherits: true, switches: false }]);
    await closeGroups(connection, [group]);
    await addMemberships(connection, [into]);
    await closeGroups(connection, [account]);
    expect((await closureOf(connection)).length).toBe(3);
    await endMemberships([into], new Date("2026-03-01"));
    await closeGroups(connection, [account]);
    expect((await closureOf(connection)).length).toBe(1);
  });

  test("a rollback of the change takes the closure back with it", async () => {
    const connection = await addConnection("rollback");
    const [low, high] = await Promise.all(["low", "high"].map((name) => addPrincipal(connection, "group", name)));
    if (!low || !high) throw new Error("no groups");
    await addMemberships(connection, [{ member: low, group: high, inherits: true, switches: false }]);
    const change = transaction(async (tx) => {
      await maintainClosure(tx, connection, "all");
      throw new Error("changed my mind");
    });
    await expect(change).rejects.toThrow("changed my mind");
    expect(await closureOf(connection)).toEqual([]);
  });
});

type World = { connection: string; ids: string[]; live: Map<string, Edge> };

async function makeWorld(name: string): Promise<World> {
  const connection = await addConnection(name);
  const ids = await Promise.all(
    Array.from({ length: size }, (_, n) => addPrincipal(connection, n < 3 ? "account" : "group", `p${n}`)),
  );
  return { connection, ids, live: new Map() };
}

type Link = { member: number; group: number; inherits: boolean; switches: boolean };

async function edit(world: World, add: Link[], removeEvery: number, at: number): Promise<string[]> {
  const when = new Date(Date.UTC(2026, 1, 1 + at));
  const ending = [...world.live.entries()].filter((_, n) => n % removeEvery === 1);
  for (const [key] of ending) world.live.delete(key);
  const gone = ending.map(([, edge]) => edge);
  const fresh = add
    .map((edge) => ({ ...edge, member: world.ids[edge.member] ?? "", group: world.ids[edge.group] ?? "" }))
    .filter((edge) => !world.live.has(`${edge.member}>${edge.group}`));
  for (const edge of fresh) world.live.set(`${edge.member}>${edge.group}`, edge);
  await endMemberships(gone, when);
  await addMemberships(world.connection, fresh, when);
  return [...gone, ...fresh].map((edge) => edge.member);
}

async function closureOf(connection: string) {
  return rows<{ pair: string; inherits: boolean; depth: number }>(
    `select descendant_id || ' ' || ancestor_id as pair, inherits, depth from group_closure where connection_id = $1
     order by pair`,
    [connection],
  );
}

// The naive model: from every group with members, breadth first, first inheriting only, then switching and inheriting.
function walk(live: Map<string, Edge>) {
  const edges = [...live.values()];
  const groups = [...new Set(edges.map((edge) => edge.group))];
  const result = groups.flatMap((from) => {
    const inheriting = breadthFirst([{ id: from, phase: 0 }], (at) =>
      edges.filter((edge) => edge.member === at.id && edge.inherits).map((edge) => ({ id: edge.group, phase: 0 })),
    );
    const switching = breadthFirst([{ id: from, phase: 1 }], (at) =>
      edges
        .filter((edge) => edge.member === at.id)
        .flatMap((edge) => [
          ...(edge.switches && at.phase === 1 ? [{ id: edge.group, phase: 1 }] : []),
          ...(edge.inherits ? [{ id: edge.group, phase: 2 }] : []),
        ]),
    );
    const best = new Map<string, { inherits: boolean; depth: number }>();
    for (const [id, depth] of switching) {
      const old = best.get(id);
      best.set(id, { inherits: false, depth: Math.min(depth, old?.depth ?? depth) });
    }
    for (const [id, depth] of inheriting) best.set(id, { inherits: true, depth });
    return [...best].map(([to, facts]) => ({ pair: `${from} ${to}`, ...facts }));
  });
  return result.sort((a, b) => (a.pair < b.pair ? -1 : 1));
}

type State = { id: string; phase: number };

function breadthFirst(start: State[], next: (at: State) => State[]): [string, number][] {
  const seen = new Set(start.map((state) => `${state.id} ${state.phase}`));
  const found: [string, number][] = [];
  for (let depth = 0, layer = start; layer.length > 0; depth++) {
    found.push(...layer.map((state): [string, number] => [state.id, depth]));
    layer = layer.flatMap(next).filter((state) => {
      const key = `${state.id} ${state.phase}`;
      return seen.has(key) ? false : seen.add(key) !== undefined;
    });
  }
  return found.filter(([id, depth], n) =>
    found.every(([other, less], m) => other !== id || depth < less || (depth === less && n <= m)),
  );
}
