import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { system } from "../auth/actor";
import { ConnectorError } from "../connectors/connector-error";
import type { ReadEvent } from "../connectors/contract";
import type { Observation, ObservationKind } from "../connectors/schema";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { countInventory, readCounters, recountInventory } from "../inventory/counters";
import type { Source } from "./read-source";
import { orderSync, requestSync } from "./request-sync";
import { applySync, discardSync } from "./resolve-sync";
import { runSync } from "./run-sync";

// What these tests read comes from a script, so that they can break it; the registry only has to know its name.
vi.mock("../connectors/registry", () => ({
  connectors: {},
  connectorNamed: (name: string) =>
    name === "json"
      ? {
          name,
          label: "Scripted",
          description: "",
          settings: z.object({}),
          secrets: z.object({}),
          words: { account: "account", group: "group" },
          read: () => undefined,
        }
      : null,
}));

const actor = system("test");
const everyKind: ObservationKind[] = ["principal", "membership", "resource", "assignment", "credential"];
let database: Awaited<ReturnType<typeof freshDatabase>>;
let connectionId: string;

beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const name = `system-${randomBytes(4).toString("hex")}`;
  const connection = await db().connection.create({
    data: { name, connector: "json", settings: {}, scheduleMinutes: 60 },
  });
  connectionId = connection.id;
});

const company: Observation[] = [
  {
    kind: "account",
    externalId: "ann",
    name: "ann",
    email: "ann@example.com",
    lastUsedAt: new Date("2026-01-05T10:00:00Z"),
  },
  { kind: "account", externalId: "svc-etl", name: "svc-etl" },
  { kind: "group", externalId: "analysts", name: "analysts" },
  { kind: "group", externalId: "staff", name: "staff" },
  { kind: "membership", member: "ann", group: "analysts" },
  { kind: "membership", member: "analysts", group: "staff" },
  { kind: "resource", type: "database", externalId: "app", name: "app" },
  {
    kind: "resource",
    type: "table",
    externalId: "app/invoices",
    name: "invoices",
    parent: { type: "database", externalId: "app" },
  },
  {
    kind: "assignment",
    holder: "staff",
    resource: { type: "table", externalId: "app/invoices" },
    permission: "SELECT",
    privilege: 1,
  },
  {
    kind: "assignment",
    holder: "svc-etl",
    resource: { type: "table", externalId: "app/invoices" },
    permission: "INSERT",
    privilege: 2,
  },
  {
    kind: "credential",
    account: "svc-etl",
    credentialKind: "api_key",
    externalId: "k1",
    name: "key k1",
    sourceCreatedAt: new Date("2024-01-01T00:00:00Z"),
  },
];

function reading(items: Observation[], ended = everyKind, failure?: Error): Source {
  return async function* (): AsyncGenerator<ReadEvent> {
    yield { type: "observations", items };
    if (failure) throw failure;
    for (const kind of ended) yield { type: "ended", kind };
  };
}

async function sync(items: Observation[], ended = everyKind, failure?: Error) {
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  await runSync(actor, { runId, source: reading(items, ended, failure) });
  return db().syncRun.findUniqueOrThrow({ where: { id: runId } });
}

const without = (...ids: string[]) =>
  company.filter((item) => !ids.some((id) => JSON.stringify(item).includes(`"${id}"`)));

test("a first sync brings identities, edges, closure and kept facts", async () => {
  const run = await sync(company);
  expect(run).toMatchObject({ state: "done", error: null, problemCount: 0 });
  expect(run.result).toMatchObject({
    principal: { added: 4 },
    membership: { added: 2 },
    resource: { added: 2 },
    assignment: { added: 2 },
    credential: { added: 1 },
  });
  const identities = await db().identity.findMany({
    where: { principals: { some: { connectionId } } },
    orderBy: { name: "asc" },
  });
  expect(
    identities.map(({ name, kind, reaches, privilege, credentialCount, lastUseState }) => ({
      name,
      kind,
      reaches,
      privilege,
      credentialCount,
      lastUseState,
    })),
  ).toEqual([
    { name: "ann", kind: "human", reaches: 1, privilege: 1, credentialCount: 0, lastUseState: "used" },
    { name: "svc-etl", kind: "service_account", reaches: 1, privilege: 2, credentialCount: 1, lastUseState: "unknown" },
  ]);
  expect(identities[1]?.lastUseBecause).toContain("keeps no record of use");
  expect(await db().groupClosure.count({ where: { connectionId } })).toBe(3);
});

test("reading an unchanged system again writes no row of the inventory and no event", async () => {
  await sync(company);
  const before = await fingerprint();
  const run = await sync(company);
  expect(run.state).toBe("done");
  expect(await fingerprint()).toEqual(before);
});

test("what is gone ends, what is changed keeps its past, what comes back begins anew", async () => {
  const more: Observation[] = Array.from({ length: 9 }, (_, n) => ({
    kind: "assignment",
    holder: "staff",
    resource: { type: "database", externalId: "app" },
    permission: `P${n}`,
    privilege: 1,
  }));
  await sync([...company, ...more]);
  await sync([...more, ...without("svc-etl"), { kind: "account", externalId: "svc-new", name: "svc-new" }]);
  const [gone] = await db().principal.findMany({ where: { connectionId, externalId: "svc-etl" } });
  expect(gone?.removedAt).not.toBeNull();
  expect((await db().identity.findUniqueOrThrow({ where: { id: gone?.identityId ?? "" } })).status).toBe("gone");
  await sync([...company, ...more]);
  const etl = await db().principal.findMany({
    where: { connectionId, externalId: "svc-etl" },
    orderBy: { firstSeenAt: "asc" },
  });
  expect(etl.map((row) => row.removedAt === null)).toEqual([false, true]);
  expect(etl[1]).toMatchObject({ identityId: gone?.identityId, matchRule: "returned" });
  expect((await db().identity.findUniqueOrThrow({ where: { id: gone?.identityId ?? "" } })).status).toBe("active");
});

test("a changed membership option ends one edge and begins another", async () => {
  await sync(company);
  const changed = company.map((item) =>
    item.kind === "membership" && item.member === "ann" ? { ...item, inherits: false, switches: true } : item,
  );
  const run = await sync(changed);
  expect(run.result).toMatchObject({ membership: { added: 0, changed: 1, removed: 0 } });
  const edges = await rows<{ inherits: boolean; ended: boolean }>(
    "select m.inherits, m.removed_at is not null ended from memberships m join principals p on p.id = m.member_id where m.connection_id = $1 and p.name = 'ann' order by m.id",
    [connectionId],
  );
  expect(edges).toEqual([
    { inherits: true, ended: true },
    { inherits: false, ended: false },
  ]);
});

test("a sync that dies half way changes nothing, and says why in words", async () => {
  await sync(company);
  const before = await fingerprint();
  const failure = new ConnectorError("unreachable", "the connection to db1:5432 was cut", {
    remedy: "Look at db1.",
    object: "db1:5432",
  });
  const run = await sync(without("svc-etl"), everyKind, failure);
  expect(run).toMatchObject({
    state: "failed",
    error: { code: "unreachable", message: "the connection to db1:5432 was cut", remedy: "Look at db1." },
  });
  expect({ ...(await fingerprint()), events: 0 }).toEqual({ ...before, events: 0 });
  expect(await rows("select 1 from staged_principals where run_id = $1", [run.id])).toEqual([]);
});

test("a kind that was not read to its end loses nothing", async () => {
  await sync(company);
  const run = await sync(without("app/invoices", "k1"), ["principal", "membership"]);
  expect(run.state).toBe("done");
  expect(await db().assignment.count({ where: { connectionId, removedAt: null } })).toBe(2);
  expect(await db().credential.count({ where: { connectionId, removedAt: null } })).toBe(1);
});

test("three failures in a row alert, and a good sync clears them", async () => {
  const failure = new ConnectorError("credentials", "the password is wrong", { remedy: "Enter it again." });
  for (let n = 0; n < 3; n++) await sync([], [], failure);
  expect(await db().connection.findUniqueOrThrow({ where: { id: connectionId } })).toMatchObject({
    status: "failing",
    failuresInRow: 3,
  });
  expect(await db().auditEvent.count({ where: { action: "connection.alerted", targetId: connectionId } })).toBe(1);
  await sync(company);
  expect(await db().connection.findUniqueOrThrow({ where: { id: connectionId } })).toMatchObject({
    status: "current",
    failuresInRow: 0,
  });
});

test("a system that suddenly returns nothing is paused by the brake, and a person may discard or apply it", async () => {
  await sync(company);
  const before = await fingerprint();
  const paused = await sync([]);
  expect(paused.state).toBe("paused");
  expect((paused.brake as { kinds: { kind: string; removed: number; of: number }[] }).kinds).toContainEqual(
    expect.objectContaining({ kind: "principal", removed: 4, of: 4 }),
  );
  expect({ ...(await fingerprint()), events: 0 }).toEqual({ ...before, events: 0 });
  await expect(requestSync(actor, { id: connectionId })).rejects.toThrow("the brake has paused");
  await discardSync(actor, { runId: paused.id });
  expect(await db().principal.count({ where: { connectionId, removedAt: null } })).toBe(4);
  const again = await sync([]);
  await applySync(actor, { runId: again.id });
  expect(await db().principal.count({ where: { connectionId, removedAt: null } })).toBe(0);
  await expect(applySync(actor, { runId: again.id })).rejects.toThrow("not paused");
});

test("one fifth of all assignments gone is the most that passes unasked", async () => {
  const many: Observation[] = Array.from({ length: 20 }, (_, n) => ({
    kind: "assignment",
    holder: "staff",
    resource: { type: "table", externalId: "app/invoices" },
    permission: `P${n}`,
    privilege: 1,
  }));
  await sync([...company, ...many]);
  expect((await sync([...company, ...many.slice(4)])).state).toBe("done");
  expect((await sync([...company, ...many.slice(10)])).state).toBe("paused");
});

test("dangling members, duplicate ids and things that do not fit are named, and the rest goes in", async () => {
  const run = await sync([
    ...company,
    { kind: "membership", member: "nobody", group: "staff" },
    { kind: "account", externalId: "ann", name: "another ann" },
    { kind: "account", externalId: "x".repeat(50_000), name: "long" },
    { kind: "account", externalId: "", name: "empty" },
    {
      kind: "assignment",
      holder: "staff",
      resource: { type: "table", externalId: "app/gone" },
      permission: "SELECT",
      privilege: 1,
    },
  ]);
  expect(run.state).toBe("done");
  const problems = (run.problems as { message: string }[]).map((problem) => problem.message).join("\n");
  expect(problems).toContain("there is no account or group nobody");
  expect(problems).toContain("two different things have the id ann");
  expect(problems).toContain("there is no app/gone");
  expect(run.problemCount).toBe(5);
  expect(await db().principal.count({ where: { connectionId, removedAt: null } })).toBe(4);
});

test("hostile names arrive as they were, without harm", async () => {
  const names = [
    "<script>alert(1)</script>",
    '=HYPERLINK("x")',
    "\u202Egnp.exe",
    "a\u0000b",
    "tab\tand\nnewline\\N",
    "'; drop table principals; --",
    "\ud800lone",
  ];
  await sync(names.map((name, n) => ({ kind: "account", externalId: `h${n}`, name })));
  const kept = await db().principal.findMany({ where: { connectionId }, orderBy: { externalId: "asc" } });
  expect(kept.map((row) => row.name)).toEqual(
    names.map((name) => name.replace("\u0000", "\ufffd").replace("\ud800", "\ufffd")),
  );
});

test("a cycle of groups ends", async () => {
  const run = await sync([...company, { kind: "membership", member: "staff", group: "analysts" }]);
  expect(run.state).toBe("done");
  expect(await db().groupClosure.count({ where: { connectionId } })).toBe(4);
});

test("an interrupted read goes on at its last checkpoint, and the worker that had stalled changes nothing", async () => {
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  const cursors: unknown[] = [];
  let resume = () => {};
  const stalled = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const source: Source = async function* (_, { cursor }): AsyncGenerator<ReadEvent> {
    cursors.push(cursor);
    if (cursor === undefined) {
      yield { type: "observations", items: company.slice(0, 4) };
      yield { type: "ended", kind: "principal" };
      yield { type: "checkpoint", cursor: "after principals" };
      await stalled;
      yield { type: "observations", items: [{ kind: "account", externalId: "stale", name: "stale" }] };
      for (const kind of everyKind) yield { type: "ended", kind };
      return;
    }
    yield { type: "observations", items: company.slice(4) };
    for (const kind of everyKind.slice(1)) yield { type: "ended", kind };
  };
  const dying = runSync(actor, { runId, source });
  await expect
    .poll(async () => (await db().syncRun.findUniqueOrThrow({ where: { id: runId } })).checkpoint)
    .toMatchObject({ cursor: "after principals" });
  await rows(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
  );
  await runSync(actor, { runId, source });
  expect(cursors).toEqual([undefined, "after principals"]);
  expect(await db().syncRun.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({
    state: "done",
    result: { principal: { added: 4 }, assignment: { added: 2 } },
  });
  resume();
  await dying;
  expect(await db().principal.count({ where: { connectionId, externalId: "stale" } })).toBe(0);
  expect((await db().syncRun.findUniqueOrThrow({ where: { id: runId } })).state).toBe("done");
});

test("two workers never read one connection at once, and a finished run is left alone", async () => {
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reads = 0;
  const source: Source = async function* (): AsyncGenerator<ReadEvent> {
    reads++;
    await gate;
    yield { type: "observations", items: company };
    for (const kind of everyKind) yield { type: "ended", kind };
  };
  const first = runSync(actor, { runId, source });
  await expect.poll(() => reads).toBe(1);
  expect(await runSync(actor, { runId, source })).toBe(false);
  open();
  expect(await first).toBe(true);
  expect(await runSync(actor, { runId, source })).toBe(true);
  expect(reads).toBe(1);
});

test("accounts of several systems become one identity by e-mail or employee number, and a person's word stays", async () => {
  await db().connection.update({ where: { id: connectionId }, data: { isIdentitySource: true } });
  const email = `kim-${connectionId.slice(-6)}@example.com`;
  await sync([
    {
      kind: "account",
      externalId: "e1",
      name: "Kim Larsen",
      email,
      employeeNumber: `N${connectionId}`,
      attributes: { department: "Payments" },
    },
    {
      kind: "account",
      externalId: "e2",
      name: "Lee Chan",
      email: `lee-${email}`,
      managerExternalId: "e1",
      employeeNumber: `M${connectionId}`,
    },
  ]);
  const kim = await db().identity.findFirstOrThrow({ where: { email } });
  expect(kim).toMatchObject({ kind: "human", department: "Payments" });
  expect(await db().identity.findFirstOrThrow({ where: { email: `lee-${email}` } })).toMatchObject({
    managerId: kim.id,
  });
  const other = await db().connection.create({
    data: { name: `other-${connectionId.slice(-6)}`, connector: "json", settings: {}, scheduleMinutes: null },
  });
  connectionId = other.id;
  await sync([
    { kind: "account", externalId: "kl", name: "klarsen", email: email.toUpperCase() },
    { kind: "account", externalId: "ml", name: "first.last" },
  ]);
  expect(await db().principal.findFirstOrThrow({ where: { connectionId, externalId: "kl" } })).toMatchObject({
    identityId: kim.id,
    matchRule: "email",
    matchConfidence: 1,
  });
  expect(await db().principal.findFirstOrThrow({ where: { connectionId, externalId: "ml" } })).toMatchObject({
    identityId: null,
  });
  await db().connection.updateMany({ data: { isIdentitySource: false } });
});

test("the kept counters do not drift from a count", async () => {
  await sync(company);
  await transaction((tx) => recountInventory(tx));
  expect(await readCounters()).toEqual(await transaction((tx) => countInventory(tx)));
});

async function fingerprint() {
  const tables = [
    "principals",
    "memberships",
    "resources",
    "entitlements",
    "assignments",
    "credentials",
    "group_closure",
    "identities",
    "principal_versions",
  ];
  const counted: Record<string, unknown> = {};
  for (const table of tables) {
    // xmin changes with every write of a row, even one that writes the same values.
    const [row] = await rows<{ n: number; hash: string }>(
      `select count(*)::int n, md5(string_agg(xmin::text, ',' order by ctid)) hash from ${table}`,
    );
    counted[table] = row;
  }
  return { ...counted, events: await db().auditEvent.count() };
}

test("what came and went while a system was read stays as it is now, until the next reading", async () => {
  await sync(company);
  const id = async (name: string) =>
    (await db().principal.findFirstOrThrow({ where: { connectionId, name, removedAt: null } })).id;
  const [ann, analysts, staff, etl] = [await id("ann"), await id("analysts"), await id("staff"), await id("svc-etl")];
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  const changing: Source = async function* () {
    yield { type: "observations", items: company };
    await rows("update memberships set removed_at = clock_timestamp() where member_id = $1 and group_id = $2", [
      ann,
      analysts,
    ]);
    await rows(
      "insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at) values ($1, $2, $3, true, true, false, clock_timestamp())",
      [connectionId, ann, staff],
    );
    await rows("update assignments set removed_at = clock_timestamp() where principal_id = $1", [etl]);
    await rows(
      `insert into assignments (connection_id, principal_id, entitlement_id, first_seen_at)
       select $1, $2, entitlement_id, clock_timestamp() from assignments where principal_id = $3`,
      [connectionId, ann, etl],
    );
    await rows(
      "insert into principals (connection_id, type, external_id, name, search, content_hash, attributes, first_seen_at) values ($1, 'account', 'rc_ann', 'rc_ann', 'rc_ann', '', '{}', clock_timestamp())",
      [connectionId],
    );
    await rows("update principals set removed_at = clock_timestamp() where id = $1", [etl]);
    for (const kind of everyKind) yield { type: "ended", kind };
  };
  await runSync(actor, { runId, source: changing });
  const edges = await rows<{ member: string; group: string }>(
    `select m.name as member, g.name as "group" from memberships e join principals m on m.id = e.member_id join principals g on g.id = e.group_id
     where e.connection_id = $1 and e.removed_at is null order by 1, 2`,
    [connectionId],
  );
  expect(edges).toEqual([
    { member: "analysts", group: "staff" },
    { member: "ann", group: "staff" },
  ]);
  const holders = await rows<{ name: string }>(
    "select p.name from assignments a join principals p on p.id = a.principal_id where a.connection_id = $1 and a.removed_at is null order by 1",
    [connectionId],
  );
  expect(holders.map(({ name }) => name)).toEqual(["ann", "staff"]);
  const accounts = await rows<{ name: string }>(
    "select name from principals where connection_id = $1 and type = 'account' and removed_at is null order by 1",
    [connectionId],
  );
  expect(accounts.map(({ name }) => name)).toEqual(["ann", "rc_ann"]);
  await sync(company);
  expect(await id("svc-etl")).not.toBe(etl);
  expect(
    await rows("select 1 from memberships where member_id = $1 and group_id = $2 and removed_at is null", [
      ann,
      analysts,
    ]),
  ).toHaveLength(1);
});
