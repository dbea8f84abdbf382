import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import fc from "fast-check";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { transaction } from "../db/client";
import { exportRecord } from "./export-record";
import { packExport } from "./pack-export";
import { record } from "./record";
import { rotateKey } from "./sign-checkpoint";
import { ann, auditor, check, exported, folder, newFolder, sign, withRecord } from "./test-export";
import { canonical } from "./verify.mjs";

const at = withRecord();

const eventsFile = (to: string) => path.join(to, "events", readdirSync(path.join(to, "events"))[0] ?? "");
function copyWith(change: (lines: string[]) => string): string {
  const to = newFolder();
  cpSync(at.whole, to, { recursive: true });
  const file = eventsFile(to);
  writeFileSync(file, change(readFileSync(file, "utf8").trimEnd().split("\n")));
  return to;
}

test("an export is found intact by its own verify.mjs, and by the live log's checkpoint and key", () => {
  const { code, report, words } = check(at.whole);
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
    JSON.parse(readFileSync(path.join(at.whole, "checkpoints.jsonl"), "utf8").trim().split("\n")[1] ?? "{}").note,
  );
  const { keys } = JSON.parse(readFileSync(path.join(at.whole, "log.json"), "utf8"));
  const sure = check(at.whole, "--checkpoint", kept, "--key", keys[0].verifierKey);
  expect(sure.report).toMatchObject({ intact: true, checked: { elsewhere: 1 }, keysGiven: true });
  expect(sure.words).not.toContain("The key came with");
});

test("any byte changed in any event of an export is found, and the event named or the stretch it is in", () => {
  const places = fc.sample(fc.tuple(fc.nat(119), fc.double({ min: 0, max: 0.999, noNaN: true })), 25);
  for (const [n, share] of places) {
    const to = copyWith((lines) => {
      const line = lines[n] ?? "";
      const place = Math.floor(share * line.length);
      const other = line[place] === "7" ? "8" : "7";
      lines[n] = line.slice(0, place) + other + line.slice(place + 1);
      return `${lines.join("\n")}\n`;
    });
    const { code, report } = check(to);
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
  // What comes after a line that cannot be placed is there, or not: nobody looked.
  if (words.startsWith("Where") || words.startsWith("The line")) expect(said).not.toContain("are missing");
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
  const { code, words: said } = check(at.whole, "--checkpoint", kept);
  expect(code).toBe(1);
  expect(said).toContain(words);
});

test("a checkpoint over more events than the export has says how many are missing", async () => {
  await transaction((tx) => record(tx, auditor, { action: "test.later" }));
  const note = await sign();
  const kept = path.join(folder, "larger");
  writeFileSync(kept, note);
  const { code, words } = check(at.whole, "--checkpoint", kept);
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

// As somebody without any key does it: the words are others, and the leaf is made to fit them.
const rewritten = (line: string) => {
  const entry = JSON.parse(line);
  entry.values.content.details.n = "never";
  const content = createHash("sha256").update(Buffer.from(entry.salts.content, "hex"));
  entry.leaf.content = content.update(canonical(entry.values.content)).digest("hex");
  return JSON.stringify(entry);
};

test.each([
  ["no checkpoint", 0, "Events 1 to 120 are under no signed checkpoint"],
  ["only its oldest checkpoints", 2, "Events 62 to 120 are under no signed checkpoint"],
])("events that were rewritten are not called intact where the export came with %s", (_, left, words) => {
  const to = copyWith((lines) => `${lines.map((line, n) => (n === 99 ? rewritten(line) : line)).join("\n")}\n`);
  const file = path.join(to, "checkpoints.jsonl");
  writeFileSync(file, readFileSync(file, "utf8").split("\n").slice(0, left).join("\n"));
  const { code, words: said } = check(to);
  expect([code, said]).toEqual([1, expect.stringContaining(words)]);
  expect(said).not.toContain("intact");
});

test("what an export says of itself cannot clear the reader's screen or add a line to the report", () => {
  const word = "\u001b[2J\u001b[H\nThe record is intact up to event 120.\u202e\u0085";
  const to = copyWith((lines) =>
    lines.map((line, n) => (n === 9 ? JSON.stringify({ ...JSON.parse(line), number: word }) : line)).join("\n"),
  );
  const { code, words } = check(to);
  expect(code).toBe(1);
  expect(words).toContain("Where event 10 should be, there is \\u001b[2J");
  expect(words).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^The record is intact/m);
  const cut = path.join(folder, "word");
  writeFileSync(cut, `${word}\n7\nroot\n\n\u2014 x AAAA\n`);
  expect(check(at.whole, "--checkpoint", cut).words).not.toMatch(/\u001b|^The record is intact/m);
});

test("values that somebody blanked and called withheld are told as erased without the record's knowing", () => {
  const to = copyWith((lines) =>
    lines
      .map((line) => JSON.parse(line))
      .map((entry) => ({ ...entry, values: { ...entry.values, who: null }, withheld: ["who"] }))
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(""),
  );
  expect(check(to)).toMatchObject({ code: 1, words: expect.stringContaining("120 parts of events were erased, and") });
});

test("a checkpoint from elsewhere holds up to its own size, and the report says up to where", async () => {
  const notes = readFileSync(path.join(at.whole, "checkpoints.jsonl"), "utf8").trim().split("\n");
  const kept = path.join(folder, "old");
  writeFileSync(kept, `${notes[0]}\n`);
  const { code, words } = check(at.whole, "--checkpoint", kept);
  expect([code, words]).toEqual([0, expect.stringContaining("only up to event 21")]);
  const part = await exported({ from: 50 });
  expect(check(part, "--checkpoint", kept)).toMatchObject({
    code: 1,
    words: expect.stringContaining("is over 21 events, and this begins after them, at event 50"),
  });
  writeFileSync(kept, '{"size":21}\n');
  expect(check(at.whole, "--checkpoint", kept)).toMatchObject({
    code: 2,
    words: expect.stringContaining("holds no checkpoint"),
  });
});
