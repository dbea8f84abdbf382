import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { readIn, rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { env } from "../env";
import { AppError } from "../errors";
import { secondMs } from "../time";
import { currentKey, replaceKey, type SigningKey } from "./keys";
import { checkpointText, openNote, readCheckpoint, signNote, verifierKey } from "./note";
import { record } from "./record";
import { rootAt } from "./tree";

/** A checkpoint as it is kept. */
export type SignedCheckpoint = { size: number; root: Buffer; note: string; signedAt: Date };

type Row = { size: string; root: Uint8Array; note: string; signedAt: Date };
const columns = `size, root, note, signed_at as "signedAt"`;

/**
 * Signs the log as it is now, when it has grown since the last checkpoint and that one is old enough; with `atOnce`
 * whatever its age. Only one process signs at a time.
 * @returns the new checkpoint, or null where there is nothing new to sign; with `atOnce` the newest there is.
 * @throws AppError `conflict` when the log is not the continuation of what was signed last: it signs nothing then.
 */
export async function signCheckpoint(when: "due" | "atOnce" = "due"): Promise<SignedCheckpoint | null> {
  if (!(await isWorthSigning(when))) return null;
  return transaction(async (tx) => {
    const key = await currentKey(tx);
    const last = await lastCheckpoint(tx);
    const size = await sizeOf(tx);
    if (last) await assertContinues(tx, { last, size, key });
    if (size === (last?.size ?? 0)) return when === "atOnce" ? last : null;
    const root = await rootAt(readIn(tx), size);
    const note = signNote(checkpointText({ origin: key.name, size, root }), key, key.privateKey);
    const signedAt = await clockOf(tx);
    await tx.auditCheckpoint.create({ data: { size, root: Uint8Array.from(root), note, signedAt } });
    return { size, root, note, signedAt };
  });
}

/** The newest checkpoint, or the oldest that holds the event with this number; null where there is none. */
export async function findCheckpoint(number?: number): Promise<SignedCheckpoint | null> {
  const sql =
    number === undefined
      ? `select ${columns} from audit_checkpoints order by size desc limit 1`
      : `select ${columns} from audit_checkpoints where size >= $1 order by size limit 1`;
  const [row] = await rows<Row>(sql, number === undefined ? [] : [number]);
  return row ? checkpointOf(row) : null;
}

/**
 * Gives the log a new key. What the old one signed stays verifiable, and it signed the new one; the log is signed by
 * the new key at once. @throws AppError `forbidden`
 */
export async function rotateKey(actor: Actor): Promise<{ verifierKey: string }> {
  await authorize(actor, "record:configure", { type: "record" });
  const key = await transaction(async (tx) => {
    const old = await currentKey(tx);
    const made = await replaceKey(tx, old);
    await record(tx, actor, {
      action: "record.key_rotated",
      target: { type: "record", id: made.id, name: made.name },
      details: { from: verifierKey(old), to: verifierKey(made) },
    });
    return made;
  });
  return { verifierKey: verifierKey(key) };
}

// Looked at outside the transaction first: the question comes several times a second.
async function isWorthSigning(when: "due" | "atOnce"): Promise<boolean> {
  const [state] = await rows<{ size: string; signed: string; seconds: number | null }>(
    `select (select coalesce(max(position), 0) from audit_sequence) as size, coalesce(max(size), 0) as signed,
       extract(epoch from clock_timestamp() - max(signed_at))::float8 as seconds
     from (select size, signed_at from audit_checkpoints order by size desc limit 1) last`,
  );
  if (!state || (state.size === state.signed && when === "due")) return false;
  if (when === "atOnce" || state.seconds === null) return true;
  return state.seconds * secondMs >= env().ROLLCALL_CHECKPOINT_SECONDS * secondMs;
}

// Who signs two logs that do not continue each other has told two people two things (tlog-checkpoint, "Signatures").
async function assertContinues(
  tx: Tx,
  { last, size, key }: { last: SignedCheckpoint; size: number; key: SigningKey },
): Promise<void> {
  const keys = await tx.auditKey.findMany({ select: { name: true, publicKey: true } });
  const text = openNote(last.note, keys);
  const said = text === null ? null : readCheckpoint(text);
  if (!said || said.origin !== key.name || said.size !== last.size || !said.root.equals(last.root))
    throw broken(`its last checkpoint, of ${last.size} events, is not as it was signed`);
  if (size < said.size) throw broken(`it holds ${size} events, and ${said.size} were signed`);
  const root = await rootAt(readIn(tx), said.size);
  if (!root.equals(said.root)) throw broken(`its first ${said.size} events are not those that were signed`);
}

function broken(why: string): AppError {
  return new AppError("conflict", `The record was changed, so nothing more is signed: ${why}`, {
    remedy: "Find out what was changed: rollcall audit verify. Keep the database as it is until you know.",
  });
}

async function lastCheckpoint(tx: Tx): Promise<SignedCheckpoint | null> {
  const [row] = await readIn(tx)<Row>(`select ${columns} from audit_checkpoints order by size desc limit 1`);
  return row ? checkpointOf(row) : null;
}

async function sizeOf(tx: Tx): Promise<number> {
  const [row] = await readIn(tx)<{ size: bigint }>("select coalesce(max(position), 0) as size from audit_sequence");
  return Number(row?.size ?? 0);
}

function checkpointOf({ size, root, note, signedAt }: Row): SignedCheckpoint {
  return { size: Number(size), root: Buffer.from(root), note, signedAt };
}
