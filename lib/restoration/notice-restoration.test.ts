import { randomBytes } from "node:crypto";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { happen, only, useFile, useJournal } from "../audit/test-destinations";
import { createApiToken } from "../auth/create-api-token";
import { disablePerson, enablePerson } from "../auth/disable-person";
import { revokeApiToken } from "../auth/revoke-api-token";
import { setRoles } from "../auth/set-roles";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { refusal, worker } from "../requests/test-world";
import { dayMs, now, plus, setClock } from "../time";
import { noticeRestoration } from "./notice-restoration";
import { getRestoration, listRestorations, listUnseenRestorations } from "./queries";
import { repeatEndings } from "./repeat-endings";
import { seeRestoration } from "./see-restoration";
import { backUp, carry, outside } from "./test-restored";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let files: ReturnType<typeof outside>;
const done: (() => unknown)[] = [];
beforeEach(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  files = outside();
  database = await freshDatabase();
  done.push(files.remove, database.drop);
});
afterEach(() => setClock(null));
afterAll(async () => {
  for (const end of done.reverse()) await end();
});

async function saved() {
  await carry();
  const backup = await backUp();
  done.push(backup.drop);
  return backup;
}

async function token(name = "pipeline"): Promise<string> {
  return (await createApiToken(worker, { name, scopes: ["inventory:read"] })).id;
}
const isRevoked = async (id: string) => (await db().apiToken.findUniqueOrThrow({ where: { id } })).revokedAt !== null;

async function someone(name: string, roles: string[] = ["member"]): Promise<string> {
  const user = await db().user.create({ data: { name, roles, lastSignInAt: now() } });
  const session = { tokenHash: randomBytes(8).toString("hex"), userId: user.id, authenticatedBy: "test" };
  await db().session.create({ data: { ...session, expiresAt: plus(now(), dayMs) } });
  return user.id;
}

/** Whom nobody takes: Rollcall itself signs in so. */
async function ownAccount(): Promise<string> {
  const facts = { kind: "service_account", kindReason: "test", firstSeenAt: now() };
  const { id: identityId } = await db().identity.create({ data: { name: "pipeline", ...facts } });
  const settings = { host: "127.0.0.1", port: 5432, user: "rollcall" };
  const { id: connectionId } = await db().connection.create({
    data: { name: "warehouse", connector: "postgresql", settings },
  });
  const account = { connectionId, identityId, contentHash: "", firstSeenAt: now(), type: "account" };
  await db().principal.create({ data: { ...account, externalId: "rollcall", name: "rollcall", search: "rollcall" } });
  return identityId;
}

test("a database that knows its journal's newest line is left alone", async () => {
  await someone("ann");
  await revokeApiToken(worker, { id: await token() });
  await carry();
  expect(await noticeRestoration(worker)).toBeNull();
  expect(await repeatEndings(worker)).toBe(0);
  expect(await db().session.count()).toBe(1);
});

test("several that notice at once note it once, all is taken back once, and the journal goes on", async () => {
  const [first, second] = [await token("a"), await token("b")];
  const backup = await saved();
  await revokeApiToken(worker, { id: first });
  await revokeApiToken(worker, { id: second });
  await carry();
  await backup.restore();

  const noticed = await Promise.all([1, 2, 3].map(() => noticeRestoration(worker)));
  expect(noticed.filter((id) => id !== null)).toHaveLength(1);
  const left = await Promise.all([1, 2, 3].map(() => repeatEndings(worker)));
  expect(left).toContain(0);
  expect([await isRevoked(first), await isRevoked(second)]).toEqual([true, true]);
  expect(await noticeRestoration(worker)).toBeNull();
  expect(await repeatEndings(worker)).toBe(0);
  const told = await rows<{ action: string; count: number }>(
    "select action, count(*)::int from audit_events where action like 'token.revoked' or action like 'record.rest%' group by 1 order by 1",
  );
  expect(told).toEqual([
    { action: "record.restoration_settled", count: 1 },
    { action: "record.restored", count: 1 },
    { action: "token.revoked", count: 2 },
  ]);

  const third = await token("c");
  const later = await saved();
  await revokeApiToken(worker, { id: third });
  await carry();
  expect(await only("journal")).toMatchObject({ failingSince: null, behind: 0 });
  // Of both courses of events, whichever backup is restored.
  await later.restore();
  await noticeRestoration(worker);
  await repeatEndings(worker);
  expect(await isRevoked(third)).toBe(true);
  await backup.restore();
  await noticeRestoration(worker);
  await repeatEndings(worker);
  expect([await isRevoked(first), await isRevoked(second)]).toEqual([true, true]);
  const [restoration] = await listRestorations(worker);
  expect(restoration?.endings).toEqual({ taken: 2, overtaken: 2, unknown: 1 });
});

test("until it is taken in, nothing is written behind what the database does not know, and that is told", async () => {
  const id = await token();
  const backup = await saved();
  await revokeApiToken(worker, { id });
  await carry();
  const before = readFileSync(files.journal, "utf8");
  await backup.restore();
  await revokeApiToken(worker, { id: await token("other") });
  await carry();
  expect((await only("journal"))?.lastError).toContain(
    "which this database does not know: it is older than its journal",
  );
  expect(readFileSync(files.journal, "utf8")).toBe(before);
  await noticeRestoration(worker);
  await carry();
  expect(await only("journal")).toMatchObject({ failingSince: null });
  expect(await isRevoked(id)).toBe(false);
  await repeatEndings(worker);
  expect(await isRevoked(id)).toBe(true);
});

test("lines that were changed, come from elsewhere or are missing take nothing, are told, and keep none of the others back", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await token(`t${n}`));
  const backup = await saved();
  for (const id of ids) {
    await revokeApiToken(worker, { id });
    await carry();
  }
  await backup.restore();
  const [a = "", b = "", c = "", , e = ""] = readFileSync(files.journal, "utf8").trim().split("\n");
  const forged = b.replace(ids[1] ?? "", ids[3] ?? "");
  const foreign = c.replace("rollcall.internal", "elsewhere.example");
  writeFileSync(files.journal, `${a}\n${forged}\n${foreign}\n{"v":1,"cut\n${e}\n${a}`);
  await noticeRestoration(worker);
  await repeatEndings(worker);
  expect(await Promise.all(ids.map(isRevoked))).toEqual([true, false, false, false, true]);
  const [restoration] = await listRestorations(worker);
  expect(restoration?.doubts).toEqual({
    forged: { count: 1, places: [2] },
    foreign: { count: 1, places: [3] },
    unreadable: { count: 1, places: [4] },
    gap: { count: 2, places: [5, 6] },
  });
});

test("another installation's journal, or one by another key, says nothing about this database", async () => {
  const id = await token();
  const backup = await saved();
  await revokeApiToken(worker, { id });
  await carry();
  await backup.restore();
  const ours = readFileSync(files.journal, "utf8");
  const theirs = path.join(files.folder, "theirs.jsonl");
  writeFileSync(theirs, ours.replaceAll("rollcall.internal", "elsewhere.example"));
  useJournal(theirs);
  useFile("off");
  expect(await noticeRestoration(worker)).toBeNull();
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  useJournal(files.journal);
  expect(await noticeRestoration(worker)).toBeNull();
  expect(await isRevoked(id)).toBe(false);
});

test("where nothing was taken back since, the anchor tells that it is older, and sessions end once", async () => {
  await someone("ann");
  await happen(2);
  const backup = await saved();
  await happen(2);
  await carry();
  await backup.restore();
  const id = await noticeRestoration(worker);
  expect(await db().session.count()).toBe(0);
  await someone("bob");
  expect(await noticeRestoration(worker)).toBeNull();
  expect(await repeatEndings(worker)).toBe(0);
  expect(await db().session.count()).toBe(1);
  expect(await listUnseenRestorations(worker)).toMatchObject([{ id, had: 2, told: 4, sessionsEnded: 1, endings: {} }]);
  await seeRestoration(worker, { id: id ?? "" });
  expect(await listUnseenRestorations(worker)).toEqual([]);
});

test("what was given back meanwhile stays, roles are only taken, and the last administrator is not spared", async () => {
  const [ann, bob, eve] = [
    await someone("ann"),
    await someone("bob", ["administrator"]),
    await someone("eve", ["security", "auditor"]),
  ];
  const link = { tokenHash: "canary", userId: ann, createdAt: now(), expiresAt: plus(now(), dayMs) };
  await db().signInLink.create({ data: link });
  const backup = await saved();
  await disablePerson(worker, { userId: ann });
  await enablePerson(worker, { userId: ann });
  await setRoles(worker, { userId: eve, roles: ["auditor", "administrator"] });
  await disablePerson(worker, { userId: bob });
  await carry();
  await backup.restore();
  await noticeRestoration(worker);
  await repeatEndings(worker);
  const user = (id: string) => db().user.findUniqueOrThrow({ where: { id } });
  expect((await user(ann)).disabledAt).toBeNull();
  expect(await user(eve)).toMatchObject({ roles: ["auditor"], roleSource: "person" });
  expect((await user(bob)).disabledAt).toBeInstanceOf(Date);
  expect(await db().signInLink.count({ where: { usedAt: null } })).toBe(0);
  const [restoration] = await listRestorations(worker);
  expect(restoration).toMatchObject({ linksEnded: 1, sessionsEnded: 3 });
});

test("what a command refuses is told as an event and to whoever looks, and holds nothing else up", async () => {
  const id = await token();
  const identityId = await ownAccount();
  const backup = await saved();
  await revokeApiToken(worker, { id });
  await happen(1);
  await rows(
    `insert into audit_events (at, actor_type, actor_name, actor, action, target_type, target_id, outcome, details)
     select now(), 'system', 'test', '{}', 'offboarding.begun', 'offboarding', gen_random_uuid()::text, 'allowed',
       jsonb_build_object('identityId', $1::text)`,
    [identityId],
  );
  await rows("insert into audit_intake (event_id) select id from audit_events where action = 'offboarding.begun'");
  await carry();
  await backup.restore();
  await noticeRestoration(worker);
  await repeatEndings(worker);
  expect(await isRevoked(id)).toBe(true);
  const [restoration] = await listRestorations(worker);
  const { list } = await getRestoration(worker, { id: restoration?.id ?? "" });
  expect(list[0]).toMatchObject({ kind: "leaving", name: "pipeline", state: "failed" });
  expect(await db().auditEvent.count({ where: { action: "record.ending_not_repeated", outcome: "failed" } })).toBe(1);
});

test("what still waits is not called seen", async () => {
  const id = await token();
  const backup = await saved();
  await revokeApiToken(worker, { id });
  await carry();
  await backup.restore();
  const restoration = (await noticeRestoration(worker)) ?? "";
  expect(await refusal(seeRestoration(worker, { id: restoration }))).toMatch(/^conflict: Not everything/);
  await repeatEndings(worker);
  await seeRestoration(worker, { id: restoration });
  expect(await listUnseenRestorations(worker)).toEqual([]);
});

test("a journal whose end was cut off by somebody is told by its anchor, and what it still says is done", async () => {
  const [first, second] = [await token("a"), await token("b")];
  const backup = await saved();
  await revokeApiToken(worker, { id: first });
  await carry();
  const whole = readFileSync(files.journal).length;
  await revokeApiToken(worker, { id: second });
  await carry();
  truncateSync(files.journal, whole + 20);
  await backup.restore();
  await noticeRestoration(worker);
  await repeatEndings(worker);
  expect([await isRevoked(first), await isRevoked(second)]).toEqual([true, false]);
  expect((await listRestorations(worker))[0]).toMatchObject({ doubts: { unreadable: { count: 1 } } });
});
