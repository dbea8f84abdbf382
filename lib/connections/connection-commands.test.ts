import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import type { Role } from "../auth/permissions";
import { db, rows } from "../db/client";
import { startServer18, type TestServer } from "../db/test-clusters";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { checkConnection } from "./check-connection";
import { connectOwnDatabase } from "./connect-own-database";
import { createConnection } from "./create-connection";
import { editConnection } from "./edit-connection";
import { matchAccount } from "./match-account";
import { getConnection, listConnections } from "./queries";
import { removeConnection } from "./remove-connection";
import { requestSync, startDueSyncs } from "./request-sync";
import { runSync } from "./run-sync";
import { saveMatchRule } from "./save-match-rule";
import { takeUsage } from "./take-usage";

const actor = system("test");
const person = (role: Role): PersonActor => ({
  type: "person",
  userId: "00000000-0000-0000-0000-000000000001",
  identityId: null,
  name: "Pat",
  email: null,
  roles: [role],
  sessionId: null,
  tokenId: null,
  authenticatedBy: "link",
  scopes: null,
  requestId: null,
});
let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: { host: string; port: number; user: string; database: string };
let password: string;
// A cluster of one's own: roles belong to a whole cluster, and other tests count those of the shared one.
let target: TestServer;
let inTarget: Awaited<ReturnType<TestServer["connect"]>>;

beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  database = await freshDatabase();
  target = await startServer18();
  inTarget = await target.connect();
  await inTarget.query("create schema billing; create table billing.invoices (id int); create role analysts");
  await inTarget.query("grant usage on schema billing to analysts; grant select on billing.invoices to analysts");
  server = { host: "127.0.0.1", port: target.port, user: target.user, database: "postgres" };
  password = target.password;
});
afterAll(async () => {
  await inTarget.end();
  await target.stop();
  await database.drop();
});

const settings = () => ({ ...server, sslmode: "disable", databases: "one" });

test("a real PostgreSQL is connected, checked, read, and its secret is kept sealed and never told", async () => {
  const check = await checkConnection(actor, { connector: "postgresql", settings: settings(), secrets: { password } });
  expect(check).toMatchObject({ ok: true, as: expect.stringContaining(server.user) });
  const { id, runId } = await createConnection(actor, {
    name: "warehouse",
    connector: "postgresql",
    settings: settings(),
    secrets: { password },
  });
  expect(await runSync(actor, { runId: runId ?? "" })).toBe(true);
  const detail = await getConnection(actor, "warehouse");
  expect(detail).toMatchObject({ id, status: "current", hasSecrets: true, runs: [{ state: "done", error: null }] });
  expect(detail.counts.resources).toBeGreaterThan(5);
  const told = JSON.stringify([
    detail,
    await listConnections(actor),
    await rows("select * from audit_events"),
    await rows("select * from sync_runs"),
  ]);
  expect(told).not.toContain(password);
  const [row] = await rows<{ secrets: Buffer }>("select secrets from connections where id = $1", [id]);
  expect(row?.secrets.includes(password)).toBe(false);
});

test("a wrong password and a closed port are answers in words, with a remedy", async () => {
  const wrong = await checkConnection(actor, {
    connector: "postgresql",
    settings: settings(),
    secrets: { password: "not it" },
  });
  expect(wrong).toMatchObject({ ok: false, code: "credentials" });
  expect(JSON.stringify(wrong)).not.toContain("not it");
  expect(
    await checkConnection(actor, {
      connector: "postgresql",
      settings: { ...settings(), port: 1 },
      secrets: { password },
    }),
  ).toMatchObject({ ok: false, code: "unreachable" });
});

test("a setting that does not fit is refused by its field, and nothing is made", async () => {
  const wrong = {
    name: "bad",
    connector: "postgresql",
    settings: { ...settings(), port: 99999 },
    secrets: { password },
  };
  await expect(createConnection(actor, wrong)).rejects.toMatchObject({ code: "invalid", field: "settings.port" });
  await expect(createConnection(actor, { ...wrong, connector: "nothing" })).rejects.toMatchObject({
    code: "invalid",
    field: "connector",
  });
  expect(await db().connection.count({ where: { name: "bad" } })).toBe(0);
});

test("two connections cannot have one name", async () => {
  const again = { name: "warehouse", connector: "postgresql", settings: settings(), secrets: { password } };
  await expect(createConnection(actor, again)).rejects.toMatchObject({ code: "conflict", field: "name" });
});

test("two orders of a sync at once are one sync", async () => {
  const { id } = await getConnection(actor, "warehouse");
  const [one, two] = await Promise.all([requestSync(actor, { id }), requestSync(actor, { id })]);
  expect(one.runId).toBe(two.runId);
  await runSync(actor, { runId: one.runId });
});

test("an edit keeps the secrets that were not given, and another key of the installation does not open them", async () => {
  const { id } = await getConnection(actor, "warehouse");
  await editConnection(actor, { id, scheduleMinutes: 5, settings: settings() });
  const { runId } = await requestSync(actor, { id });
  await runSync(actor, { runId });
  expect((await getConnection(actor, id)).runs[0]).toMatchObject({ state: "done" });
  const kept = process.env.ROLLCALL_ENCRYPTION_KEY;
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  resetEnv();
  const again = await requestSync(actor, { id });
  await runSync(actor, { runId: again.runId });
  expect((await getConnection(actor, id)).runs[0]).toMatchObject({
    state: "failed",
    error: { remedy: expect.stringContaining("ROLLCALL_ENCRYPTION_KEY") },
  });
  process.env.ROLLCALL_ENCRYPTION_KEY = kept;
  resetEnv();
});

test("syncs that are due are ordered once", async () => {
  await rows("update connections set next_sync_at = now() - interval '1 minute' where name = 'warehouse'");
  expect(await startDueSyncs(actor)).toBe(1);
  expect(await startDueSyncs(actor)).toBe(0);
  const { id } = await getConnection(actor, "warehouse");
  const { runId } = await requestSync(actor, { id });
  await runSync(actor, { runId });
});

test("the product's own database is a connection like any other, made once", async () => {
  await connectOwnDatabase(actor);
  await connectOwnDatabase(actor);
  const own = await getConnection(actor, "rollcall");
  expect(own.connector).toBe("postgresql");
  await runSync(actor, { runId: own.runs[0]?.id ?? "" });
  expect((await getConnection(actor, "rollcall")).runs).toEqual([expect.objectContaining({ state: "done" })]);
});

test("who is signed in to a live system is seen as used", async () => {
  const { id } = await getConnection(actor, "warehouse");
  await takeUsage(actor, { connectionId: id }, new AbortController().signal);
  const [account] = await rows<{ last_use_state: string }>(
    "select last_use_state from principals where connection_id = $1 and name = $2",
    [id, server.user],
  );
  expect(account?.last_use_state).toBe("used");
});

test("a person's match stays through the next sync, and a rule matches by what it makes of a name", async () => {
  const { id } = await getConnection(actor, "warehouse");
  await inTarget.query("create role kim_larsen login");
  await inTarget.query("create role lee_chan login");
  const sync = async () => runSync(actor, { runId: (await requestSync(actor, { id })).runId });
  await sync();
  const account = await db().principal.findFirstOrThrow({
    where: { connectionId: id, name: "kim_larsen", removedAt: null },
  });
  const kim = await db().identity.create({
    data: { kind: "human", kindReason: "test", name: "Kim", email: "kim@example.com", firstSeenAt: new Date(0) },
  });
  await db().identity.create({
    data: { kind: "human", kindReason: "test", name: "Lee", email: "lee.chan@example.com", firstSeenAt: new Date(0) },
  });
  await matchAccount(actor, { accountId: account.id, to: kim.id });
  await sync();
  expect(await db().principal.findUniqueOrThrow({ where: { id: account.id } })).toMatchObject({
    identityId: kim.id,
    matchRule: "person",
  });
  await db().principal.updateMany({ where: { connectionId: id, name: "lee_chan" }, data: { identityId: null } });
  await expect(
    saveMatchRule(actor, { name: "bad", field: "name", pattern: "(", template: "x", target: "email" }),
  ).rejects.toMatchObject({ code: "invalid", field: "pattern" });
  await saveMatchRule(actor, {
    name: "first_last",
    field: "name",
    pattern: "^([a-z]+)_([a-z]+)$",
    template: "\\1.\\2@example.com",
    target: "email",
  });
  expect(await db().principal.findFirstOrThrow({ where: { connectionId: id, name: "lee_chan" } })).toMatchObject({
    matchRule: "first_last",
  });
  await inTarget.query("drop role kim_larsen");
  await inTarget.query("drop role lee_chan");
});

test("what a role may not do is refused and recorded, whoever asks", async () => {
  const { id } = await getConnection(actor, "warehouse");
  const before = await db().auditEvent.count({ where: { outcome: "denied" } });
  for (const role of ["security", "auditor", "member"] as const) {
    await expect(
      createConnection(person(role), { name: "mine", connector: "postgresql", settings: settings() }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(removeConnection(person(role), { id, confirmName: "warehouse" })).rejects.toMatchObject({
      code: "forbidden",
    });
  }
  await expect(listConnections(person("member"))).rejects.toMatchObject({ code: "forbidden" });
  expect(await db().auditEvent.count({ where: { outcome: "denied" } })).toBe(before + 7);
});

test("a removed connection ends what was read from it, forgets its secrets and frees its name", async () => {
  const { id } = await getConnection(actor, "warehouse");
  await expect(removeConnection(actor, { id, confirmName: "wearhouse" })).rejects.toMatchObject({
    code: "invalid",
    field: "confirmName",
  });
  await removeConnection(actor, { id, confirmName: "warehouse" });
  expect(await db().principal.count({ where: { connectionId: id, removedAt: null } })).toBe(0);
  expect(await db().assignment.count({ where: { connectionId: id, removedAt: null } })).toBe(0);
  expect(await db().groupClosure.count({ where: { connectionId: id } })).toBe(0);
  expect((await db().connection.findUniqueOrThrow({ where: { id } })).secrets).toBeNull();
  await expect(getConnection(actor, "warehouse")).rejects.toMatchObject({ code: "not_found" });
  await createConnection(actor, {
    name: "warehouse",
    connector: "postgresql",
    settings: settings(),
    secrets: { password },
    syncNow: false,
  });
});
