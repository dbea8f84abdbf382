import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import fc from "fast-check";
import { extract } from "tar-stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { eraseFromRecord } from "./erase-values";
import { type ExportInput, exportRecord } from "./export-record";
import { packExport } from "./pack-export";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { rotateKey, signCheckpoint } from "./sign-checkpoint";
import type { Report } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
const auditor = system("test");
const ann: PersonActor = {
  type: "person",
  userId: "00000000-0000-7000-8000-0000000000a1",
  identityId: "00000000-0000-7000-8000-0000000000a2",
  name: "Ann Annabel",
  email: "ann@example.com",
  roles: ["member"],
  sessionId: null,
  tokenId: null,
  authenticatedBy: "test",
  scopes: null,
  requestId: null,
};
const folder = mkdtempSync(path.join(tmpdir(), "rollcall-export-"));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let whole = "";
beforeAll(async () => {
  database = await freshDatabase();
  resetEnv();
  for (let n = 0; n < 120; n++) {
    const target = { type: "thing", id: `t${n}`, name: n === 5 ? '=HYPERLINK("x")' : `n${n} of Ann Annabel "ü" 😀` };
    await transaction((tx) =>
      record(tx, n % 4 ? auditor : ann, { action: "test.done", target, details: { n, z: 1.5, a: null, "😀": ["é"] } }),
    );
    if (n % 40 === 20) await sign();
  }
  whole = await exported({});
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function sign(): Promise<string> {
  await sequenceEvents();
  const signed = await signCheckpoint("atOnce");
  return signed?.note ?? "";
}

let made = 0;
async function exported(input: ExportInput): Promise<string> {
  const to = path.join(folder, String(++made));
  for await (const { name, content } of (await exportRecord(auditor, input)).entries) {
    mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    writeFileSync(path.join(to, name), content);
  }
  return to;
}

// As an auditor does: the file that came with the export, by Node.js alone, in that folder.
function check(at: string, ...args: string[]): { code: number | null; report: Report; words: string } {
  const run = (more: string[]) =>
    spawnSync(process.execPath, ["verify.mjs", ".", ...args, ...more], {
      cwd: at,
      encoding: "utf8",
      env: { NODE_ENV: "test" },
    });
  const { status, stdout, stderr } = run(["--json"]);
  return { code: status, report: stdout ? JSON.parse(stdout) : {}, words: run([]).stdout + stderr };
}

const eventsFile = (at: string) => path.join(at, "events", readdirSync(path.join(at, "events"))[0] ?? "");
function copyWith(change: (lines: string[]) => string): string {
  const to = path.join(folder, String(++made));
  cpSync(whole, to, { recursive: true });
  const file = eventsFile(to);
  writeFileSync(file, change(readFileSync(file, "utf8").trimEnd().split("\n")));
  return to;
}

test("an export is found intact by its own verify.mjs, and by the live log's checkpoint and key", () => {
  const { code, report, words } = check(whole);
  expect(code).toBe(0);
  expect(report).toMatchObject({
    intact: true,
    from: 1,
    size: 120,
    checked: { size: 120, checkpoints: 4, elsewhere: 0 },
  });
  expect(words).toContain("The record is intact up to event 120, at 20");
  expect(words).toContain("No checkpoint from elsewhere agreed");
  expect(words).toContain("The key came with the log itself");
  const kept = path.join(folder, "kept");
  writeFileSync(
    kept,
    JSON.parse(readFileSync(path.join(whole, "checkpoints.jsonl"), "utf8").trim().split("\n")[1] ?? "{}").note,
  );
  const { keys } = JSON.parse(readFileSync(path.join(whole, "log.json"), "utf8"));
  const sure = check(whole, "--checkpoint", kept, "--key", keys[0].verifierKey);
  expect(sure.report).toMatchObject({ intact: true, checked: { elsewhere: 1 }, keysGiven: true });
  expect(sure.words).not.toContain("The key came with");
});

test("any byte changed in any event of an export is found, and the event named or the stretch it is in", () => {
  const places = fc.sample(fc.tuple(fc.nat(119), fc.double({ min: 0, max: 0.999, noNaN: true })), 25);
  for (const [n, share] of places) {
    const at = copyWith((lines) => {
      const line = lines[n] ?? "";
      const place = Math.floor(share * line.length);
      const other = line[place] === "7" ? "8" : "7";
      lines[n] = line.slice(0, place) + other + line.slice(place + 1);
      return `${lines.join("\n")}\n`;
    });
    const { code, report } = check(at);
    expect([n, share, code]).toEqual([n, share, 1]);
    expect(report.faults[0]?.number ?? 0).toBeLessThanOrEqual(n + 1);
  }
});

test.each<[string, (lines: string[]) => string, string]>([
  ["its last line cut", (lines) => lines.join("\n").slice(0, -30), "The line of event 120 is cut or cannot be read"],
  [
    "its last line gone",
    (lines) => `${lines.slice(0, -1).join("\n")}\n`,
    "The export ends after event 119; it was made of events 1 to 120",
  ],
  [
    "a line gone",
    (lines) => `${lines.filter((_, n) => n !== 50).join("\n")}\n`,
    "Where event 51 should be, there is 52",
  ],
  [
    "two lines changed places",
    (lines) => `${[...lines.slice(0, 9), lines[10], lines[9], ...lines.slice(11)].join("\n")}\n`,
    "Where event 10 should be, there is 11",
  ],
  ["all lines gone", () => "", "The export ends after event 0"],
])("an export with %s says so", (_, change, words) => {
  const { code, words: said } = check(copyWith(change));
  expect(code).toBe(1);
  expect(said).toContain(words);
});

test("a cut export is as it was signed up to its last whole checkpoint, and says up to where", () => {
  const { report, words } = check(copyWith((lines) => lines.slice(0, 70).join("\n").slice(0, -9)));
  expect(report).toMatchObject({ intact: false, checked: { size: 61 } });
  expect(words).toContain("Up to event 61 it is as it was signed.");
});

test.each([
  [
    "of another log",
    (note: string) => note.replaceAll(/rollcall\.internal/g, "elsewhere.example"),
    "It is of another log: elsewhere.example",
  ],
  ["that was altered", (note: string) => note.replace(/\n(\d+)\n/, "\n1$1\n"), "Its signature is wrong"],
  [
    "by an unknown key",
    (note: string) => note.replace(/ (\S)(\S+)\n$/, (_, a, b) => ` ${a === "A" ? "B" : "A"}${b}\n`),
    "It is not signed by a key of this log",
  ],
  ["cut", (note: string) => note.slice(0, 40), "This is no signed note, or it was cut"],
  ["that is none", () => "hello\n\nworld\n", "This is no checkpoint"],
])("a checkpoint %s has its clear answer", async (_, change, words) => {
  const kept = path.join(folder, "checkpoint");
  writeFileSync(kept, change(await sign()));
  const { code, words: said } = check(whole, "--checkpoint", kept);
  expect(code).toBe(1);
  expect(said).toContain(words);
});

test("a checkpoint over more events than the export has says how many are missing", async () => {
  await transaction((tx) => record(tx, auditor, { action: "test.later" }));
  const note = await sign();
  const kept = path.join(folder, "larger");
  writeFileSync(kept, note);
  const { code, words } = check(whole, "--checkpoint", kept);
  expect(code).toBe(1);
  const size = Number(note.split("\n")[1]);
  expect(words).toContain(
    `The log ends at event 120, but ${kept} was signed over ${size}: ${size - 120} of the events from 121 to ${size} are missing`,
  );
});

test("a part of the record is verified from where it begins, also after the key was replaced", async () => {
  await rotateKey(auditor);
  const part = await exported({ from: 50, format: "csv" });
  const { code, report, words } = check(part);
  expect([code, words]).toEqual([0, expect.stringContaining("Events 50 to ")]);
  expect(report.from).toBe(50);
  const { keys } = JSON.parse(readFileSync(path.join(part, "log.json"), "utf8"));
  expect(check(part, "--key", keys[0].verifierKey).report).toMatchObject({ intact: true, keysGiven: true });
  const stranger = "x+00000000+AAAA";
  expect(check(part, "--key", stranger)).toMatchObject({
    code: 2,
    words: expect.stringContaining("no Ed25519 verifier key"),
  });
  const file = path.join(part, "log.json");
  writeFileSync(file, readFileSync(file, "utf8").replace(/"[0-9a-f]{64}"/, `"${"0".repeat(64)}"`));
  expect(check(part).code).toBe(1);
});

test("a spreadsheet takes no name for a formula, and OCSF stands beside what can be verified", async () => {
  const csv = await exported({ format: "csv", to: 20 });
  const text = readFileSync(path.join(csv, "csv", "000000000001.csv"), "utf8");
  expect(text).toContain(`"'=HYPERLINK(""x"")"`);
  const ocsf = await exported({ format: "ocsf" });
  const line = readFileSync(path.join(ocsf, "ocsf", "000000000001.jsonl"), "utf8").split("\n")[0] ?? "";
  expect(JSON.parse(line)).toMatchObject({ class_uid: 3004, metadata: { sequence: 1 } });
  expect([check(csv).code, check(ocsf).code]).toEqual([0, 0]);
});

test("the archive holds the same files", async () => {
  const found: string[] = [];
  const entries = extract().on("entry", ({ name }, stream, next) => {
    found.push(name.replace(/^[^/]+\//, ""));
    stream.on("end", next).resume();
  });
  await pipeline(packExport(await exportRecord(auditor, {})), createGunzip(), entries as unknown as Writable);
  expect(found).toEqual(["README.txt", "verify.mjs", "log.json", "checkpoints.jsonl", "events/000000000001.jsonl"]);
});

test("what is impossible to export is refused in words", async () => {
  await expect(exportRecord(auditor, { from: 10_000 })).rejects.toMatchObject({ code: "invalid", field: "from" });
  await expect(exportRecord(auditor, { from: 9, to: 3 })).rejects.toMatchObject({ code: "invalid", field: "from" });
  await expect(exportRecord(auditor, { since: new Date("2099-01-01") })).rejects.toMatchObject({ code: "invalid" });
  await expect(exportRecord(ann, {})).rejects.toMatchObject({ code: "forbidden" });
});

test("what the record holds of a person is erased, and every proof still holds", async () => {
  const before = await sign();
  const kept = path.join(folder, "before-erasing");
  writeFileSync(kept, before);
  const erased = await eraseFromRecord(auditor, {
    ids: [ann.userId],
    texts: ["Ann Annabel"],
    reason: "asked to be forgotten",
  });
  expect(erased.events).toBeGreaterThan(100);
  const everything = JSON.stringify(await rows("select * from audit_events"));
  expect(everything).not.toContain("Annabel");
  expect(everything).not.toContain("ann@example.com");
  await sign();
  const given = { checkpoints: [{ note: before, source: "kept" }] };
  expect(await verifyRecord(auditor, given)).toMatchObject({ intact: true, erased: erased.parts, faults: [] });
  const after = await exported({});
  const { code, words } = check(after, "--checkpoint", kept);
  expect([code, words]).toEqual([0, expect.stringContaining(`${erased.parts} parts of events were erased on purpose`)]);
  expect(await eraseFromRecord(auditor, { texts: ["Ann Annabel"], reason: "again" })).toEqual({ events: 0, parts: 0 });
});

test("what the owner of the database erased without the record's knowing is found", async () => {
  await rows("alter table audit_events disable trigger user");
  const zero = "'\\x00000000000000000000000000000000'::bytea";
  await rows(
    `update audit_events set target_name = null, salts = substr(salts, 1, 16) || ${zero} || substr(salts, 33, 16),
       erased = coalesce(erased, '{}') || jsonb_build_object('target', encode(sha256(substr(salts, 17, 16) || convert_to('{"targetName":' || to_json(target_name) || '}', 'UTF8')), 'hex'))
     where id = (select event_id from audit_sequence s join audit_events e on e.id = s.event_id where target_name is not null order by position limit 1)`,
  );
  const report = await verifyRecord(auditor);
  expect(report.faults).toMatchObject([{ what: "erased" }]);
});
