import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rows } from "../db/client";
import { exportEvents } from "./export-events";
import { ann, auditor, folder, sign, withRecord } from "./test-export";
import { consistencyPath, inclusionPaths, rootAt } from "./tree";
import { isContinued, type Report, rootOfPath } from "./verify.mjs";

withRecord();

let made = 0;

async function chosen(): Promise<string> {
  let text = "";
  for await (const piece of await exportEvents(auditor, { who: [ann.userId] }, "jsonl")) text += piece;
  return text;
}

/** As an auditor does: one file of ours, and Node.js. */
function check(text: string, ...args: string[]): { code: number | null; report: Report; words: string } {
  const file = path.join(folder, `chosen-${++made}.jsonl`);
  writeFileSync(file, text);
  const run = (...more: string[]) =>
    spawnSync(process.execPath, [path.join(import.meta.dirname, "verify.mjs"), file, ...args, ...more], {
      encoding: "utf8",
      env: { NODE_ENV: "test" },
    });
  const { status, stdout, stderr } = run("--json");
  return { code: status, report: stdout ? JSON.parse(stdout) : {}, words: run().stdout + stderr };
}

function kept(note: string): string {
  const file = path.join(folder, `note-${++made}`);
  writeFileSync(file, note);
  return file;
}

const oldest = async () =>
  (await rows<{ note: string; size: string }>("select note, size from audit_checkpoints order by size limit 1"))[0];

test("what a filter showed is checked alone: against its own checkpoint, and those kept before and since", async () => {
  const before = await oldest();
  const text = await chosen();
  const { code, report, words } = check(text);
  expect([code, words]).toEqual([0, expect.stringContaining("30 events are in the record as it was signed")]);
  expect(report).toMatchObject({ intact: true, size: 30, checked: { elsewhere: 0 } });
  expect(words).toContain("That no other event belongs here is not proven");
  const { keys, checkpoint } = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "").end;
  const sure = check(
    text,
    ...["--key", keys[0].verifierKey, "--checkpoint", kept(checkpoint), "--checkpoint", kept(before?.note ?? "")],
  );
  expect(sure.report).toMatchObject({ intact: true, keysGiven: true, checked: { elsewhere: 2, checkpoints: 3 } });
  // The export itself is an event, so that the log is longer by now.
  const later = check(text, "--checkpoint", kept(await sign()));
  expect(later).toMatchObject({ code: 1, report: { faults: [{ what: "not_compared" }] } });
  expect(later.words).toMatch(/audit\/proof\?from=\d+&size=\d+/);
});

test("a checkpoint of a record that was made anew does not agree with what was chosen from it", async () => {
  const before = await oldest();
  const text = await chosen();
  const { end } = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  const path = [...(end.consistency[before?.size ?? ""] ?? [])];
  path[0] = Buffer.alloc(32, 9).toString("base64");
  end.consistency[before?.size ?? ""] = path;
  const anew = [...text.trimEnd().split("\n").slice(0, -1), JSON.stringify({ end }), ""].join("\n");
  const { code, words } = check(anew, "--checkpoint", kept(before?.note ?? ""));
  expect([code, words]).toEqual([1, expect.stringContaining("was signed over another log")]);
});

test("any character that is changed in any line of events is found", async () => {
  const lines = (await chosen()).trimEnd().split("\n");
  const places = fc.sample(fc.tuple(fc.nat(29), fc.double({ min: 0, max: 0.999, noNaN: true })), 25);
  for (const [n, share] of places) {
    const changed = [...lines];
    const line = lines[n] ?? "";
    const place = Math.floor(share * line.length);
    changed[n] = line.slice(0, place) + (line[place] === "7" ? "8" : "7") + line.slice(place + 1);
    expect([n, share, check(changed.join("\n")).code]).toEqual([n, share, 1]);
  }
});

type Change = (lines: string[]) => string[];
const swapped = (lines: string[], of: "number" | "path" | "leaf" | "salts"): string[] => {
  const [one, two] = [JSON.parse(lines[3] ?? ""), JSON.parse(lines[4] ?? "")];
  [one[of], two[of]] = [two[of], one[of]];
  return [...lines.slice(0, 3), JSON.stringify(one), JSON.stringify(two), ...lines.slice(5)];
};
const ended = (lines: string[], change: object): string[] => {
  const { end } = JSON.parse(lines.at(-1) ?? "");
  return [...lines.slice(0, -1), JSON.stringify({ end: { ...end, ...change } })];
};

test.each<[string, Change, RegExp]>([
  ["an event left out", (lines) => lines.filter((_, n) => n !== 7), /made of 30 events, and 29 are there/],
  ["an event twice", (lines) => [lines[2] ?? "", ...lines], /is there twice/],
  ["its last line gone", (lines) => lines.slice(0, -1), /last line, .* is missing: the file was cut/],
  ["its last line cut", (lines) => [...lines.slice(0, -1), lines.at(-1)?.slice(0, -20) ?? ""], /the file was cut/],
  ["a line cut", (lines) => lines.map((line, n) => (n === 4 ? line.slice(0, -9) : line)), /Line 5 is cut/],
  ["two numbers exchanged", (lines) => swapped(lines, "number"), /is not the one that was signed at its place/],
  ["two paths exchanged", (lines) => swapped(lines, "path"), /is not the one that was signed at its place/],
  ["two leaves exchanged", (lines) => swapped(lines, "leaf"), /is not as it was written/],
  ["two salts exchanged", (lines) => swapped(lines, "salts"), /is not as it was written/],
  ["a smaller log said", (lines) => ended(lines, { size: 60 }), /is of another size than said/],
  ["another log said", (lines) => ended(lines, { origin: "elsewhere" }), /It is of another log/],
  ["fewer events said", (lines) => ended(lines, { count: 29 }), /made of 29 events, and 30 are there/],
])("a choice with %s says so", async (_, change, words) => {
  const found = check(change((await chosen()).trimEnd().split("\n")).join("\n"));
  expect(found.code).toBe(1);
  expect(found.words).toMatch(words);
});

test("paths lead to the root of the log and no other, from every place and for every size", async () => {
  const size = 120;
  const root = (await rootAt(rows, size)).toString("base64");
  const hashes = await rows<{ hash: Buffer }>(
    "select leaf_hash as hash from audit_sequence order by position limit 120",
  );
  const text = (path: readonly Buffer[]) => path.map((hash) => hash.toString("base64"));
  const paths = await inclusionPaths(
    rows,
    hashes.map((_, index) => index),
    size,
  );
  for (const [index, { hash }] of hashes.entries()) {
    const path = text(paths[index] ?? []);
    expect(rootOfPath(hash, index, size, path)).toBe(root);
    expect(rootOfPath(hash, (index + 1) % size, size, path)).not.toBe(root);
    expect(rootOfPath(hash, index, size, path.slice(1))).not.toBe(root);
  }
  for (let first = 1; first < size; first++) {
    const path = text(await consistencyPath(rows, first, size));
    const firstRoot = (await rootAt(rows, first)).toString("base64");
    const facts = { first, firstRoot, second: size, secondRoot: root, path };
    expect([first, isContinued(facts)]).toEqual([first, true]);
    expect(isContinued({ ...facts, firstRoot: root })).toBe(false);
    expect(isContinued({ ...facts, secondRoot: firstRoot })).toBe(false);
  }
});
