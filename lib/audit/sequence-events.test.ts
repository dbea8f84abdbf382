import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const worker = system("worker");
const write = (name: string) =>
  transaction((tx) => record(tx, worker, { action: "test.done", target: { type: "thing", name } }));
const placed = () =>
  rows<{ position: string; event_id: string }>("select position, event_id from audit_sequence order by position");

test("with many writers and two sequencers, each event gets one place and places have no gaps", async () => {
  let writing = true;
  const sequencer = async () => {
    let total = 0;
    while (writing) total += await sequenceEvents();
    return total;
  };
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; i < 40; i++) await write(`${writer}-${i}`);
  });
  const sequencers = [sequencer(), sequencer()];
  await Promise.all(writers);
  writing = false;
  const counts = await Promise.all(sequencers);
  const last = await sequenceEvents();

  expect(counts.reduce((a, b) => a + b, last)).toBe(160);
  const places = await placed();
  expect(places.map((place) => Number(place.position))).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
  expect(new Set(places.map((place) => place.event_id)).size).toBe(160);
  expect(await db().auditIntake.count()).toBe(0);
});

test("events of one batch are placed in the order of their time", async () => {
  await rows(`with made as (
      insert into audit_events (at, actor_type, actor_name, actor, action, outcome)
      select timestamptz '2026-01-01' - make_interval(secs => i), 'system', 'test', '{}', 'test.old', 'allowed'
      from generate_series(1, 20) i returning id)
    insert into audit_intake select id from made`);
  await sequenceEvents();
  const order = await rows<{ sorted: boolean }>(
    `select bool_and(at >= before) as sorted from (
       select at, lag(at) over (order by position) as before from audit_sequence s join audit_events e on e.id = s.event_id
       where action = 'test.old') t where before is not null`,
  );
  expect(order[0]?.sorted).toBe(true);
});

test("a sequencer that dies before its commit leaves the events waiting", async () => {
  const size = (await placed()).length;
  const id = await write("survives");
  await rows(
    "create function fail_once() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$",
  );
  await rows("create trigger crash before delete on audit_intake for each row execute function fail_once()");
  await expect(sequenceEvents()).rejects.toThrow("crash");
  expect(await placed()).toHaveLength(size);
  await rows("drop trigger crash on audit_intake");
  expect(await sequenceEvents()).toBe(1);
  expect((await placed()).at(-1)?.event_id).toBe(id);
});

test("the leaf is SHA-256 over a zero byte and canonical JSON with a salted digest of each part", async () => {
  const id = await transaction((tx) =>
    record(tx, worker, { action: "test.hashed", details: { z: 1, a: "ü" }, why: { rule: "x" }, before: 1, after: 2 }),
  );
  await sequenceEvents();
  const event = await db().auditEvent.findUniqueOrThrow({ where: { id }, include: { auditSequence: true } });
  const { actorName, actor, onBehalfOf, targetName, why, details } = event;
  const salts = Buffer.from(event.salts);
  const digest = (part: number, values: object) =>
    createHash("sha256")
      .update(salts.subarray(part * 16, part * 16 + 16))
      .update(canonicalize(values) ?? "")
      .digest("hex");
  const { actorType, actorId, action, targetType, targetId, outcome, beforeDigest, afterDigest, requestId } = event;
  const json = canonicalize({
    v: 2,
    ...{ id, actorType, actorId, action, targetType, targetId, outcome, beforeDigest, afterDigest, requestId },
    at: event.at.toISOString().replace(/(\.\d{3})Z$/, "$1000Z"),
    who: digest(0, { actorName, actor, onBehalfOf }),
    target: digest(1, { targetName }),
    content: digest(2, { why, details }),
  });
  const expected = createHash("sha256").update(`\0${json}`).digest("hex");
  expect(Buffer.from(event.auditSequence?.leafHash ?? []).toString("hex")).toBe(expected);
  expect(new Set([0, 16, 32].map((from) => salts.subarray(from, from + 16).toString("hex"))).size).toBe(3);
});

test("what is hostile in a name keeps no event out of the record", async () => {
  const id = await transaction((tx) =>
    record(tx, worker, {
      action: "test.hostile",
      target: { type: "thing", id: "\0", name: "nul \0, half \ud800, escape \\u0000" },
      details: { nul: "\0", half: "\udfff", literal: "\\u0000" },
    }),
  );
  await sequenceEvents();
  const event = await db().auditEvent.findUniqueOrThrow({ where: { id } });
  expect(event.targetName).toBe("nul \ufffd, half \ufffd, escape \\u0000");
  expect(event.details).toEqual({ nul: "\ufffd", half: "\ufffd", literal: "\\u0000" });
});

test("events that had a place before the log was a tree get the same place again", async () => {
  await sequenceEvents();
  const [{ size } = { size: 0 }] = await rows<{ size: number }>("select count(*)::int as size from audit_sequence");
  await rows(`with made as (
      insert into audit_events (at, actor_type, actor_name, actor, action, outcome, target_id)
      select now() - make_interval(secs => i * 37 % 11), 'system', 'test', '{}', 'test.placed', 'allowed', i
      from generate_series(1, 40) i returning id, target_id)
    insert into audit_intake (event_id, place) select id, target_id::int from made`);
  await write("new");
  await sequenceEvents();
  const order = await rows<{ position: number; target_id: string }>(
    `select position::int, target_id from audit_sequence s join audit_events e on e.id = s.event_id
     where action = 'test.placed' order by position`,
  );
  expect(order).toEqual(Array.from({ length: 40 }, (_, i) => ({ position: size + i + 1, target_id: String(i + 1) })));
});

test("a backlog larger than a batch is placed whole in one call", async () => {
  await rows(`with made as (
      insert into audit_events (at, actor_type, actor_name, actor, action, outcome)
      select now(), 'system', 'test', '{}', 'test.many', 'allowed' from generate_series(1, 4500) returning id)
    insert into audit_intake select id from made`);
  expect(await sequenceEvents()).toBe(4500);
});
