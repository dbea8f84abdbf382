import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { system } from "../auth/actor";
import { postgresql } from "../connectors/postgresql/connector";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { evaluateAccess } from "./evaluate-access";
import { listIdentityAccess } from "./identity-access-queries";
import { listResourceAccess } from "./resource-access-queries";
import type { AccessPath } from "./schema";
import {
  addConnection,
  addEntitlement,
  addIdentity,
  addMemberships,
  addPrincipal,
  addResource,
  assign,
  closeGroups,
  type Edge,
  endMemberships,
} from "./test-world";

// Random worlds, and a model of them in memory so plain that it can be believed: every list and every decision is held
// against it, now and for a time that is past by then.

const worker = system("test");
const principalCount = 7;
const accountCount = 4;

const resourceKinds = [
  { type: "cluster", id: "cluster" },
  { type: "table", id: "app/billing.invoices" },
  { type: "column", id: "app/billing.invoices.amount" },
  { type: "sequence", id: "app/billing.numbers" },
];
const entitlementKinds: { on: number; permission: string; condition?: string; pattern?: Record<string, unknown> }[] = [
  { on: 0, permission: "SUPERUSER", pattern: { rule: "superuser", server: 18 } },
  { on: 0, permission: "pg_read_all_data", pattern: { rule: "pg_read_all_data", server: 18 } },
  { on: 1, permission: "SELECT" },
  { on: 1, permission: "SELECT", condition: "policy own_rows" },
  { on: 1, permission: "TRUNCATE" },
  { on: 2, permission: "SELECT" },
  { on: 2, permission: "UPDATE" },
  { on: 3, permission: "USAGE" },
];

const link = fc.record({
  member: fc.nat(principalCount - 1),
  group: fc.nat(principalCount - 1),
  inherits: fc.boolean(),
  switches: fc.boolean(),
});
const links = fc.uniqueArray(link, { maxLength: 12, selector: (it) => `${it.member}>${it.group}` });
const holds = fc.uniqueArray(
  fc.record({ holder: fc.nat(principalCount - 1), entitlement: fc.nat(entitlementKinds.length - 1) }),
  { maxLength: 8, selector: (it) => `${it.holder}>${it.entitlement}` },
);
const plan = fc.record({ links, holds, ending: fc.nat(3), later: links });

type World = {
  connection: string;
  identities: string[];
  principals: string[];
  resources: string[];
  entitlements: string[];
  edges: Edge[];
  held: { holder: string; entitlement: number }[];
};

let drop: () => Promise<void>;
let worlds = 0;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
});
afterAll(() => drop());

describe("who, reach and can", () => {
  test("agree with a naive model and with each other, whatever the graph, and stay as they were for the past", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ links, holds, ending, later }) => {
        const world = await makeWorld(links, holds);
        const before = await everyAnswer(world);
        expect(before.who).toEqual(modelOfWho(world));
        expect(before.reach).toEqual(modelOfReach(world));
        await decisionsAgree(world);
        const then = new Date("2026-03-01T00:00:00Z");
        await change(world, ending, later);
        expect(await everyAnswer(world, then)).toEqual(before);
        const after = await everyAnswer(world);
        expect(after.who).toEqual(modelOfWho(world));
        expect(after.reach).toEqual(modelOfReach(world));
        await decisionsAgree(world);
      }),
      { numRuns: Number(process.env.ACCESS_MODEL_RUNS ?? 20) },
    );
  }, 600_000);
});

type Link = { member: number; group: number; inherits: boolean; switches: boolean };

async function makeWorld(given: Link[], holds: { holder: number; entitlement: number }[]): Promise<World> {
  const connection = await addConnection(`world-${worlds++}`, "postgresql");
  const identities: string[] = [];
  const principals: string[] = [];
  for (let n = 0; n < principalCount; n++) {
    const identityId = n < accountCount ? await addIdentity(`i${n}`) : undefined;
    if (identityId) identities.push(identityId);
    principals.push(await addPrincipal(connection, n < accountCount ? "account" : "group", `p${n}`, { identityId }));
  }
  const resources: string[] = [];
  for (const { type, id } of resourceKinds) {
    resources.push(await addResource(connection, type, id.replace("app/", ""), { externalId: id }));
  }
  const entitlements: string[] = [];
  for (const { on, permission, condition, pattern } of entitlementKinds) {
    entitlements.push(await addEntitlement(connection, resources[on] ?? "", permission, { condition, pattern }));
  }
  const world: World = { connection, identities, principals, resources, entitlements, edges: [], held: [] };
  for (const { holder, entitlement } of holds) {
    await assign(connection, principals[holder] ?? "", entitlements[entitlement] ?? "");
    world.held.push({ holder: principals[holder] ?? "", entitlement });
  }
  world.edges = edgesOf(world, given);
  await addMemberships(connection, world.edges);
  await closeGroups(connection);
  return world;
}

function edgesOf({ principals }: World, given: Link[]): Edge[] {
  return given.map((it) => ({ ...it, member: principals[it.member] ?? "", group: principals[it.group] ?? "" }));
}

/** Ends some memberships and assignments and begins others, and lets the closure follow. */
async function change(world: World, ending: number, later: Link[]): Promise<void> {
  const at = new Date("2026-04-01T00:00:00Z");
  const gone = world.edges.filter((_, n) => n % 4 === ending);
  await endMemberships(gone, at);
  const kept = world.edges.filter((edge) => !gone.includes(edge));
  const fresh = edgesOf(world, later).filter(
    (edge) => !kept.some((it) => it.member === edge.member && it.group === edge.group),
  );
  await addMemberships(world.connection, fresh, at);
  world.edges = [...kept, ...fresh];
  const lost = world.held.find((_, n) => n === ending);
  if (lost) {
    await rows("update assignments set removed_at = $3 where principal_id = $1 and entitlement_id = $2", [
      lost.holder,
      world.entitlements[lost.entitlement],
      at,
    ]);
    world.held = world.held.filter((it) => it !== lost);
  }
  await closeGroups(
    world.connection,
    [...gone, ...fresh].map((edge) => edge.member),
  );
}

const wordsOf = (path: AccessPath) => path.slice(0, -1).map((step) => step.id);
const told = (parts: (string | null)[], paths: string[][]) =>
  `${parts.join(" | ")} | ${paths
    .map((path) => path.join(">"))
    .sort()
    .join(" ; ")}`;

async function everyAnswer(world: World, at?: Date): Promise<{ who: string[]; reach: string[] }> {
  const who: string[] = [];
  for (const identityId of world.identities) {
    const { items } = await listIdentityAccess(worker, { identityId, at, limit: 500 });
    who.push(...items.map((it) => told([identityId, it.key, freedom(it.paths)], it.paths.map(wordsOf))));
    for (const it of items)
      expect(it.condition === null).toBe(freedom(it.paths) === "free" && !isConditional(it.key, world));
  }
  const reach: string[] = [];
  for (const resourceId of world.resources) {
    const { items } = await listResourceAccess(worker, { resourceId, at, limit: 500 });
    reach.push(
      ...items.map((it) => told([resourceId, it.account.id, it.permission, freedom(it.paths)], it.paths.map(wordsOf))),
    );
  }
  return { who: who.sort(), reach: reach.sort() };
}

const freedom = (paths: AccessPath[]) => (paths.some((path) => path[1]?.how !== "switches") ? "free" : "switching");
const isConditional = (entitlement: string, world: World) =>
  entitlementKinds[world.entitlements.indexOf(entitlement)]?.condition !== undefined;

/** All simple ways from an account to each principal, with whether it is walked by inheriting only. */
function waysFrom(account: string, edges: Edge[]): { to: string; nodes: string[]; free: boolean }[] {
  const found: { to: string; nodes: string[]; free: boolean }[] = [];
  const walk = (nodes: string[], path: Edge[]) => {
    const legal = Array.from({ length: path.length + 1 }, (_, n) => n).filter((split) =>
      path.every((edge, index) => (index < split ? edge.switches : edge.inherits)),
    );
    if (legal.length > 0) found.push({ to: nodes.at(-1) ?? "", nodes, free: legal.includes(0) });
    for (const edge of edges) {
      if (edge.member === nodes.at(-1) && !nodes.includes(edge.group)) walk([...nodes, edge.group], [...path, edge]);
    }
  };
  walk([account], []);
  return found;
}

function modelOfWho(world: World): string[] {
  return world.identities
    .flatMap((identity, n) => {
      const ways = waysFrom(world.principals[n] ?? "", world.edges);
      return world.entitlements.flatMap((id, entitlement) => {
        const holders = world.held.filter((it) => it.entitlement === entitlement).map((it) => it.holder);
        const to = ways.filter((way) => holders.includes(way.to));
        if (to.length === 0) return [];
        return [
          told(
            [identity, id, to.some((way) => way.free) ? "free" : "switching"],
            to.map((way) => way.nodes),
          ),
        ];
      });
    })
    .sort();
}

/** Which entitlements give which permissions on a resource: the rules once more, as plainly as can be. */
function givers(resource: number): { entitlement: number; permission: string; condition: string | null }[] {
  const { type, id } = resourceKinds[resource] ?? { type: "", id: "" };
  const around = postgresql.enclosing?.({ type, id }).map((it) => it.id) ?? [];
  return entitlementKinds.flatMap(({ on, permission, condition, pattern }, entitlement) => {
    const fact = { type, externalId: id, name: id, attributes: {} };
    const byRule = pattern ? (postgresql.patternGrants?.(pattern, fact) ?? []) : [];
    const encloses = around.includes(resourceKinds[on]?.id ?? "") && on !== resource;
    const stands = on === resource || (encloses && postgresql.permissionsOn?.(type).includes(permission));
    return [...new Set([...byRule, ...(stands ? [permission] : [])])].map((given) => ({
      entitlement,
      permission: given,
      condition: condition ?? null,
    }));
  });
}

function modelOfReach(world: World): string[] {
  return world.resources
    .flatMap((resource, n) => {
      const kinds = new Set(givers(n).map((it) => JSON.stringify([it.permission, it.condition])));
      return world.principals.slice(0, accountCount).flatMap((account) => {
        const ways = waysFrom(account, world.edges);
        return [...kinds].flatMap((kind) => {
          const [permission] = JSON.parse(kind) as [string];
          const giving = givers(n).filter((it) => JSON.stringify([it.permission, it.condition]) === kind);
          const to = giving.flatMap(({ entitlement }) =>
            world.held
              .filter((it) => it.entitlement === entitlement)
              .flatMap(({ holder }) => ways.filter((way) => way.to === holder)),
          );
          if (to.length === 0) return [];
          const free = to.some((way) => way.free) ? "free" : "switching";
          return [
            told(
              [resource, account, permission, free],
              to.map((way) => way.nodes),
            ),
          ];
        });
      });
    })
    .sort();
}

/** `can` says of every account, permission and resource what `reach` lists. */
async function decisionsAgree(world: World): Promise<void> {
  const permissions = [...new Set(resourceKinds.flatMap((_, n) => givers(n).map((it) => it.permission))), "FLY"];
  const name = `world-${worlds - 1}`;
  for (const [n, resourceId] of world.resources.entries()) {
    const { items } = await listResourceAccess(worker, { resourceId, limit: 500 });
    const asked = world.principals
      .slice(0, accountCount)
      .flatMap((account, p) => permissions.map((permission) => ({ account, word: `p${p}`, permission })));
    const { evaluations } = await evaluateAccess(worker, {
      evaluations: asked.map(({ word, permission }) => ({
        subject: { type: "account", id: word },
        action: { name: permission },
        resource: resourceKinds[n] ?? { type: "", id: "" },
        context: { connection: name },
      })),
    });
    const said = evaluations.map((it) => `${it.decision} ${it.context.conditional}`);
    const listed = asked.map(({ account, permission }) => {
      const entries = items.filter((it) => it.account.id === account && it.permission === permission);
      const free = entries.some((it) => it.condition === null);
      return `${free} ${!free && entries.length > 0}`;
    });
    expect(said).toEqual(listed);
  }
}
