import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { listKeys } from "./keys";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";
import { verifierKey } from "./note";
import {
  asOwner,
  auditor,
  change,
  eventAt,
  forged,
  happen,
  keep,
  move,
  recompute,
  resign,
  resignWithOwnKey,
  restore,
  type Tampering,
  tampering,
} from "./test-tampering";
import type { Given } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
const size = 300;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let anchor: Given;
let key: Given;
beforeAll(async () => {
  database = await freshDatabase();
  resetEnv();
  for (const upTo of [100, 200, 260, size]) await happen(upTo);
  const [newest] = await rows<{ note: string }>("select note from audit_checkpoints order by size desc limit 1");
  anchor = { checkpoints: [{ note: newest?.note ?? "", source: "an anchor" }] };
  key = { keys: (await listKeys()).map(verifierKey) };
  await keep();
});
afterAll(() => database.drop());

// What the log's own checkpoints show.
const found: Record<string, Tampering> = {
  "who did it": tampering((n) => change(n, "actor_name = 'somebody else'")),
  "the facts of who did it": tampering((n) => change(n, `actor = '{"type": "person"}'`)),
  "when, by a microsecond": tampering((n) => change(n, "at = at + interval '1 microsecond'")),
  "the outcome": tampering((n) => change(n, "outcome = 'denied'")),
  "the action": tampering((n) => change(n, "action = 'test.undone'")),
  "what it was done to": tampering((n) => change(n, "target_id = 'other'")),
  "the name of what it was done to": tampering((n) => change(n, "target_name = 'other'")),
  "a detail": tampering((n) => change(n, `details = details || '{"made": -1}'`)),
  "a salt": tampering((n) => change(n, "salts = set_byte(salts, 40, (get_byte(salts, 40) + 1) % 256)")),
  "a detail, taken for erased": tampering((n) =>
    change(n, `details = null, erased = '{"content": "${"0".repeat(64)}"}'`),
  ),
  "the hash that is kept of an event": tampering(
    (n) => `update audit_sequence set leaf_hash = sha256('x') where position = ${n}`,
  ),
  "an event and its own hash": async (n) => {
    await asOwner(change(n, "outcome = 'denied'"));
    const [event] = await rows<LoggedEvent>(
      `select ${loggedEventColumns} from audit_events e where e.id = ${eventAt(n)}`,
    );
    if (!event) throw new Error("no event");
    await asOwner(
      `update audit_sequence set leaf_hash = '\\x${leafHash(event).toString("hex")}' where position = ${n}`,
    );
  },
  "an event and every hash": async (n) => {
    await asOwner(change(n, "outcome = 'denied'"));
    await recompute();
  },
  "an event gone": tampering((n) => `delete from audit_events where id = ${eventAt(n)}`),
  "an event and its place gone": tampering((n) => [
    `delete from audit_events where id = ${eventAt(n)}`,
    `delete from audit_sequence where position = ${n}`,
  ]),
  "an event gone, the others moved up, every hash anew": async (n) => {
    await asOwner(
      `delete from audit_events where id = ${eventAt(n)}`,
      `delete from audit_sequence where position = ${n}`,
      ...move(`position > ${n}`, -1),
    );
    await recompute();
  },
  "an event put in beside the log": tampering(forged),
  "an event put in, the others moved down, every hash anew": async (n) => {
    await asOwner(
      forged(n),
      ...move(`position >= ${n}`, 1),
      `insert into audit_sequence (position, event_id, leaf_hash) values (${n}, '00000000-0000-7000-8000-00000000f000', '\\x00')`,
    );
    await recompute();
  },
  "two events that changed places, with their hashes": async (n) => {
    const other = n === size ? n - 1 : n + 1;
    await asOwner(
      `update audit_sequence set position = -${n} where position = ${n}`,
      `update audit_sequence set position = ${n} where position = ${other}`,
      `update audit_sequence set position = ${other} where position = -${n}`,
    );
    await recompute();
  },
  "a hash of the tree": tampering(() => "update audit_subtrees set hash = sha256('x')"),
  "a checkpoint's text": tampering(
    () => "update audit_checkpoints set note = replace(note, E'\\n300\\n', E'\\n299\\n') where size = 300",
  ),
  "the key": tampering(() => "update audit_keys set public_key = sha256('x')"),
};

test.each(Object.entries(found))("changed: %s. It is found, wherever it was", async (_, tamper) => {
  const places = fc.sample(fc.integer({ min: 1, max: size }), 4);
  for (const n of places) {
    await restore();
    await tamper(n);
    const report = await verifyRecord(auditor);
    expect(report.intact, `at ${n}`).toBe(false);
    const named = report.faults.flatMap(({ number }) => number ?? []);
    if (named.length > 0) expect(Math.min(...named), JSON.stringify(report.faults)).toBeLessThanOrEqual(n);
    await restore();
    expect(await verifyRecord(auditor, { ...anchor, ...key })).toMatchObject({ intact: true, size });
  }
});

const cutFrom = (from: number) =>
  asOwner(
    `delete from audit_events where id in (select event_id from audit_sequence where position >= ${from})`,
    `delete from audit_sequence where position >= ${from}`,
    `delete from audit_checkpoints where size >= ${from}`,
  );

// What only somebody who kept a checkpoint or the key elsewhere can see.
const foundByAnchor: Record<string, Tampering> = {
  "the newest events cut off, with their checkpoints": async (n) => {
    await cutFrom(Math.max(n, 2));
    await recompute();
  },
  "an event, every hash, and every signature by a key of the owner's own": async (n) => {
    await asOwner(change(n, "outcome = 'denied'"));
    await recompute();
    await resign();
  },
  "an event and every hash, every checkpoint signed anew with the log's own key": async (n) => {
    await asOwner(change(n, "outcome = 'denied'"));
    await recompute();
    await resignWithOwnKey();
  },
  "the newest events cut off, and what is left signed anew with the log's own key": async (n) => {
    await cutFrom(Math.max(n, 2));
    await recompute();
    await resignWithOwnKey();
  },
};

test.each(Object.entries(foundByAnchor))(
  "%s: only a checkpoint from elsewhere shows it, and does",
  async (_, tamper) => {
    for (const n of fc.sample(fc.integer({ min: 1, max: size }), 4)) {
      await tamper(n);
      expect(await verifyRecord(auditor), `at ${n}, without an anchor`).toMatchObject({ intact: true });
      expect((await verifyRecord(auditor, anchor)).intact, `at ${n}, with an anchor`).toBe(false);
      await restore();
    }
  },
);

test("a log made anew with another key is found by the key alone", async () => {
  await restore();
  await asOwner(change(7, "outcome = 'denied'"));
  await recompute();
  await resign();
  const report = await verifyRecord(auditor, key);
  expect(report.faults[0]).toMatchObject({ what: "key" });
  await restore();
});

test("where it is wrong is said: the event that was changed, or the stretch between two checkpoints", async () => {
  await restore();
  await asOwner(change(150, "outcome = 'denied'"));
  expect((await verifyRecord(auditor)).faults).toMatchObject([{ what: "changed", number: 150 }]);
  await recompute();
  const report = await verifyRecord(auditor);
  expect(report.checked.size).toBe(100);
  expect(report.faults).toMatchObject([{ what: "not_signed", number: 101 }]);
  expect(report.faults[0]?.message).toContain("Among events 101 to 200");
  await restore();
});

test.each([
  ["of another log", (note: string) => note.replaceAll("rollcall.internal", "elsewhere.example"), /of another log/],
  ["altered", (note: string) => note.replace(/\n(\d+)\n/, "\n1$1\n"), /signature is wrong/],
  ["by an unknown key", (note: string) => note.replace(/(\u2014 \S+ )\S/, "$1/"), /not signed by a key of this log/],
  ["cut", (note: string) => note.slice(0, 60), /was cut/],
  ["no checkpoint", () => "hello\n\nworld\n", /no checkpoint/],
])(
  "a checkpoint from elsewhere that is %s is said to be so, and the record is not called intact",
  async (_, change, words) => {
    await restore();
    const [kept] = anchor.checkpoints ?? [];
    const report = await verifyRecord(auditor, {
      checkpoints: [{ note: change(kept?.note ?? ""), source: "what I kept" }],
    });
    expect(report.intact).toBe(false);
    expect(report.faults).toMatchObject([{ what: "checkpoint", message: expect.stringMatching(words) }]);
    expect(report.faults[0]?.message).toContain("what I kept");
  },
);
