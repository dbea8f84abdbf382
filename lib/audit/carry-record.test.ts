import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { db, rows } from "../db/client";
import { carryRecord } from "./carry-record";
import { createDestination } from "./create-destination";
import { signCheckpoint } from "./sign-checkpoint";
import { happen, later, only, useFile, withDestinations, worker } from "./test-destinations";
import { readNotes } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

const at = withDestinations();

test("each checkpoint is written to the anchor file once, and the file proves the log", async () => {
  await happen(2);
  await carryRecord(worker);
  await happen(3);
  await Promise.all([carryRecord(worker), carryRecord(worker)]);
  await carryRecord(worker);
  const notes = readNotes(readFileSync(at.file, "utf8"));
  expect(notes.map((note) => note.split("\n")[1])).toEqual(["2", "5"]);
  const given = { checkpoints: notes.map((note) => ({ note, source: at.file })) };
  expect(await verifyRecord(worker, given)).toMatchObject({ intact: true, checked: { size: 5, elsewhere: 2 } });
  expect(await only("file")).toMatchObject({ position: 5, behind: 0, failingSince: null, shown: at.file });
});

test("a full disk is said, tried again, and what it cut is neither believed nor in the way", async () => {
  useFile("/dev/full");
  await happen(2);
  await carryRecord(worker);
  expect(await only("file")).toMatchObject({
    position: 0,
    behind: 1,
    failuresInRow: 1,
    lastError: expect.stringContaining("ENOSPC"),
  });
  useFile(at.file);
  await carryRecord(worker);
  expect(await only("file")).toMatchObject({ position: 2, failingSince: null, failuresInRow: 0 });
  appendFileSync(at.file, '{"at":"2026-01-01T00:00:00Z","origin":"x","si');
  await happen(1);
  await carryRecord(worker);
  expect(readNotes(readFileSync(at.file, "utf8")).map((note) => note.split("\n")[1])).toEqual(["2", "3"]);
});

test("a third failure in a row is an event of the record, and so is its end", async () => {
  useFile("/dev/full");
  await happen(1);
  for (let n = 0; n < 4; n++) {
    await carryRecord(worker);
    later();
  }
  useFile(at.file);
  await carryRecord(worker);
  const told = await rows<{ action: string; outcome: string }>(
    "select action, outcome from audit_events where action like 'record_destination.%' order by id",
  );
  expect(told).toEqual([
    { action: "record_destination.failing", outcome: "failed" },
    { action: "record_destination.recovered", outcome: "allowed" },
  ]);
});

test("a database that is older than its anchor, or another one, writes nothing there and says so", async () => {
  await happen(4);
  await carryRecord(worker);
  const before = readFileSync(at.file, "utf8");
  await rows(
    "set session_replication_role = replica; delete from audit_checkpoints; delete from audit_sequence where position > 2; reset session_replication_role",
  );
  await db().auditDestination.updateMany({ data: { position: 0 } });
  await signCheckpoint("atOnce");
  await carryRecord(worker);
  expect((await only("file"))?.lastError).toContain(
    "holds a checkpoint over 4 events, and this database's newest is over 2",
  );
  writeFileSync(at.file, before.replaceAll("rollcall.internal", "elsewhere.example"));
  later();
  await carryRecord(worker);
  expect((await only("file"))?.lastError).toContain("holds the checkpoints of another log, elsewhere.example");
});

test("the record is sent to no private address that was not allowed", async () => {
  await createDestination(worker, { kind: "syslog", host: "127.0.0.1", port: 6514, name: "inside" });
  await createDestination(worker, { kind: "webhook", name: "named", url: "https://localhost/x" });
  await happen(1);
  await carryRecord(worker);
  for (const kind of ["syslog", "webhook"]) expect((await only(kind))?.lastError).toContain("private address");
});
