import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { sealSecrets } from "../auth/seal-secrets";
import { pool, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { listKeys } from "./keys";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";
import { checkpointText, newKeyPair, signNote, verifierKey } from "./note";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";
import { growTree, rootAt } from "./tree";
import type { Given } from "./verify.mjs";
import { verifyRecord } from "./verify-record";

process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
const auditor = system("test");
const size = 300;
const tables = ["audit_events", "audit_sequence", "audit_intake", "audit_subtrees", "audit_checkpoints", "audit_keys"];

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
  for (const table of tables) await rows(`create table kept_${table} as table ${table}`);
});
afterAll(() => database.drop());

let made = 0;
async function happen(upTo: number): Promise<void> {
  await transaction(async (tx) => {
    for (; made < upTo; made++)
      await record(tx, auditor, {
        action: "test.done",
        target: { type: "thing", id: `t${made}`, name: `n${made}` },
        details: { made },
      });
  });
  await sequenceEvents();
  await signCheckpoint("atOnce");
}

// The owner of the database: no trigger and no foreign key holds them back.
async function asOwner(...statements: string[]): Promise<void> {
  const client = await pool().connect();
  try {
    await client.query("set session_replication_role = replica");
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.query("reset session_replication_role");
    client.release();
  }
}

async function restore(): Promise<void> {
  await asOwner(
    ...tables.flatMap((table) => [`delete from ${table}`, `insert into ${table} select * from kept_${table}`]),
  );
}

const eventAt = (n: number) => `(select event_id from audit_sequence where position = ${n})`;
const change = (n: number, set: string) => `update audit_events set ${set} where id = ${eventAt(n)}`;
// In two steps, because a place is unique at every moment.
const move = (where: string, by: number) => [
  `update audit_sequence set position = -(position + ${by}) where ${where}`,
  "update audit_sequence set position = -position where position < 0",
];
const forged = (n: number) =>
  `insert into audit_events (id, at, actor_type, actor_name, actor, action, outcome)
   select '00000000-0000-7000-8000-00000000f000', at, 'system', 'x', '{}', 'forged', 'allowed' from audit_events where id = ${eventAt(n)}`;

/** Every hash made anew over the events as they are, as somebody with this program and the database would. */
async function recompute(): Promise<void> {
  const found = await rows<LoggedEvent & { position: string }>(
    `select s.position, ${loggedEventColumns} from audit_sequence s join audit_events e on e.id = s.event_id order by s.position`,
  );
  const hashes = found.map((event) => leafHash(event));
  await asOwner(
    ...found.map(
      (event, n) =>
        `update audit_sequence set leaf_hash = '\\x${hashes[n]?.toString("hex")}' where position = ${event.position}`,
    ),
    "delete from audit_subtrees",
  );
  await growTree(rows, 0, hashes);
}

/** All checkpoints made anew, with a key of the owner's own under the log's name. */
async function resign(): Promise<void> {
  const [old] = await listKeys();
  const { publicKey, privateKey } = newKeyPair();
  const mine = { name: old?.name ?? "", publicKey };
  const sealed = sealSecrets({ key: privateKey.toString("base64") }, old?.id ?? "");
  await asOwner(
    `update audit_keys set public_key = '\\x${publicKey.toString("hex")}', private_key = '\\x${sealed.toString("hex")}'`,
  );
  const kept = await rows<{ size: string }>("select size from audit_checkpoints");
  for (const { size: at } of kept) {
    const root = await rootAt(rows, Number(at));
    const note = signNote(checkpointText({ origin: mine.name, size: Number(at), root }), mine, privateKey);
    await asOwner(
      `update audit_checkpoints set root = '\\x${root.toString("hex")}', note = '${note}' where size = ${at}`,
    );
  }
}

type Tampering = (n: number) => Promise<void>;
const run =
  (...sql: ((n: number) => string | string[])[]): Tampering =>
  (n) =>
    asOwner(...sql.flatMap((one) => one(n)));

// What the log's own checkpoints show.
const found: Record<string, Tampering> = {
  "who did it": run((n) => change(n, "actor_name = 'somebody else'")),
  "the facts of who did it": run((n) => change(n, `actor = '{"type": "person"}'`)),
  "when, by a microsecond": run((n) => change(n, "at = at + interval '1 microsecond'")),
  "the outcome": run((n) => change(n, "outcome = 'denied'")),
  "the action": run((n) => change(n, "action = 'test.undone'")),
  "what it was done to": run((n) => change(n, "target_id = 'other'")),
  "the name of what it was done to": run((n) => change(n, "target_name = 'other'")),
  "a detail": run((n) => change(n, `details = details || '{"made": -1}'`)),
  "a salt": run((n) => change(n, "salts = set_byte(salts, 40, (get_byte(salts, 40) + 1) % 256)")),
  "a detail, taken for erased": run((n) => change(n, `details = null, erased = '{"content": "${"0".repeat(64)}"}'`)),
  "the hash that is kept of an event": run(
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
  "an event gone": run((n) => `delete from audit_events where id = ${eventAt(n)}`),
  "an event and its place gone": run((n) => [
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
  "an event put in beside the log": run(forged),
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
  "a hash of the tree": run(() => "update audit_subtrees set hash = sha256('x')"),
  "a checkpoint's text": run(
    () => "update audit_checkpoints set note = replace(note, E'\\n300\\n', E'\\n299\\n') where size = 300",
  ),
  "the key": run(() => "update audit_keys set public_key = sha256('x')"),
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

// What only somebody who kept a checkpoint or the key elsewhere can see.
const foundByAnchor: Record<string, Tampering> = {
  "the newest events cut off, with their checkpoints": async (n) => {
    const from = Math.max(n, 2);
    await asOwner(
      `delete from audit_events where id in (select event_id from audit_sequence where position >= ${from})`,
      `delete from audit_sequence where position >= ${from}`,
      `delete from audit_checkpoints where size >= ${from}`,
    );
    await recompute();
  },
  "an event, every hash, and every signature by a key of the owner's own": async (n) => {
    await asOwner(change(n, "outcome = 'denied'"));
    await recompute();
    await resign();
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
