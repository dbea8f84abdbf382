import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { evaluateAccess } from "./evaluate-access";
import {
  addConnection,
  addEntitlement,
  addIdentity,
  addMemberships,
  addPrincipal,
  addResource,
  assign,
  closeGroups,
} from "./test-world";

const worker = system("test");
let drop: () => Promise<void>;
let world: Awaited<ReturnType<typeof makeWorld>>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  world = await makeWorld();
});
afterAll(() => drop());

async function makeWorld() {
  const warehouse = await addConnection("warehouse", "postgresql");
  const ann = await addIdentity("Ann");
  await rows("update identities set email = 'ann@example.com' where id = $1", [ann]);
  const account = (name: string, facts = {}) => addPrincipal(warehouse, "account", name, facts);
  const [a, b, root] = [
    await account("ann", { identityId: ann, externalId: "cn=ann" }),
    await account("bob"),
    await account("root"),
  ];
  await account("twin", { externalId: "twin-1" });
  await account("twin", { externalId: "twin-2" });
  const group = (name: string) => addPrincipal(warehouse, "group", name);
  const [readers, inner, dba] = [await group("readers"), await group("inner"), await group("dba")];
  await addMemberships(warehouse, [
    { member: a, group: inner, inherits: true, switches: false },
    { member: inner, group: readers, inherits: true, switches: false },
    { member: b, group: dba, inherits: false, switches: true },
  ]);
  await closeGroups(warehouse);
  const table = await addResource(warehouse, "table", "billing.invoices", { externalId: "app/billing.invoices" });
  const cluster = await addResource(warehouse, "cluster", "cluster");
  await assign(warehouse, readers, await addEntitlement(warehouse, table, "SELECT"));
  await assign(warehouse, dba, await addEntitlement(warehouse, table, "UPDATE"));
  await assign(warehouse, a, await addEntitlement(warehouse, table, "DELETE", { condition: "policy own_rows" }));
  const superuser = { pattern: { rule: "superuser", server: 18 }, privilege: 4 };
  await assign(warehouse, root, await addEntitlement(warehouse, cluster, "SUPERUSER", superuser));
  return { warehouse, ann, readers };
}

const question = (subject: string, action: string, type: string, id: string, more: object = {}) => ({
  subject: { type: "account", id: subject },
  action: { name: action },
  resource: { type, id },
  context: { connection: "warehouse" },
  ...more,
});

async function ask(...it: Parameters<typeof question>) {
  const { evaluations } = await evaluateAccess(worker, { evaluations: [question(...it)] });
  const [answer] = evaluations;
  if (!answer) throw new Error("no answer");
  return answer;
}

describe("may X do Y on Z", () => {
  test("yes, through groups, and by which path", async () => {
    const { decision, context } = await ask("ann", "SELECT", "table", "billing.invoices");
    expect(decision).toBe(true);
    expect(context.reason).toBe(
      "ann, through inner → readers, holds SELECT, which gives SELECT on table billing.invoices.",
    );
    expect(context.paths.map((path) => path.map((step) => step.name))).toEqual([
      ["ann", "inner", "readers", "GRANT SELECT"],
    ]);
    expect((await ask("cn=ann", "SELECT", "table", "app/billing.invoices")).decision).toBe(true);
  });

  test("no, and nothing gives it", async () => {
    const { decision, context } = await ask("bob", "SELECT", "table", "billing.invoices");
    expect([decision, context.conditional, context.error]).toEqual([false, false, null]);
  });

  test("only under the system's own condition, or after becoming another: not true, but conditional", async () => {
    const own = await ask("ann", "DELETE", "table", "billing.invoices");
    expect([own.decision, own.context.conditional, own.context.conditions]).toEqual([false, true, ["policy own_rows"]]);
    const switching = await ask("bob", "UPDATE", "table", "billing.invoices");
    expect([switching.decision, switching.context.conditions]).toEqual([false, ["after becoming dba"]]);
    expect(switching.context.paths[0]?.[1]).toMatchObject({ name: "dba", how: "switches" });
  });

  test("what encloses it decides too, also for what the inventory does not list", async () => {
    expect((await ask("ann", "SELECT", "column", "billing.invoices.amount")).decision).toBe(true);
    expect((await ask("ann", "DELETE", "column", "billing.invoices.amount")).context.conditional).toBe(false);
  });

  test("by a pattern, decided by the connector", async () => {
    const { decision, context } = await ask("root", "TRUNCATE", "table", "billing.invoices");
    expect(decision).toBe(true);
    expect(context.paths[0]?.map((step) => step.name)).toEqual(["root", "GRANT SUPERUSER"]);
    expect((await ask("root", "FLY", "table", "billing.invoices")).decision).toBe(false);
  });

  test("membership at any depth and of any kind", async () => {
    expect((await ask("ann", "member", "role", "readers")).decision).toBe(true);
    expect((await ask("bob", "member", "role", "dba")).context.reason).toBe("bob is a member of dba.");
    expect((await ask("bob", "member", "role", "readers")).decision).toBe(false);
    expect((await ask("bob", "member", "role", "nobody")).context.error?.code).toBe("not_found");
  });

  test("an identity is asked about over all its accounts in the connection", async () => {
    for (const id of ["Ann", "ann@example.com", world.ann]) {
      const subject = { type: "identity", id };
      expect((await ask("", "SELECT", "table", "billing.invoices", { subject })).decision).toBe(true);
    }
  });

  test("groups that come with the subject count as its own", async () => {
    const subject = { type: "account", id: "bob", properties: { groups: ["readers"] } };
    const { decision, context } = await ask("", "SELECT", "table", "billing.invoices", { subject });
    expect(decision).toBe(true);
    expect(context.paths[0]?.[0]).toMatchObject({ type: "group", name: "readers" });
  });

  test("each question that cannot be answered says why, and the others are answered", async () => {
    const { evaluations } = await evaluateAccess(worker, {
      evaluations: [
        question("nobody", "SELECT", "table", "billing.invoices"),
        question("twin", "SELECT", "table", "billing.invoices"),
        question("ann", "SELECT", "table", "billing.nothing"),
        question("ann", "SELECT", "table", "billing.invoices", { context: { connection: "elsewhere" } }),
        question("twin-1", "SELECT", "table", "billing.invoices"),
        question("ann", "SELECT", "table", "billing.invoices"),
      ],
    });
    expect(evaluations.map((it) => it.context.error?.code ?? it.decision)).toEqual([
      "not_found",
      "ambiguous",
      "not_found",
      "not_found",
      false,
      true,
    ]);
    expect(evaluations[1]?.context.reason).toMatch(/Several accounts of warehouse are called twin/);
  });

  test("a connection that was renamed is found by its new name only", async () => {
    await ask("ann", "SELECT", "table", "billing.invoices");
    await rows("update connections set name = 'lake' where id = $1", [world.warehouse]);
    expect((await ask("ann", "SELECT", "table", "billing.invoices")).context.error?.code).toBe("not_found");
    const context = { connection: "lake" };
    expect((await ask("ann", "SELECT", "table", "billing.invoices", { context })).decision).toBe(true);
    await rows("update connections set name = 'warehouse' where id = $1", [world.warehouse]);
    expect((await ask("ann", "SELECT", "table", "billing.invoices")).decision).toBe(true);
  });

  test("a thousand questions in one call are answered in their order", async () => {
    const evaluations = Array.from({ length: 1_000 }, (_, n) =>
      question(n % 2 ? "ann" : "bob", "SELECT", "table", "billing.invoices"),
    );
    const answers = (await evaluateAccess(worker, { evaluations })).evaluations;
    expect(answers.map((it) => it.decision)).toEqual(evaluations.map((_, n) => n % 2 === 1));
  });

  test("a member asks about their own only, and does not learn who else there is", async () => {
    const member: PersonActor = {
      type: "person",
      userId: "018f0000-0000-7000-8000-000000000001",
      identityId: world.ann,
      name: "Ann",
      email: null,
      roles: ["member"],
      sessionId: null,
      tokenId: null,
      authenticatedBy: "oidc",
      scopes: null,
      requestId: null,
    };
    const evaluations = ["ann", "bob", "nobody"].map((name) => question(name, "SELECT", "table", "billing.invoices"));
    const answers = (await evaluateAccess(member, { evaluations })).evaluations;
    expect(answers.map((it) => it.context.error?.code ?? it.decision)).toEqual([true, "forbidden", "forbidden"]);
    const { evaluations: none } = await evaluateAccess({ ...member, identityId: null }, { evaluations });
    expect(none.every((it) => it.context.error?.code === "forbidden")).toBe(true);
  });
});
