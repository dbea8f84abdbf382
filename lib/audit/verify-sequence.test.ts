import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { verifySequence } from "./verify-sequence";

const auditor = system("test");
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  for (let index = 0; index < 25; index++) await write(`n-${index}`);
  await sequenceEvents();
  await write("waits");
});
afterAll(() => drop());

const write = (name: string) =>
  transaction((tx) => record(tx, auditor, { action: "test.done", target: { type: "thing", name } }));

// What the owner of the database can do: the triggers hold back everybody else.
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  await rows("alter table audit_events disable trigger user");
  await rows("alter table audit_sequence disable trigger user");
  await rows(sql, values);
}

test("a log that nobody touched is whole, and says how many events still wait", async () => {
  const check = await verifySequence(auditor);
  expect(check).toMatchObject({ sequenced: 25, waiting: 1, adrift: 0, firstFault: null });
  expect(check.lastAt).toBeInstanceOf(Date);
});

test("an event put in without going through the queue is adrift", async () => {
  await rows(
    "insert into audit_events (at, actor_type, actor_name, actor, action, outcome) values (now(), 'system', 'x', '{}', 'forged', 'allowed')",
  );
  expect(await verifySequence(auditor)).toMatchObject({ adrift: 1, firstFault: null });
});

test("a changed event is named by its place, whatever was changed in it", async () => {
  const at = "(select event_id from audit_sequence where position = 20)";
  for (const change of [
    "actor_name = 'y'",
    "at = at + interval '1 ms'",
    "outcome = 'denied'",
    "details = '{\"a\":1}'",
  ]) {
    const column = change.split(" ")[0];
    const [before] = await rows<{ value: unknown }>(`select ${column} as value from audit_events where id = ${at}`);
    await tamper(`update audit_events set ${change} where id = ${at}`);
    expect((await verifySequence(auditor)).firstFault).toEqual({ position: 20, what: "changed" });
    await tamper(`update audit_events set ${column} = $1 where id = ${at}`, before?.value ?? null);
    if (column !== "at") expect((await verifySequence(auditor)).firstFault).toBeNull();
  }
});

test("two events that changed places are found at the first of them", async () => {
  await tamper(
    `update audit_sequence s set leaf_hash = o.leaf_hash from audit_sequence o where s.position = 3 and o.position = 4`,
  );
  expect((await verifySequence(auditor)).firstFault).toEqual({ position: 3, what: "changed" });
});

test("a place that is empty is found before anything behind it", async () => {
  await tamper("delete from audit_sequence where position = 2");
  expect((await verifySequence(auditor)).firstFault).toEqual({ position: 2, what: "missing" });
});
