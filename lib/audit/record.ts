import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Actor, actorId } from "../auth/actor";
import { guardCommits, type Tx, transaction } from "../db/client";
import { now } from "../time";

export type EventTarget = { type: string; id?: string | null; name?: string | null };

/** One thing that happened or was tried. Never put a secret, a token or a password into any part of it. */
export type EventInput = {
  /** `noun.verbed`, or for a refused attempt the permission as `noun.verb`. */
  action: string;
  target?: EventTarget;
  outcome?: "allowed" | "denied" | "failed";
  why?: Record<string, unknown>;
  onBehalfOf?: { id: string; name: string };
  /** Of the thing before and after: their SHA-256 over canonical JSON is kept, the values are not. */
  before?: unknown;
  after?: unknown;
  /** What a reader of the record needs to see; small, and safe to show to every auditor. */
  details?: Record<string, unknown>;
};

/**
 * Appends an event to the record, in the transaction of the change it tells of. Takes no lock: the sequencer gives the
 * event its place in the log afterwards.
 */
export async function record(tx: Tx, actor: Actor, event: EventInput): Promise<string> {
  const row = await tx.auditEvent.create({
    data: {
      at: now(),
      actorType: actor.type,
      actorId: actorId(actor),
      actorName: actor.name,
      actor: factsOf(actor),
      ...(event.onBehalfOf ? { onBehalfOf: event.onBehalfOf } : {}),
      action: event.action,
      targetType: event.target?.type ?? null,
      targetId: event.target?.id ?? null,
      targetName: event.target?.name ?? null,
      outcome: event.outcome ?? "allowed",
      ...(event.why ? { why: plain(event.why) } : {}),
      beforeDigest: event.before === undefined ? null : digestOf(event.before),
      afterDigest: event.after === undefined ? null : digestOf(event.after),
      ...(event.details ? { details: plain(event.details) } : {}),
      requestId: actor.requestId,
    },
    select: { id: true },
  });
  await tx.auditIntake.create({ data: { eventId: row.id }, select: { eventId: true } });
  return row.id;
}

/** Records a denied or failed attempt on a transaction of its own, so that no rollback erases that somebody tried. */
export async function recordAttempt(actor: Actor, event: EventInput & { outcome: "denied" | "failed" }): Promise<void> {
  await guardCommits(null, () => transaction((tx) => record(tx, actor, event)));
}

/** SHA-256 in hex over the canonical JSON (RFC 8785) of `value`. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(canonicalize(plain(value)) ?? "null")
    .digest("hex");
}

function factsOf(actor: Actor): object {
  if (actor.type === "system") return { type: actor.type, name: actor.name };
  if (actor.type === "workload")
    return { type: actor.type, id: actor.tokenId, name: actor.name, scopes: [...actor.scopes] };
  const { userId, identityId, name, roles, sessionId, tokenId, authenticatedBy } = actor;
  return { type: actor.type, id: userId, identityId, name, roles: [...roles], sessionId, tokenId, authenticatedBy };
}

// PostgreSQL's jsonb holds no NUL character; a hostile name must not be able to keep an event out of the record.
function plain<T>(value: T): T & object {
  return JSON.parse(JSON.stringify(value ?? null).replaceAll("\\u0000", "\\ufffd"));
}
