import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { listKeys } from "./keys";
import { type LoggedEvent, leafOf, loggedEventColumns } from "./leaf";
import { verifierKey } from "./note";
import { findCheckpoint, type SignedCheckpoint } from "./sign-checkpoint";
import { consistencyPath, inclusionPath, rootAt } from "./tree";

/** Which proof: that an event is in the log, or that an earlier log is the beginning of a later one. */
export const proofInput = z.strictObject({
  event: z.uuid().optional(),
  number: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  size: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  from: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});
export type ProofInput = z.input<typeof proofInput>;

/** A checkpoint as others read it. */
export type CheckpointItem = { origin: string; size: number; root: string; note: string; signedAt: Date };

/** That an event is in the log: RFC 6962, section 2.1.1. Hashes are in base64. */
export type InclusionProof = {
  kind: "inclusion";
  id: string;
  number: number;
  /** Counted from 0, as the RFC does. */
  index: number;
  size: number;
  root: string;
  /** The canonical JSON that the leaf hash is over, after a zero byte. */
  leaf: string;
  leafHash: string;
  path: string[];
  /** Null where the size asked for is not one that was signed. */
  checkpoint: CheckpointItem | null;
  /** The same as one text: https://c2sp.org/tlog-proof */
  text: string | null;
};

/** That the log of `from` events is the beginning of that of `size`: RFC 6962, section 2.1.2. */
export type ConsistencyProof = {
  kind: "consistency";
  from: number;
  fromRoot: string;
  size: number;
  root: string;
  path: string[];
};

/**
 * A proof from the log as it stands. Of an event, in the oldest checkpoint that holds it unless a size is given; from
 * one size to another, up to the newest checkpoint.
 * @throws AppError `not_found`, `invalid`, `conflict` (the event is not under a checkpoint yet)
 */
export async function getProof(actor: Actor, input: ProofInput): Promise<InclusionProof | ConsistencyProof> {
  await authorize(actor, "activity:read", { type: "record" });
  const { event, number, size, from } = proofInput.parse(input);
  if ([event, number, from].filter((one) => one !== undefined).length !== 1)
    throw new AppError("invalid", "A proof is of one event (event or number), or of one size (from).", {
      field: "event",
    });
  if (from !== undefined) return consistency(from, size);
  return inclusion(event ? await find("e.id = $1", event, size) : await find("s.position = $1", number, size), size);
}

/** The newest checkpoint, or the oldest over at least `size` events, with the keys to check it. @throws AppError `not_found` */
export async function getCheckpoint(
  actor: Actor,
  input: { size?: number } = {},
): Promise<CheckpointItem & { keys: { verifierKey: string; endorsement: string | null; retiredAt: Date | null }[] }> {
  await authorize(actor, "activity:read", { type: "record" });
  const found = await findCheckpoint(input.size);
  if (!found)
    throw new AppError("not_found", "There is no such checkpoint yet.", {
      remedy: "The worker signs one within a minute.",
    });
  const keys = await listKeys();
  return {
    ...itemOf(found),
    keys: keys.map((key) => ({
      verifierKey: verifierKey(key),
      endorsement: key.endorsement,
      retiredAt: key.retiredAt,
    })),
  };
}

/** An event, how long the log is, and the oldest checkpoint over the size asked for, or over the event. */
type Found = LoggedEvent & { position: string; has: string } & (Covering | { [Name in keyof Covering]: null });
type Covering = { covers: string; root: Buffer; note: string; signedAt: Date };

async function find(condition: string, value: unknown, size: number | undefined): Promise<Found> {
  const [found] = await rows<Found>(
    `select s.position, ${loggedEventColumns}, (select max(position) from audit_sequence) as has,
       c.size as covers, c.root, c.note, c.signed_at as "signedAt"
     from audit_events e join audit_sequence s on s.event_id = e.id
     left join lateral (select * from audit_checkpoints where size >= coalesce($2, s.position) order by size limit 1) c on true
     where ${condition}`,
    [value, size ?? null],
  );
  if (found) return found;
  throw new AppError("not_found", "There is no such event in the log.", {
    remedy: "An event has its place in the log within two seconds.",
  });
}

function coveringOf(found: Found, asked: number | undefined): SignedCheckpoint | null {
  if (found.covers === null || (asked !== undefined && Number(found.covers) !== asked)) return null;
  return { size: Number(found.covers), root: found.root, note: found.note, signedAt: found.signedAt };
}

async function inclusion(event: Found, asked: number | undefined): Promise<InclusionProof> {
  const number = Number(event.position);
  const checkpoint = coveringOf(event, asked);
  const size = asked ?? checkpoint?.size;
  if (size === undefined)
    throw new AppError("conflict", `Event ${number} is in the log and not yet under a checkpoint.`, {
      remedy: "The worker signs one within a minute; or give the size of the log that you want the proof in.",
    });
  if (number > size)
    throw new AppError("invalid", `Event ${number} is not among the first ${size}.`, { field: "size" });
  assertHas(size, Number(event.has));
  const path = (await inclusionPath(rows, number - 1, size)).map(base64);
  const root = checkpoint?.root ?? (await rootAt(rows, size));
  const { text: leaf, hash } = leafOf(event);
  return {
    kind: "inclusion",
    id: event.id,
    number,
    index: number - 1,
    size,
    root: base64(root),
    leaf,
    leafHash: base64(hash),
    path,
    checkpoint: checkpoint ? itemOf(checkpoint) : null,
    text: checkpoint
      ? ["c2sp.org/tlog-proof@v1", `index ${number - 1}`, ...path, "", checkpoint.note].join("\n")
      : null,
  };
}

async function consistency(from: number, asked: number | undefined): Promise<ConsistencyProof> {
  const newest = asked === undefined ? await findCheckpoint() : null;
  const size = asked ?? newest?.size;
  if (size === undefined) throw new AppError("conflict", "The log has no checkpoint yet.");
  if (from > size)
    throw new AppError("invalid", `A log of ${from} events is no beginning of one of ${size}.`, { field: "from" });
  assertHas(size, await sizeOfLog());
  const [old, now, path] = await Promise.all([
    rootAt(rows, from),
    rootAt(rows, size),
    consistencyPath(rows, from, size),
  ]);
  return { kind: "consistency", from, fromRoot: base64(old), size, root: base64(now), path: path.map(base64) };
}

function assertHas(size: number, has: number): void {
  if (size > has) throw new AppError("invalid", `The log has ${has} events, not ${size}.`, { field: "size" });
}

async function sizeOfLog(): Promise<number> {
  const [head] = await rows<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  return Number(head?.size ?? 0);
}

function itemOf({ size, root, note, signedAt }: SignedCheckpoint): CheckpointItem {
  return { origin: note.split("\n")[0] ?? "", size, root: base64(root), note, signedAt };
}

function base64(hash: Buffer): string {
  return hash.toString("base64");
}
