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

// The naive model: from every group with members to every other, by going round and round the edges until nothing
// changes any more.
function walk(live: Map<string, Edge>) {
  const edges = [...live.values()];
  const inheriting = relax(edges, (edge) => edge.inherits, new Map());
  const all = relax(edges, (edge) => edge.switches, inheriting);
  return [...all]
    .map(([pair, depth]) => ({ pair, inherits: inheriting.has(pair), depth }))
    .sort((a, b) => (a.pair < b.pair ? -1 : 1));
}

function relax(edges: Edge[], follows: (edge: Edge) => boolean, fixed: Map<string, number>): Map<string, number> {
  const groups = [...new Set(edges.map((edge) => edge.group))];
  const depths = new Map([...fixed, ...groups.map((id): [string, number] => [`${id} ${id}`, 0])]);
  for (let moved = true; moved; ) {
    moved = false;
    for (const edge of edges.filter(follows)) {
      if (!groups.includes(edge.member)) continue;
      for (const to of groups) {
        const depth = (depths.get(`${edge.group} ${to}`) ?? Number.POSITIVE_INFINITY) + 1;
        const pair = `${edge.member} ${to}`;
        if (fixed.has(pair) || depth >= (depths.get(pair) ?? Number.POSITIVE_INFINITY)) continue;
        depths.set(pair, depth);
        moved = true;
      }
    }
  }
  return depths;
}
