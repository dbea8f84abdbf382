import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";
import { readLog } from "./read-log";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { canonical, digestOf } from "./verify.mjs";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

// What a database might print in another way than RFC 8785 asks.
const awkward = fc.constantFrom(
  "\u0000\u0001\u001f\u007f\u0080\u2028\u2029\ufeff",
  '"\\\b\f\n\r\t/',
  "\ud83d\ude00\uffff\ue000",
  "\\u0041 \\N \\x00",
  "</script>&'",
  "\tone\ntwo\u0085",
  "",
  "none",
);
const text = fc.oneof(awkward, fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, 0.1 + 0.2, 1.0, 123456789012345680000),
);
// Names whose order differs between a database (length first), JavaScript (numbers first) and RFC 8785 (UTF-16).
const name = fc.oneof(text, fc.constantFrom("10", "9", "a", "aa", "B", "__proto__", "constructor", "\ue000", "😀"));
const { object } = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(name, tie("value"), { maxKeys: 6 }),
}));
const event = fc.record({
  actor: text,
  action: text.map((end) => `test.${end.replaceAll("\u0000", "")}`),
  target: fc.option(
    fc.record({ type: fc.constantFrom("thing", 'x","v":3'), id: fc.option(text), name: fc.option(text) }),
  ),
  onBehalfOf: fc.option(fc.record({ id: text, name: text }), { nil: undefined }),
  why: fc.option(object, { nil: undefined }),
  details: fc.option(object, { nil: undefined }),
  before: fc.option(object, { nil: undefined }),
});

async function loggedEvents(): Promise<LoggedEvent[]> {
  return rows<LoggedEvent>(
    `select ${loggedEventColumns} from audit_sequence s join audit_events e on e.id = s.event_id order by s.position`,
  );
}

test("whatever an event holds, a check computes the hash that was kept when it got its place", async () => {
  const events = fc.sample(event, 400);
  await transaction(async (tx) => {
    for (const { actor, target, ...rest } of events)
      await record(tx, system(actor), { ...rest, ...(target ? { target } : {}) });
  });
  await sequenceEvents();
  const kept = await loggedEvents();
  const read = [...(await readLog(1, 250)), ...(await readLog(251, 250))];
  expect(read).toHaveLength(events.length);
  for (const [n, entry] of read.entries()) {
    expect(entry.number).toBe(n + 1);
    expect([n, entry.event?.hash]).toEqual([n, entry.kept]);
    expect(entry.event?.at).toBe(kept[n]?.at);
  }
  expect(await readLog(events.length + 1, 250)).toEqual([]);
});

test("a value larger than any ground is hashed whole", async () => {
  await transaction((tx) =>
    record(tx, system("large"), { action: "test.large", details: { "€": "€".repeat(90_000) } }),
  );
  await sequenceEvents();
  const [last] = (await loggedEvents()).slice(-1);
  const [entry] = (await readLog(1, 10_000)).slice(-1);
  expect(entry?.event?.hash).toBe(entry?.kept);
  expect(last && leafHash(last).toString("hex")).toBe(entry?.kept);
});

test.each([
  ['{"content": "x\\",\\"v\\":3"}', 1],
  ['{"who": 7, "target": {"a": 1}}', 2],
  ['{"content": ""}', 0],
  ["[]", 0],
])("what stands for a digest and is none fits no leaf: %s", async (erased, parts) => {
  await rows("alter table audit_events disable trigger user");
  const [first] = await rows<{ id: string; erased: unknown }>(
    "select e.id, e.erased from audit_events e join audit_sequence s on s.event_id = e.id where s.position = 1",
  );
  await rows("update audit_events set erased = $2::jsonb where id = $1", [first?.id, erased]);
  const [entry] = await readLog(1, 1);
  expect(entry?.event?.erased).toBe(parts);
  expect(entry?.event?.hash === entry?.kept).toBe(parts === 0);
  await rows("update audit_events set erased = null where id = $1", [first?.id]);
});

test("canonical JSON of the verifier is that of the package that leaves are written with", () => {
  fc.assert(
    fc.property(object, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(canonical(plain)).toBe(canonicalize(plain));
    }),
  );
});

test("a digest is over the salt and the values, however long they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(40_000), text, (salt, times, piece) => {
      const values = piece.toWellFormed().repeat(Math.min(times, Math.ceil(200_000 / Math.max(1, piece.length))));
      const expected = createHash("sha256").update(salt).update(values).digest("hex");
      expect(digestOf(Buffer.from(salt).toString("hex"), values)).toBe(expected);
    }),
    { numRuns: 60 },
  );
});
