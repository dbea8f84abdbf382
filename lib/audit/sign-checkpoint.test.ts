import { afterAll, beforeEach, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { setClock } from "../time";
import { listKeys } from "./keys";
import { openNote, readCheckpoint, verifierKey } from "./note";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { findCheckpoint, rotateKey, signCheckpoint } from "./sign-checkpoint";
import { LogCheck } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
process.env.NEXTAUTH_URL = "https://rollcall.example.com";
const auditor = system("test");
const dropped: (() => Promise<void>)[] = [];
beforeEach(async () => {
  dropped.push((await freshDatabase()).drop);
  resetEnv();
});
afterAll(async () => {
  setClock(null);
  for (const drop of dropped) await drop();
});

async function happen(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await transaction((tx) => record(tx, auditor, { action: "test.done" }));
  await sequenceEvents();
}

test("a checkpoint is a signed note of the log's size and root, in the form of C2SP", async () => {
  await happen(3);
  const signed = await signCheckpoint();
  expect(signed?.note).toMatch(
    /^rollcall\.example\.com\/record\/[0-9a-f]{8}\n3\n[A-Za-z0-9+/]{43}=\n\n— rollcall\.example\.com\/record\/[0-9a-f]{8} [A-Za-z0-9+/]{91}=\n$/,
  );
  const keys = await listKeys();
  expect(readCheckpoint(openNote(signed?.note ?? "", keys) ?? "")).toMatchObject({ size: 3, root: signed?.root });
  const [kept] = await db().auditKey.findMany();
  expect(Buffer.from(kept?.privateKey ?? []).length).toBeGreaterThan(60);
  expect(await findCheckpoint(2)).toMatchObject({ size: 3 });
  expect(await findCheckpoint(4)).toBeNull();
});

test("nothing is signed twice, before its time, or of an empty log", async () => {
  expect(await signCheckpoint("atOnce")).toBeNull();
  setClock(new Date("2026-03-01T10:00:00Z"));
  await happen(1);
  expect(await signCheckpoint()).toMatchObject({ size: 1 });
  expect(await signCheckpoint()).toBeNull();
  await happen(1);
  // By the database's clock the first is long ago.
  expect(await signCheckpoint()).toMatchObject({ size: 2 });
  setClock(null);
  await happen(1);
  expect(await signCheckpoint("atOnce")).toMatchObject({ size: 3 });
  await happen(1);
  expect(await signCheckpoint()).toBeNull();
  expect(await signCheckpoint("atOnce")).toMatchObject({ size: 4 });
});

test("two that sign at once sign one checkpoint", async () => {
  await happen(2);
  await Promise.all([signCheckpoint("atOnce"), signCheckpoint("atOnce"), signCheckpoint("atOnce")]);
  expect(await db().auditCheckpoint.count()).toBe(1);
  expect(await db().auditKey.count()).toBe(1);
});

test("after a key was replaced, what the old one signed still holds, also for who knows only the old key", async () => {
  await happen(2);
  await signCheckpoint("atOnce");
  const [old] = await listKeys();
  await rotateKey(auditor);
  await rotateKey(auditor);
  await happen(2);
  await signCheckpoint("atOnce");
  const keys = await listKeys();
  expect(keys).toHaveLength(3);
  expect(await db().auditKey.count({ where: { privateKey: null } })).toBe(2);
  const known = old ? [verifierKey(old)] : [];
  const report = await verifyRecord(auditor, { keys: known });
  expect(report).toMatchObject({ intact: true, checked: { size: 6, checkpoints: 2 }, keysGiven: true });
  const stranger = "example.com/other+ebee3b4a+AaDVYnz8Xk0rk3pSGfPXGgLGtkbmNBlu6HqMSDwuxWAl";
  expect(() => new LogCheck({ origin: "x", keys: [] }, { keys: [stranger] })).toThrow("verifier key");
});

test("a log that was changed under its last checkpoint is not signed again", async () => {
  await happen(3);
  await signCheckpoint("atOnce");
  await rows("alter table audit_sequence disable trigger user");
  await rows("update audit_sequence set leaf_hash = sha256('x') where position = 2");
  await happen(1);
  await expect(signCheckpoint("atOnce")).rejects.toThrow("its first 3 events are not those that were signed");
  await rows("delete from audit_sequence where position > 1");
  await expect(signCheckpoint("atOnce")).rejects.toThrow("it holds 1 events, and 3 were signed");
});

test("the database refuses to change what was signed, and parts of events other than by erasing them", async () => {
  await happen(300);
  await signCheckpoint("atOnce");
  for (const change of [
    "update audit_checkpoints set size = 2",
    "delete from audit_checkpoints",
    "truncate audit_checkpoints",
    "update audit_subtrees set hash = sha256('x')",
    "delete from audit_subtrees",
    "truncate audit_subtrees",
    "delete from audit_keys",
    "truncate audit_keys",
    "update audit_events set actor_name = 'x'",
    "update audit_events set actor_name = '[erased]'",
    'update audit_events set details = null, why = null, erased = \'{"content": "00"}\'',
    "update audit_events set salts = substr(salts, 1, 32) || '\\x00000000000000000000000000000000', erased = '{\"content\": \"00\"}', outcome = 'denied'",
  ])
    await expect(rows(change), change).rejects.toThrow(/append-only/);
});
