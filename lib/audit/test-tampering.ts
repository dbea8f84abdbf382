import { system } from "../auth/actor";
import { sealSecrets } from "../auth/seal-secrets";
import { pool, rows, transaction } from "../db/client";
import { currentKey, listKeys } from "./keys";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";
import { checkpointText, type NoteKey, newKeyPair, signNote } from "./note";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { signCheckpoint } from "./sign-checkpoint";
import { growTree, rootAt } from "./tree";

// For tests: what somebody who owns the database can do to the record.

/** Who acts and who checks. */
export const auditor = system("test");
const tables = ["audit_events", "audit_sequence", "audit_intake", "audit_subtrees", "audit_checkpoints", "audit_keys"];

let made = 0;
/** Lets the record grow to so many events, and has them signed. */
export async function happen(upTo: number): Promise<void> {
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

/** As the owner of the database: no trigger and no foreign key holds them back. */
export async function asOwner(...statements: string[]): Promise<void> {
  const client = await pool().connect();
  try {
    await client.query("set session_replication_role = replica");
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.query("reset session_replication_role");
    client.release();
  }
}

/** Keeps the record as it is, for `restore`. */
export async function keep(): Promise<void> {
  for (const table of tables) await rows(`create table kept_${table} as table ${table}`);
}

/** Brings back what was kept. */
export async function restore(): Promise<void> {
  await asOwner(
    ...tables.flatMap((table) => [`delete from ${table}`, `insert into ${table} select * from kept_${table}`]),
  );
}

/** The id of an event, in SQL. */
export const eventAt = (n: number) => `(select event_id from audit_sequence where position = ${n})`;
/** Changes columns of an event. */
export const change = (n: number, set: string) => `update audit_events set ${set} where id = ${eventAt(n)}`;
/** Moves events to other places, in two steps because a place is unique at every moment. */
export const move = (where: string, by: number) => [
  `update audit_sequence set position = -(position + ${by}) where ${where}`,
  "update audit_sequence set position = -position where position < 0",
];
/** An event that nobody recorded. */
export const forged = (n: number) =>
  `insert into audit_events (id, at, actor_type, actor_name, actor, action, outcome)
   select '00000000-0000-7000-8000-00000000f000', at, 'system', 'x', '{}', 'forged', 'allowed' from audit_events where id = ${eventAt(n)}`;

/** Every hash made anew over the events as they are, as somebody with this program and the database would. */
export async function recompute(): Promise<void> {
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
export async function resign(): Promise<void> {
  const [old] = await listKeys();
  const { publicKey, privateKey } = newKeyPair();
  const mine = { name: old?.name ?? "", publicKey };
  const sealed = sealSecrets({ key: privateKey.toString("base64") }, old?.id ?? "");
  await asOwner(
    `update audit_keys set public_key = '\\x${publicKey.toString("hex")}', private_key = '\\x${sealed.toString("hex")}'`,
  );
  await signAll(mine, privateKey);
}

/** The same with the log's own key, by somebody who has the database and the key that it is sealed with; up to its end. */
export async function resignWithOwnKey(): Promise<void> {
  await asOwner(`insert into audit_checkpoints (size, root, note, signed_at)
    select max(position), sha256('x'), '', clock_timestamp() from audit_sequence on conflict do nothing`);
  const key = await transaction(currentKey);
  await signAll(key, key.privateKey);
}

async function signAll(key: NoteKey, privateKey: Buffer): Promise<void> {
  const kept = await rows<{ size: string }>("select size from audit_checkpoints");
  for (const { size: at } of kept) {
    const root = await rootAt(rows, Number(at));
    const note = signNote(checkpointText({ origin: key.name, size: Number(at), root }), key, privateKey);
    await asOwner(
      `update audit_checkpoints set root = '\\x${root.toString("hex")}', note = '${note}' where size = ${at}`,
    );
  }
}

/** Something done to the record at an event. */
export type Tampering = (n: number) => Promise<void>;
/** A tampering by statements alone. */
export const tampering =
  (...sql: ((n: number) => string | string[])[]): Tampering =>
  (n) =>
    asOwner(...sql.flatMap((one) => one(n)));
