import { rows } from "../db/client";
import { entryLine } from "./export-text";
import { listKeys } from "./keys";
import { type LoggedEvent, loggedEventColumns } from "./leaf";
import { verifierKey } from "./note";
import { sequenceEvents } from "./sequence-events";
import { findCheckpoint, type SignedCheckpoint, signCheckpoint } from "./sign-checkpoint";
import { consistencyPath, inclusionPaths } from "./tree";

/** An event with its place in the log. */
export type Numbered = { number: number; event: LoggedEvent };

/** What the events of a choice are proven under: a signed checkpoint, the keys, and how it goes on from earlier ones. */
export type Frame = {
  origin: string;
  size: number;
  checkpoint: string;
  keys: { verifierKey: string; endorsement: string | null }[];
  /** By the size of an earlier checkpoint: the proof that this one goes on from it (RFC 6962, section 2.1.2), in base64. */
  consistency: Record<string, string[]>;
};

const newest = 30;
const others = 30;

/** Has all that happened until now signed; what comes later is not under it. @returns null where the record is empty */
export async function signedNow(): Promise<SignedCheckpoint | null> {
  await sequenceEvents();
  await signCheckpoint("atOnce");
  return findCheckpoint();
}

/** The frame of a choice of events under this checkpoint. */
export async function frameOf({ size, note }: SignedCheckpoint): Promise<Frame> {
  const keys = await listKeys();
  const earlier = await rows<{ size: string }>(earlierSql, [size]);
  const consistency: Frame["consistency"] = {};
  for (const { size: from } of earlier)
    consistency[from] = (await consistencyPath(rows, Number(from), size)).map(base64);
  return {
    origin: note.split("\n")[0] ?? "",
    size,
    checkpoint: note,
    keys: keys.map((key) => ({ verifierKey: verifierKey(key), endorsement: key.endorsement })),
    consistency,
  };
}

// Those that somebody is likely to have kept: the newest, and an even choice of all.
const earlierSql = `select size from (select size, row_number() over (order by size desc) as place, count(*) over () as total
    from (select distinct size from audit_checkpoints where size < $1 and size > 0) d) c
  where place <= ${newest} or place % greatest(1, total / ${others}) = 0 order by size`;

/** The events of this choice that are under the checkpoint, in the order of their numbers backwards. */
export async function readNumbered(ids: readonly string[], size: number): Promise<Numbered[]> {
  const found = await rows<LoggedEvent & { position: string }>(
    `select s.position, ${loggedEventColumns} from audit_events e join audit_sequence s on s.event_id = e.id
     where e.id = any($1::uuid[]) and s.position <= $2 order by e.at desc, e.id desc`,
    [ids, size],
  );
  return found.map(({ position, ...event }) => ({ number: Number(position), event }));
}

/** Events as lines, each with the path from its leaf to the root of the log of `size`. */
export async function provenLines(events: readonly Numbered[], size: number): Promise<string[]> {
  const indexes = events.map(({ number }) => number - 1);
  const paths = await inclusionPaths(rows, indexes, size);
  return events.map(({ event, number }, at) => entryLine(event, number, (paths[at] ?? []).map(base64)));
}

function base64(hash: Buffer): string {
  return hash.toString("base64");
}
