import type { PoolClient } from "pg";
import { pool } from "../db/client";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";

// Any constant that nothing else in this database locks with.
const sequencerLock = 7_269_114_001;
const batchSize = 2_000;

/**
 * Gives waiting events their place in the log, oldest first, until none waits. Positions begin at 1 and have no gaps:
 * the position of an event is the size of the log once it is in, its index in the tree (RFC 6962) one less.
 * Only one sequencer works at a time; another that comes meanwhile leaves at once.
 * @returns how many events got a place.
 */
export async function sequenceEvents(): Promise<number> {
  const client = await pool().connect();
  try {
    for (let total = 0; ; ) {
      const taken = await sequenceBatch(client);
      total += taken;
      if (taken < batchSize) return total;
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

async function placeBatch(client: PoolClient): Promise<number> {
  // The batch is cut by id, which is an index away however many wait; ids sort by time, so this is the oldest part.
  const { rows: events } = await client.query<LoggedEvent>(
    `select ${loggedEventColumns} from audit_events e
     where e.id in (select event_id from audit_intake order by event_id limit ${batchSize}) order by e.at, e.id`,
  );
  if (events.length === 0) return 0;
  const ids = events.map((event) => event.id);
  await client.query(
    `insert into audit_sequence (position, event_id, leaf_hash)
     select (select coalesce(max(position), 0) from audit_sequence) + place, id, hash
     from unnest($1::uuid[], $2::bytea[]) with ordinality as batch (id, hash, place)`,
    [ids, events.map(leafHash)],
  );
  await client.query("delete from audit_intake where event_id = any($1::uuid[])", [ids]);
  return events.length;
}
