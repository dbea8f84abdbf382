import type { PoolClient } from "pg";
import { pool, type Read, rows } from "../db/client";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";
import { growTree } from "./tree";

// Any constant that nothing else in this database locks with.
const sequencerLock = 7_269_114_001;
const batchSize = 2_000;

/**
 * Gives waiting events their place in the log and in its tree, oldest first, until none waits. Positions begin at 1 and
 * have no gaps: the position of an event is the size of the log once it is in, its index in the tree (RFC 6962) one less.
 * Only one sequencer works at a time; another that comes meanwhile leaves at once.
 * @returns how many events got a place.
 */
export async function sequenceEvents(): Promise<number> {
  if (!(await anyWaits())) return 0;
  const client = await pool().connect();
  try {
    for (let total = 0; ; ) {
      const taken = await sequenceBatch(client);
      total += taken;
      if (taken === 0) return total;
    }
  } finally {
    client.release();
  }
}

async function sequenceBatch(client: PoolClient): Promise<number> {
  await client.query("begin");
  try {
    const taken = (await isSequencer(client)) ? await placeBatch(client) : 0;
    await client.query("commit");
    return taken;
  } catch (error) {
    // A broken connection cannot roll back, and need not: what failed is what the caller should hear of.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function isSequencer(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock($1) as mine", [
    sequencerLock,
  ]);
  return rows[0]?.mine ?? false;
}

async function anyWaits(): Promise<boolean> {
  const [found] = await rows<{ waits: boolean }>("select exists (select from audit_intake) as waits");
  return found?.waits ?? false;
}

async function placeBatch(client: PoolClient): Promise<number> {
  const read: Read = async (sql, values = []) => (await client.query(sql, values)).rows;
  const events = await takeWaiting(read);
  if (events.length === 0) return 0;
  const ids = events.map((event) => event.id);
  const leaves = events.map(leafHash);
  const [head] = await read<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  const size = Number(head?.size ?? 0);
  await read(
    `insert into audit_sequence (position, event_id, leaf_hash)
     select $3::bigint + place, id, hash from unnest($1::uuid[], $2::bytea[]) with ordinality as batch (id, hash, place)`,
    [ids, leaves, size],
  );
  await growTree(read, size, leaves);
  await read("delete from audit_intake where event_id = any($1::uuid[])", [ids]);
  return events.length;
}

// The batch is cut by id, which is an index away however many wait; ids sort by time, so this is the oldest part. Events
// that had a place before the log was a tree come first, in the order they had.
async function takeWaiting(read: Read): Promise<LoggedEvent[]> {
  const placed = await read<LoggedEvent>(
    `select ${loggedEventColumns} from audit_intake i join audit_events e on e.id = i.event_id
     where i.place is not null order by i.place limit ${batchSize}`,
  );
  if (placed.length > 0) return placed;
  return read<LoggedEvent>(
    `select ${loggedEventColumns} from audit_events e
     where e.id in (select event_id from audit_intake order by event_id limit ${batchSize}) order by e.at, e.id`,
  );
}
