import { randomBytes, randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { db, rows, transaction } from "../db/client";
import { resetEnv } from "../env";
import { carryRecord } from "./carry-record";
import { type FoundLine, newestLine, readJournal } from "./journal-file";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";
import { later, only, useJournal, withDestinations, worker } from "./test-destinations";

const at = withDestinations();
const logName = async () => (await rows<{ name: string }>("select name from audit_keys"))[0]?.name ?? "";

async function end(action = "grant.ended", facts: { id?: string; details?: Record<string, unknown> } = {}) {
  const { id = randomUUID(), details = { because: "revoked" } } = facts;
  const target = { type: "x", id, name: "Zoë Канарейка\u202e\r\n{" };
  await transaction((tx) => record(tx, worker, { action, target, details: { ...details, words: "canary\nwords" } }));
  await sequenceEvents();
  await signCheckpoint("atOnce");
  return id;
}

async function found(file = at.journal): Promise<FoundLine[]> {
  const lines: FoundLine[] = [];
  for await (const line of readJournal(file, await logName())) lines.push(line);
  return lines;
}

const told = (lines: FoundLine[]) =>
  lines.map((one) => ("fault" in one ? one.fault : `${one.gap ? "gap " : ""}${one.line.ending.id}`));

test("what was taken back is written outside the database once, whoever else writes, and in ids and fixed words alone", async () => {
  const first = await end();
  await carryRecord(worker);
  await end("sync.finished");
  const second = await end("token.revoked");
  await Promise.all([carryRecord(worker), carryRecord(worker)]);
  // A worker that died between writing and noting so.
  await db().auditDestination.updateMany({ where: { kind: "journal" }, data: { position: 0 } });
  await carryRecord(worker);
  expect(told(await found())).toEqual([first, second]);
  expect((await found())[0]).toMatchObject({
    line: { number: 1, action: "grant.ended", ending: { kind: "grant", id: first, over: true, because: "revoked" } },
  });
  expect(readFileSync(at.journal, "utf8")).not.toMatch(/canary|Zo|Канар|\u202e/);
  expect(await only("journal")).toMatchObject({ position: 3, behind: 0, failingSince: null, carries: "endings" });
});

test("a journal that was lost is written anew from the beginning", async () => {
  const first = await end();
  await carryRecord(worker);
  rmSync(at.journal);
  const second = await end();
  await carryRecord(worker);
  expect(told(await found())).toEqual([first, second]);
});

test("what a reader of roles, leavings and reversals needs is in the line", async () => {
  const id = randomUUID();
  const leaver = randomUUID();
  const times = { startsAt: "2026-11-22T10:00:00.000Z", shutAt: "2026-11-22T10:00:00.000Z", holdDays: 30 };
  await end("offboarding.begun", { id, details: { identityId: leaver, ...times } });
  await end("offboarding.begun", { id, details: { identityId: leaver, kind: "mover" } });
  await end("offboarding.cancelled", { id, details: { identityId: leaver, kind: "person" } });
  await end("person.enabled", { id });
  await end("person.roles_changed", { id, details: { from: ["administrator"], to: ["member"] } });
  await end("grant.ended", { id, details: { because: "gone <script>" } });
  await carryRecord(worker);
  const endings = (await found()).map((one) => ("line" in one ? one.line.ending : null));
  expect(endings).toEqual([
    { kind: "leaving", id: leaver, over: true, run: id, ...times },
    { kind: "leaving", id: leaver, over: false, run: id },
    { kind: "person", id, over: false },
    { kind: "roles", id, over: true, roles: ["member"], setHere: false },
    { kind: "grant", id, over: true },
  ]);
});

test("a full disk is told and stops nothing else, and what it cut is closed by the next line", async () => {
  useJournal("/dev/full");
  const first = await end();
  await carryRecord(worker);
  expect(await only("journal")).toMatchObject({ failuresInRow: 1, lastError: expect.stringContaining("ENOSPC") });
  expect(await only("file")).toMatchObject({ position: 1, failuresInRow: 0 });
  useJournal(at.journal);
  await carryRecord(worker);
  expect(await only("journal")).toMatchObject({ position: 1, failuresInRow: 0 });
  appendFileSync(at.journal, '{"v":1,"log":"');
  const second = await end();
  await carryRecord(worker);
  expect(told(await found())).toEqual([first, "unreadable", second]);
});

test("a line that was changed, is another log's or is missing is told, and the others are believed", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push(await end());
  await carryRecord(worker);
  const [a = "", b = "", c = "", d = "", e = ""] = readFileSync(at.journal, "utf8").trim().split("\n");
  const other = d.replace("rollcall.internal", "elsewhere.example");
  const long = `"${"x".repeat(200_000)}`;
  writeFileSync(at.journal, [a, b.replace("revoked", "expired"), other, long, "\u0000garbage", e, a].join("\n"));
  expect(told(await found())).toEqual([
    ids[0],
    "forged",
    "foreign",
    "unreadable",
    "unreadable",
    `gap ${ids[4]}`,
    `gap ${ids[0]}`,
  ]);
  expect(c).toContain('"prev"');
  writeFileSync(at.journal, `${a}\n${b}\n${"y".repeat(100_000)}`);
  expect(await newestLine(at.journal, await logName())).toMatchObject({ number: 2 });
});

test("a journal of another installation, or of another key, is not written to, which is told", async () => {
  await end();
  await carryRecord(worker);
  const before = readFileSync(at.journal, "utf8");
  const theirs = path.join(at.folder, "theirs", "endings.jsonl");
  mkdirSync(path.dirname(theirs), { recursive: true });
  writeFileSync(theirs, before.replaceAll("rollcall.internal", "elsewhere.example"));
  useJournal(theirs);
  await carryRecord(worker);
  expect((await only("journal"))?.lastError).toContain("holds the endings of another log");
  expect(readFileSync(theirs, "utf8")).not.toContain("rollcall.internal");
  const key = process.env.ROLLCALL_ENCRYPTION_KEY;
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  resetEnv();
  expect(told(await found())).toEqual(["forged"]);
  process.env.ROLLCALL_ENCRYPTION_KEY = key;
  useJournal("off");
  later();
  await carryRecord(worker);
  expect(await only("journal")).toBeUndefined();
  expect(existsSync(at.journal)).toBe(true);
});
