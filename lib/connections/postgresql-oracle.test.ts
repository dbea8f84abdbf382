import { randomBytes } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateAccess } from "../access/evaluate-access";
import { listResourceAccess } from "../access/resource-access-queries";
import type { Evaluation, EvaluationAnswer } from "../access/schema";
import { system } from "../auth/actor";
import { databaseOwners } from "../connectors/postgresql/names";
import { type Answer, privilegeAnswers, type RoleAnswer, roleAnswers } from "../connectors/postgresql/test-oracle";
import { dropWorld, makeWorld, type World } from "../connectors/postgresql/test-world";
import { db } from "../db/client";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../db/test-clusters";
import { freshDatabase } from "../db/test-database";
import { createConnection } from "./create-connection";
import { requestSync } from "./request-sync";
import { runSync } from "./run-sync";

// The whole way: a random world in a real server, synced into the inventory, and every question about it answered by
// `evaluateAccess`, and by the list of who can reach it, as by the server's own has_*_privilege. They must agree exactly.
process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
const actor = system("test");
const connection = "oracle";
// Seed 3 makes an account with one unconditional way among many conditional ones.
const first = Number(process.env.ORACLE_SEED ?? 3);
const seeds = Array.from({ length: Number(process.env.ORACLE_SEEDS ?? 1) }, (_, at) => first + at);

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it.each(seeds)(
    "the inventory answers every question as the server does (seed %i)",
    async (seed) => {
      database = await freshDatabase();
      const world = await makeWorld((name) => server.connect(name), seed, major);
      try {
        await sync(server);
        const { compared, mismatches } = await compare(server, world);
        console.info(`PostgreSQL ${major}, seed ${seed}: ${compared} questions asked`);
        expect(mismatches.slice(0, 20)).toEqual([]);
        expect(compared).toBeGreaterThan(10_000);
      } finally {
        await dropWorld((name) => server.connect(name), world);
        await database.drop();
      }
    },
    600_000,
  );
});

describe("in the system's own words", () => {
  let server: TestServer;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    database = await freshDatabase();
    server = await startServer18();
    const client = await server.connect("rollcall");
    await client.query(`
      create schema billing; create role ann login; create role analysts; create role dba superuser; create role bo login;
      create table billing.invoices (id int, amount int); create view billing.due as select id from billing.invoices;
      grant usage on schema billing to analysts; grant select on billing.invoices, billing.due to analysts;
      grant analysts to ann; grant dba to bo; grant select on billing.due to dba;
      create table billing.own (id int, owner name); alter table billing.own enable row level security;
      create policy mine on billing.own for select using (owner = current_user); grant select on billing.own to analysts`);
    await client.end();
    await sync(server);
  });
  afterAll(async () => {
    await server.stop();
    await database.drop();
  });

  const ask = async (subject: string, action: string, type: string, id: string) => {
    const { evaluations } = await evaluateAccess(actor, { evaluations: [question(subject, action, { type, id })] });
    return evaluations[0];
  };

  it.each([
    ["table", "billing.invoices"],
    ["table", "rollcall/billing.invoices"],
    ["view", "billing.due"],
    ["table", "billing.due"],
    ["column", "billing.invoices.amount"],
    ["column", "rollcall/billing.invoices.amount"],
  ])("takes SELECT on %s %s for what it is", async (type, id) => {
    const answer = await ask("ann", "SELECT", type, id);
    expect(answer).toMatchObject({ decision: true });
    expect(answer?.context.paths[0]?.map(({ name }) => name)).toEqual(["ann", "analysts", "GRANT SELECT"]);
    expect(await ask("bo", "INSERT", type, id)).toMatchObject({ decision: false });
  });

  it("says which policy stands before a row", async () => {
    const answer = await ask("ann", "SELECT", "table", "billing.own");
    expect(answer).toMatchObject({ decision: false, context: { conditional: true } });
    expect(answer?.context.conditions).toEqual([
      "row-level security: policy mine to public using ((owner = CURRENT_USER))",
    ]);
  });

  it("gives a superuser's members its grants, and everything only after SET ROLE", async () => {
    expect(await ask("bo", "SELECT", "view", "billing.due")).toMatchObject({ decision: true });
    const answer = await ask("bo", "DELETE", "table", "billing.invoices");
    expect(answer).toMatchObject({
      decision: false,
      context: { conditional: true, conditions: ["after becoming dba"] },
    });
    expect(await ask("dba", "DELETE", "table", "billing.invoices")).toMatchObject({ decision: true });
  });
});

if (!hasDebianServer()) it.skip("PostgreSQL 15: skipped, Debian's server is not installed", () => undefined);

async function sync(server: TestServer): Promise<void> {
  const made = await createConnection(actor, {
    name: connection,
    connector: "postgresql",
    environment: "development",
    settings: { host: "127.0.0.1", port: server.port, user: server.user },
    secrets: { password: server.password },
    syncNow: false,
  });
  const runs = [];
  for (let at = 0; at < 2; at++) {
    const { runId } = await requestSync(actor, { id: made.id });
    await runSync(actor, { runId });
    runs.push(await db().syncRun.findUniqueOrThrow({ where: { id: runId } }));
  }
  expect(runs.map(({ state, error, problemCount }) => ({ state, error, problemCount }))).toEqual(
    runs.map(() => ({ state: "done", error: null, problemCount: 0 })),
  );
  const changes = Object.values(runs[1]?.result as Record<string, Record<string, number>>);
  expect(changes.flatMap((counts) => Object.values(counts)).filter((count) => count !== 0)).toEqual([]);
}

async function compare(server: TestServer, world: World) {
  const mismatches: string[] = [];
  let compared = 0;
  for (const database of world.databases) {
    const client = await server.connect(database);
    try {
      const members = await roleAnswers(client, server.major);
      const answers = await privilegeAnswers(client, server.major, false);
      mismatches.push(...(await listsThatDiffer(client, answers, members)));
      const questions = [...membershipQuestions(members, database), ...privilegeQuestions(answers, members)];
      for (let at = 0; at < questions.length; at += 1_000) {
        const batch = questions.slice(at, at + 1_000);
        const { evaluations } = await evaluateAccess(actor, { evaluations: batch.map(({ ask }) => ask) });
        compared += batch.length;
        for (const [n, { ask, agrees }] of batch.entries()) {
          const answer = evaluations[n];
          const wrong = answer ? agrees(answer) : "no answer";
          if (wrong)
            mismatches.push(`${ask.subject.id} ${ask.action.name} ${ask.resource.type} ${ask.resource.id}: ${wrong}`);
        }
      }
    } finally {
      await client.end();
    }
  }
  return { compared, mismatches };
}

/** A question, and what is wrong with an answer to it, or null. */
type Question = { ask: Evaluation; agrees: (answer: EvaluationAnswer) => string | null };

function question(subject: string, action: string, resource: { type: string; id: string }): Evaluation {
  return { subject: { type: "account", id: subject }, action: { name: action }, resource, context: { connection } };
}

// A superuser passes for a member of every role; who is one is among the privileges.
function* membershipQuestions(members: RoleAnswer[], database: string): Generator<Question> {
  const superusers = new Set(
    members.filter(({ role, of, usage }) => of === "pg_monitor" && usage && role !== of).map(({ role }) => role),
  );
  for (const { role, of, member } of members) {
    const isEverywhere = superusers.has(role) && members.every((it) => it.role !== role || it.usage);
    if (role === of || isEverywhere || role === "pg_database_owner") continue;
    const id = of === "pg_database_owner" ? databaseOwners(database) : of;
    yield {
      ask: question(role, "member", { type: "group", id }),
      agrees: ({ decision }) => (decision === member ? null : `server ${member}, inventory ${decision}`),
    };
  }
}

function* privilegeQuestions(answers: Answer[], members: RoleAnswer[]): Generator<Question> {
  const becomes = becomingOf(members);
  const roles = [...new Set(members.map(({ role }) => role))];
  for (const { type, id, permission, roles: holders, database } of answers) {
    const truth = new Set(holders);
    const kind = type === "routine" ? (id.includes('"P p"()') ? "procedure" : "function") : type;
    for (const role of roles) {
      const has = truth.has(role);
      const could = (becomes.get(role) ?? []).some((other) => truth.has(other));
      yield {
        ask: question(role, permission, { type: kind, id }),
        agrees: (answer) => differs(answer, { has, could }, database),
      };
    }
  }
}

// The list of who can reach a resource must say what the single answers say, for every account.
async function listsThatDiffer(client: pg.Client, answers: Answer[], members: RoleAnswer[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("select rolname::text as name from pg_roles where rolcanlogin");
  const logins = rows.map(({ name }) => name);
  const becomes = becomingOf(members);
  const mismatches: string[] = [];
  const resources = new Map(answers.filter(({ type }) => type !== "routine").map((it) => [`${it.type} ${it.id}`, it]));
  for (const [key, { type, id, database }] of resources) {
    const found = await db().resource.findFirst({
      where: { type, externalId: id, removedAt: null },
      select: { id: true },
    });
    if (!found) continue;
    const { items, nextCursor } = await listResourceAccess(actor, { resourceId: found.id, limit: 5_000, paths: 1 });
    expect(nextCursor).toBeNull();
    for (const { permission, roles } of answers.filter((it) => it.type === type && it.id === id)) {
      const truth = new Set(roles);
      for (const login of logins) {
        const entries = items.filter((it) => it.account.externalId === login && it.permission === permission);
        const conditions = entries.map(({ condition }) => condition ?? "");
        const said = saidBy(conditions, database);
        const real = { has: truth.has(login), could: (becomes.get(login) ?? []).some((role) => truth.has(role)) };
        if (said.has !== real.has || said.could !== real.could) {
          mismatches.push(
            `${login} ${permission} ${key}: server ${JSON.stringify(real)}, list ${JSON.stringify(said)}`,
          );
        }
      }
    }
  }
  return mismatches;
}

function becomingOf(members: RoleAnswer[]): Map<string, string[]> {
  const becomes = new Map<string, string[]>();
  for (const { role, of, set, member } of members) {
    if (set ?? member) becomes.set(role, [...(becomes.get(role) ?? []), of]);
  }
  return becomes;
}

// has_*_privilege knows no policies of rows, and pg_database_owner is whoever owns the database one is in.
function saidBy(conditions: string[], database: string): { has: boolean; could: boolean } {
  const isMet = (condition: string) =>
    condition === "" ||
    condition.startsWith("row-level security") ||
    condition === `only while connected to the database ${database}`;
  const has = conditions.some((it) => isMet(it) && !/after becoming /.test(it));
  return { has, could: has || conditions.some((it) => isMet(it.replace(/(^|; )after becoming [\s\S]*$/, ""))) };
}

function differs({ decision, context }: EvaluationAnswer, truth: { has: boolean; could: boolean }, database: string) {
  const said = saidBy(decision ? [""] : context.conditions, database);
  if (context.error?.code !== "ambiguous" && said.has === truth.has && said.could === truth.could) return null;
  return `server ${JSON.stringify(truth)}, inventory ${JSON.stringify(said)}: ${context.reason}`;
}
