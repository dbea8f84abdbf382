import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { system } from "../auth/actor";
import type { ReadEvent } from "../connectors/contract";
import { type Observation, observationKinds } from "../connectors/schema";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { orderSync } from "./request-sync";
import { runSync } from "./run-sync";

// What these tests read comes from a script; the registry only has to know its name.
vi.mock("../connectors/registry", () => ({
  connectors: {},
  connectorNamed: (name: string) => ({
    ...{ name, label: "Scripted", description: "", settings: z.object({}), secrets: z.object({}) },
    ...{ words: { account: "account", group: "group" }, read: () => undefined },
  }),
}));

const actor = system("test");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let connectionId: string;

beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const name = `system-${randomBytes(4).toString("hex")}`;
  const settings = { kindShare: 1, assignmentShare: 1 };
  const made = await db().connection.create({ data: { name, connector: "json", settings, scheduleMinutes: 60 } });
  connectionId = made.id;
});

/** Accounts by name, each with the number that it keeps; each in the group `staff`. */
function staff(...accounts: [name: string, number: string][]): Observation[] {
  return [
    { kind: "group", externalId: "staff", name: "staff" },
    ...accounts.flatMap(([name, number]): Observation[] => [
      { kind: "account", externalId: name, name, attributes: { stableId: `c1/${number}` } },
      { kind: "membership", member: name, group: "staff" },
    ]),
  ];
}

async function sync(items: Observation[]) {
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  const source = async function* (): AsyncGenerator<ReadEvent> {
    yield { type: "observations", items };
    for (const kind of observationKinds) yield { type: "ended", kind };
  };
  await runSync(actor, { runId, source });
  const run = await db().syncRun.findUniqueOrThrow({ where: { id: runId } });
  expect(run).toMatchObject({ state: "done", error: null });
  return run.result;
}

/** What is there now: the number by name, and the id that Rollcall has for it. */
async function known(): Promise<Map<string, { id: string; name: string; identityId: string | null }>> {
  const found = await rows<{ id: string; name: string; number: string; identityId: string | null }>(
    `select id, external_id as name, attributes->>'stableId' as number, identity_id as "identityId" from principals
     where connection_id = $1::uuid and removed_at is null and type = 'account'`,
    [connectionId],
  );
  return new Map(found.map(({ number, ...account }) => [number, account]));
}

test("an account under a new name is still the same account, of the same identity, and its past says the old one", async () => {
  await sync(staff(["alice", "1"], ["bob", "2"]));
  const before = await known();
  const alice = before.get("c1/1");
  await db().principal.update({ where: { id: alice?.id ?? "" }, data: { matchSetBy: "somebody" } });
  const result = await sync(staff(["alice.smith", "1"], ["bob", "2"]));
  expect(result).toMatchObject({ principal: { added: 0, changed: 1, removed: 0 } });
  expect((await known()).get("c1/1")).toEqual({ ...alice, name: "alice.smith" });
  const past = await db().principalVersion.findMany({ where: { principalId: alice?.id ?? "" } });
  expect(past.map(({ name }) => name)).toEqual(["alice"]);
  const edges = await db().membership.findMany({ where: { memberId: alice?.id ?? "" } });
  expect(edges.map(({ removedAt }) => removedAt)).toEqual([null]);
  expect(await sync(staff(["alice.smith", "1"], ["bob", "2"]))).toMatchObject({ principal: { added: 0, changed: 0 } });
});

test("two that change names with each other stay who they are, and so does who takes a name that became free", async () => {
  await sync(staff(["alice", "1"], ["bob", "2"], ["carol", "3"]));
  const before = await known();
  await sync(staff(["bob", "1"], ["alice", "2"], ["dave", "3"], ["carol", "4"]));
  const after = await known();
  for (const [number, name] of [
    ["c1/1", "bob"],
    ["c1/2", "alice"],
    ["c1/3", "dave"],
  ] as const)
    expect(after.get(number)).toEqual({ ...before.get(number), name });
  expect(after.get("c1/4")?.name).toBe("carol");
  expect(after.get("c1/4")?.id).not.toBe(before.get("c1/3")?.id);
});

test("who is renamed to somebody who is gone does not become them", async () => {
  await sync(staff(["alice", "1"], ["bob", "2"]));
  const before = await known();
  await sync(staff(["bob", "1"]));
  const after = await known();
  expect([...after]).toEqual([["c1/1", { ...before.get("c1/1"), name: "bob" }]]);
  const gone = await db().principal.findUniqueOrThrow({ where: { id: before.get("c1/2")?.id ?? "" } });
  expect(gone.removedAt).not.toBeNull();
});

test("dropped and made anew under its name, as after a copy into another cluster, it is the account of that name", async () => {
  await sync(staff(["alice", "1"]));
  const before = await known();
  await sync(staff(["alice", "7"]));
  expect((await known()).get("c1/7")?.id).toBe(before.get("c1/1")?.id);
});
