import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordAll } from "../audit/record";
import { canonical } from "../audit/verify.mjs";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { rows, transaction } from "../db/client";
import { person, refusal, startWorld, sync, type World, worker } from "../requests/test-world";
import type { Receipt } from "./receipt-schema";
import { receiptCsv, receiptJson } from "./receipt-text";
import { startOffboarding } from "./start-offboarding";
import { takeReceipt } from "./take-receipt";
import { runLeaving } from "./test-leaving";
import { asProvisioner } from "./test-worlds";

const hostile = '=HYPERLINK("http://evil.example";"x")\u202egnp.txt';
const folder = mkdtempSync(path.join(tmpdir(), "rollcall-receipt-"));
let world: World;
let id: string;
let receipt: Receipt;
beforeAll(async () => {
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    await client.query(`create role "${hostile.replaceAll('"', '""')}"`);
    await client.query(
      `grant "${hostile.replaceAll('"', '""')}", ann to "${provisioner}" with admin true, inherit false, set false`,
    );
  });
  await asProvisioner(world.server, [`grant "${hostile.replaceAll('"', '""')}" to ann`, "grant analysts to ann"]);
  await sync(world.connectionId);
  ({ id } = await startOffboarding(person(world, "bob"), { identity: "ann@acme.test", reason: "resigned" }));
  await runLeaving(id);
  await runLeaving(id);
  receipt = await takeReceipt(person(world, "sid"), { id });
}, 120_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.drop();
});

let made = 0;

/** As an auditor does: one file of ours, and Node.js. */
function check(text: string, ...args: string[]) {
  const file = path.join(folder, `receipt-${++made}.json`);
  writeFileSync(file, text);
  const verifier = path.join(import.meta.dirname, "..", "audit", "verify.mjs");
  const env = { NODE_ENV: "test" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [verifier, file, ...args], { encoding: "utf8", env });
  return { code: status, words: stdout + stderr };
}

function kept(note: string): string {
  const file = path.join(folder, `note-${++made}`);
  writeFileSync(file, note);
  return file;
}

test("a receipt says of every path when it was ordered, acknowledged and verified, and is checked alone", async () => {
  const paths = receipt.receipt.lines.map(({ kind, status }) => `${kind} ${status}`).sort();
  expect(paths).toEqual([
    ...["access verified", "access verified", "account verified", "credential verified"],
    ...["deletion planned", "sign_in verified"],
  ]);
  for (const line of receipt.receipt.lines.filter(({ status }) => status === "verified")) {
    const { orderedAt, acknowledgedAt, verifiedAt } = line;
    expect([line.name, orderedAt, acknowledgedAt, verifiedAt]).not.toContain(null);
  }
  const [first] = await rows<{ note: string }>("select note from audit_checkpoints order by size limit 1");
  const { keys, checkpoint } = receipt.end;
  const { code, words } = check(
    receiptJson(receipt),
    ...["--key", keys[0]?.verifierKey ?? "", "--checkpoint", kept(checkpoint), "--checkpoint", kept(first?.note ?? "")],
  );
  expect([code, words]).toEqual([0, expect.stringContaining("The receipt of O-1 is what the record says")]);
  expect(words).toMatch(/6 lines, 3 of them gone and proven/);
  expect(words).toMatch(/2 of them kept elsewhere/);
});

test("however much else is told of a run, its receipt holds what its lines name", async () => {
  const target = { type: "offboarding", id, name: "O-1" };
  const looked = Array.from({ length: 1_100 }, () => ({ action: "offboarding.looked_at", target }));
  await transaction((tx) => recordAll(tx, worker, looked));
  const later = await takeReceipt(person(world, "sid"), { id });
  const numbers = new Set(later.events.map(({ number }) => number));
  const named = later.receipt.lines.flatMap(({ event }) => (event === null ? [] : [event]));
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((number) => !numbers.has(number))).toEqual([]);
  expect(later.events.length).toBeLessThan(1_100);
  expect(check(receiptJson(later))).toMatchObject({ code: 0 });
});

type Change = (one: Receipt) => void;
const withDigest =
  (change: Change): Change =>
  (one) => {
    change(one);
    one.digest = createHash("sha256").update(canonical(one.receipt)).digest("hex");
  };
const gone = (one: Receipt) => one.receipt.lines.find(({ event }) => event !== null) ?? one.receipt.lines[0];
const later: Change = (one) => {
  const line = gone(one);
  if (line) line.verifiedAt = "2020-01-01T00:00:00.000Z";
};

test.each<[string, Change, RegExp]>([
  ["another time", later, /is not as it was handed out/],
  ["another time and its digest made anew", withDigest(later), /tells of no receipt with this digest/],
  ["a line left out", (one) => one.receipt.lines.pop(), /is not as it was handed out/],
  ["what lives on left out", (one) => void gone(one)?.outlives.push({ what: "x", until: null }), /not as it was/],
  ["a line left out, and its digest", withDigest((one) => one.receipt.lines.pop()), /no receipt with this digest/],
  ["an event left out", (one) => one.events.splice(1, 1), /made of \d+ events, and/],
  [
    "an event of another line",
    (one) => {
      const [a, b] = one.receipt.lines.filter(({ event }) => event !== null);
      if (a && b) [a.event, b.event] = [b.event, a.event];
    },
    /no event \d+ of this run tells of it/,
  ],
  [
    "an event rewritten",
    (one) => {
      const event = one.events[0];
      if (event) event.values = { ...event.values, content: { why: null, details: { digest: one.digest } } };
    },
    /is not as it was written: content/,
  ],
  ["another run", (one) => (one.receipt.id = one.receipt.identity.id), /tells of no receipt with this digest/],
  [
    "a checkpoint altered",
    (one) => (one.end.checkpoint = one.end.checkpoint.replace("\n", "\n1")),
    /signature is wrong/,
  ],
])("a receipt with %s is found", (_, change, words) => {
  const one = structuredClone(receipt);
  change(one);
  const found = check(receiptJson(one));
  expect([found.code, found.words]).toEqual([1, expect.stringMatching(words)]);
});

test("a receipt that was cut is refused in words", () => {
  const found = check(receiptJson(receipt).slice(0, -200));
  expect([found.code, found.words]).toEqual([2, expect.stringMatching(/no whole receipt: it was cut/)]);
});

// Every cell stands in double quotes.
const cellsOf = (line: string) =>
  [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = ""]) => cell.replaceAll('""', '"'));

test("in a spreadsheet nothing of it runs and nothing hides, and the JSON holds no character that turns others", () => {
  const [titles = [], ...cells] = receiptCsv(receipt).slice(1).trimEnd().split("\r\n").map(cellsOf);
  const table = cells.map((row) => Object.fromEntries(row.map((cell, at) => [titles[at] ?? "", cell])));
  expect(table).toHaveLength(6);
  const line = table.find(({ what }) => what?.includes("HYPERLINK"));
  expect(line).toMatchObject({ system: "warehouse", status: "verified", receipt: "O-1", digest: receipt.digest });
  expect(line?.what).toContain("\\u202egnp.txt");
  for (const text of [receiptCsv(receipt), receiptJson(receipt)])
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  for (const cell of table.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  expect(JSON.parse(receiptJson(receipt))).toEqual(JSON.parse(JSON.stringify(receipt)));
});

test("whose people they are gets it without who did what from where; others are refused, and each is recorded", async () => {
  const mine = await takeReceipt(person(world, "bob"), { id });
  expect(mine.events.every(({ values, withheld }) => values.who === null && withheld?.[0] === "who")).toBe(true);
  const { code, words } = check(receiptJson(mine));
  expect([code, words]).toEqual([0, expect.not.stringContaining("erased")]);
  for (const other of ["eve", "ann", "cara"])
    expect(await refusal(takeReceipt(person(world, other), { id }))).toMatch(/^forbidden/);
  expect(await refusal(takeReceipt(person(world, "sid"), { id: "O-1" }))).toMatch(/^not_found/);
  const told = await rows<{ actor: string; digest: string }>(
    `select actor_name as actor, details ->> 'digest' as digest from audit_events
     where action = 'offboarding.receipt_taken' and outcome = 'allowed' order by at, id`,
  );
  expect(told).toEqual([
    { actor: "sid", digest: receipt.digest },
    { actor: "sid", digest: expect.not.stringMatching(receipt.digest) },
    { actor: "bob", digest: mine.digest },
  ]);
});
