import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import { collect, observed } from "../contract-tests";
import { postgresql } from "./connector";
import { databaseOwners, inheritedFrom } from "./names";
import { settings } from "./schema";
import { keyOf, Roll } from "./test-evaluator";
import { type Answer, privilegeAnswers, type RoleAnswer, roleAnswers } from "./test-oracle";
import { dropWorld, makeWorld, type World } from "./test-world";

// Every role, every object, every privilege: what the roll says is what the server says. ORACLE_SEEDS=40 tries more
// worlds than the few of an ordinary run; ORACLE_SEED=7 that one only.
const first = Number(process.env.ORACLE_SEED ?? 1);
const count = process.env.ORACLE_SEED ? 1 : Number(process.env.ORACLE_SEEDS ?? 3);
const seeds = Array.from({ length: count }, (_, at) => first + at);

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(seeds)("agrees with the server on every privilege of every role (seed %i)", async (seed) => {
    const world = await makeWorld((database) => server.connect(database), seed, major);
    try {
      const roll = await readRoll(server, seed % 3 === 0);
      const { compared, mismatches } = await compare(server, roll, world, seed % 3 === 0);
      console.info(`seed ${seed}: ${world.made} statements, ${world.refused} refused, ${compared} answers compared`);
      expect(mismatches.slice(0, 20)).toEqual([]);
      expect(compared).toBeGreaterThan(10_000);
    } finally {
      await dropWorld((database) => server.connect(database), world);
    }
  });
});

if (!hasDebianServer()) it.skip("PostgreSQL 15: skipped, Debian's server is not installed", () => undefined);

async function readRoll(server: TestServer, includeSystemSchemas: boolean): Promise<Roll> {
  const context = {
    settings: settings.parse({ host: "127.0.0.1", port: server.port, user: server.user, includeSystemSchemas }),
    secrets: { password: server.password, provisionPassword: "" },
    signal: new AbortController().signal,
    now: new Date("2026-11-21T12:00:00Z"),
  };
  const events = await collect((signal) => postgresql.read?.({ ...context, signal }) ?? (async function* () {})());
  expect(events.filter((event) => event.type === "problem")).toEqual([]);
  return new Roll(observed(events));
}

async function compare(server: TestServer, roll: Roll, world: World, includeSystem: boolean) {
  const mismatches: string[] = [];
  let compared = 0;
  for (const database of world.databases) {
    const client = await server.connect(database);
    try {
      const members = await roleAnswers(client, server.major);
      const answers = await privilegeAnswers(client, server.major, includeSystem);
      for (const wrong of rolesThatDiffer(roll, members, database)) mismatches.push(wrong);
      const result = privilegesThatDiffer(roll, answers, members);
      mismatches.push(...result.mismatches);
      compared += members.length + result.compared;
    } finally {
      await client.end();
    }
  }
  return { compared, mismatches };
}

function isSuperuser(roll: Roll, role: string): boolean {
  return roll.holds(
    new Set([role]),
    { type: "database", externalId: "any", name: "any", attributes: {} },
    "OWNER",
    () => false,
  );
}

function rolesThatDiffer(roll: Roll, answers: RoleAnswer[], database: string): string[] {
  const mismatches: string[] = [];
  const cache = new Map<string, { super: boolean; usage: Set<string>; member: Set<string>; set: Set<string> }>();
  for (const answer of answers) {
    let known = cache.get(answer.role);
    if (!known) {
      const { role } = answer;
      known = {
        super: isSuperuser(roll, role),
        usage: roll.inherited(role),
        member: roll.reach([role], () => true),
        set: roll.reach([role], (edge) => edge.switches),
      };
      cache.set(answer.role, known);
    }
    const names = answer.of === "pg_database_owner" ? [answer.of, databaseOwners(database)] : [answer.of];
    const has = (set: Set<string>) => known.super || names.some((name) => set.has(name));
    const usage = has(known.usage) || known.usage.has(inheritedFrom(answer.of));
    const said = { usage, member: has(known.member), set: answer.set === null ? null : has(known.set) };
    const { role, of, ...truth } = answer;
    if (JSON.stringify(said) !== JSON.stringify(truth)) {
      mismatches.push(`${database}: ${role} in ${of}: server ${JSON.stringify(truth)}, roll ${JSON.stringify(said)}`);
    }
  }
  return mismatches;
}

function privilegesThatDiffer(roll: Roll, answers: Answer[], members: RoleAnswer[]) {
  const mismatches: string[] = [];
  let compared = 0;
  const roles = [...new Set(members.map(({ role }) => role))];
  const now = new Map(roles.map((role) => [role, roll.inherited(role)]));
  const later = new Map(roles.map((role) => [role, roll.reachable(role)]));
  const becomes = new Map<string, string[]>();
  for (const { role, of, set, member } of members) {
    if (set ?? member) becomes.set(role, [...(becomes.get(role) ?? []), of]);
  }
  for (const answer of answers) {
    const resource = factOf(roll, answer);
    if (!resource) {
      if (answer.type !== "column") mismatches.push(`${answer.type} ${answer.id} is not in the roll`);
      continue;
    }
    const truth = new Set(answer.roles);
    // The policies of a table are no part of has_table_privilege; the owners of this database are its own.
    const isMet = (condition: string) =>
      condition.startsWith("row-level security") ||
      condition === `only while connected to the database ${answer.database}`;
    for (const role of roles) {
      compared += 2;
      const said = roll.holds(now.get(role) ?? new Set(), resource, answer.permission, isMet);
      if (said !== truth.has(role)) mismatches.push(wording(answer, role, "has", truth.has(role), said));
      const could = (becomes.get(role) ?? []).some((other) => truth.has(other));
      const saidCould = said || roll.holds(later.get(role) ?? new Set(), resource, answer.permission, isMet);
      if (saidCould !== could) mismatches.push(wording(answer, role, "may come to have", could, saidCould));
    }
  }
  return { compared, mismatches };
}

function factOf(roll: Roll, { type, id, system }: Answer) {
  const types = type === "routine" ? ["function", "procedure"] : [type];
  const listed = types.map((type) => roll.resources.get(keyOf(type, id))).find((fact) => fact !== undefined);
  // Columns are listed only where they have privileges of their own; the others are decided by their table alone.
  if (listed || type !== "column" || system) return listed;
  return { type, externalId: id, name: id, attributes: {} };
}

function wording(answer: Answer, role: string, verb: string, server: boolean, roll: boolean): string {
  return `${role} ${verb} ${answer.permission} on ${answer.type} ${answer.id}: server ${server}, roll ${roll}`;
}
