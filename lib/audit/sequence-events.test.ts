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

test("the leaf is SHA-256 over a zero byte and the event's canonical JSON, so anybody can recompute it", async () => {
  const id = await transaction((tx) =>
    record(tx, worker, { action: "test.hashed", details: { z: 1, a: "ü" }, why: { rule: "x" }, before: 1, after: 2 }),
  );
  await sequenceEvents();
  const event = await db().auditEvent.findUniqueOrThrow({ where: { id }, include: { auditSequence: true } });
  const { auditSequence, at, ...fields } = event;
  const json = canonicalize({ v: 1, ...fields, at: at.toISOString().replace(/(\.\d{3})Z$/, "$1000Z") });
  const expected = createHash("sha256").update(`\0${json}`).digest("hex");
  expect(Buffer.from(auditSequence?.leafHash ?? []).toString("hex")).toBe(expected);
});

test("a backlog larger than a batch is placed whole in one call", async () => {
  await rows(`with made as (
      insert into audit_events (at, actor_type, actor_name, actor, action, outcome)
      select now(), 'system', 'test', '{}', 'test.many', 'allowed' from generate_series(1, 4500) returning id)
    insert into audit_intake select id from made`);
  expect(await sequenceEvents()).toBe(4500);
});
