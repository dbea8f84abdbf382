import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { type LoggedEvent, leafHash, loggedEventColumns } from "./leaf";

/** What a check of the log found. `firstFault` is the first place where it is not as it was written. */
export type SequenceCheck = {
  /** Events that have a place, all of whose hashes match as far as `firstFault` does not say otherwise. */
  sequenced: number;
  /** Time of the last event that has a place. */
  lastAt: Date | null;
  /** Events that still wait for a place. */
  waiting: number;
  /** Events that have no place and do not wait for one: they were put there, or taken from the queue, by hand. */
  adrift: number;
  firstFault: { position: number; what: "missing" | "changed" } | null;
};

type Fault = SequenceCheck["firstFault"];
type Row = { position: string; kept: Buffer; event: LoggedEvent };

const batchSize = 5_000;

/**
 * Reads the whole log and recomputes the hash of every event that has a place.
 * It finds an event that was changed, and a place that is empty; it does not find that the newest places were cut off,
 * nor that somebody who may write everywhere recomputed every hash. That takes a checkpoint kept elsewhere.
 * @param onProgress is told how many events were read.
 */
export async function verifySequence(
  actor: Actor,
  onProgress: (read: number) => void = () => undefined,
): Promise<SequenceCheck> {
  await authorize(actor, "activity:read", { type: "record" });
  let next = 1;
  let lastAt: Date | null = null;
  let firstFault: Fault = null;
  for (let full = true; full; ) {
    const batch = await read(next);
    firstFault = firstFault ?? faultOf(batch, next);
    const last = batch.at(-1);
    if (last) lastAt = new Date(last.event.at);
    next = last ? Number(last.position) + 1 : next;
    onProgress(next - 1);
    full = batch.length === batchSize;
  }
  return { ...(await countOthers()), lastAt, firstFault };
}

// Positions begin at 1 and have no gaps.
function faultOf(batch: Row[], from: number): Fault {
  for (const [index, { position, kept, event }] of batch.entries()) {
    if (Number(position) !== from + index) return { position: from + index, what: "missing" };
    if (!leafHash(event).equals(kept)) return { position: from + index, what: "changed" };
  }
  return null;
}

async function read(from: number): Promise<Row[]> {
  const found = await rows<LoggedEvent & { position: string; kept: Buffer }>(
    `select s.position, s.leaf_hash as kept, ${loggedEventColumns}
     from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position >= $1 order by s.position limit ${batchSize}`,
    [from],
  );
  return found.map(({ position, kept, ...event }) => ({ position, kept, event }));
}

async function countOthers(): Promise<{ sequenced: number; waiting: number; adrift: number }> {
  const [counts] = await rows<{ sequenced: number; waiting: number; adrift: number }>(
    `select (select count(*)::int from audit_sequence) as sequenced, (select count(*)::int from audit_intake) as waiting,
       (select count(*)::int from audit_events e where not exists (select 1 from audit_sequence s where s.event_id = e.id)
          and not exists (select 1 from audit_intake i where i.event_id = e.id)) as adrift`,
  );
  return counts ?? { sequenced: 0, waiting: 0, adrift: 0 };
}
