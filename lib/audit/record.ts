import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Actor, actorId } from "../auth/actor";
import { guardCommits, type Tx, transaction } from "../db/client";
import { Prisma } from "../db/generated/client";
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
  const row = rowOf(event);
  // Without the detour by JSON of many: what an event costs its change is felt with each small command.
  const [made] = await write(
    tx,
    actor,
    Prisma.sql`values (${json(row.on_behalf_of)}::jsonb, ${row.action}, ${row.target_type}, ${row.target_id},
      ${row.target_name}, ${row.outcome}, ${json(row.why)}::jsonb, ${row.before_digest}, ${row.after_digest},
      ${json(row.details)}::jsonb)`,
  );
  if (!made) throw new Error("the database took an event and answered without its id");
  return made.id;
}

/** The same for many events of one change, in one statement. */
export async function recordAll(tx: Tx, actor: Actor, events: readonly EventInput[]): Promise<void> {
  if (events.length === 0) return;
  await write(
    tx,
    actor,
    Prisma.sql`select on_behalf_of, action, target_type, target_id, target_name, outcome, why, before_digest, after_digest, details
      from jsonb_to_recordset(${JSON.stringify(events.map(rowOf))}::jsonb) as e(action text, target_type text, target_id text,
        target_name text, outcome text, on_behalf_of jsonb, why jsonb, before_digest text, after_digest text, details jsonb)`,
  );
}

// One statement: an event costs its change one turn to the database and back. `given` is SQL of what differs by event.
function write(tx: Tx, actor: Actor, given: Prisma.Sql): Promise<{ id: string }[]> {
  return tx.$queryRaw<{ id: string }[]>`
    with given (on_behalf_of, action, target_type, target_id, target_name, outcome, why, before_digest, after_digest, details)
      as (${given}),
    made as (
      insert into audit_events (at, actor_type, actor_id, actor_name, actor, request_id, on_behalf_of, action, target_type,
        target_id, target_name, outcome, why, before_digest, after_digest, details)
      select ${now()}::timestamptz, ${actor.type}, ${clean(actorId(actor))}, ${clean(actor.name)},
        ${json(plain(factsOf(actor)))}::jsonb, ${clean(actor.requestId)}, given.* from given
      returning id),
    waiting as (insert into audit_intake (event_id) select id from made)
    select id from made`;
}

function rowOf({ action, target = { type: "" }, outcome = "allowed", ...event }: EventInput) {
  const digest = (value: unknown) => (value === undefined ? null : digestOf(value));
  return {
    ...{ action, outcome, target_type: target.type || null },
    ...{ target_id: clean(target.id ?? null), target_name: clean(target.name ?? null) },
    ...{ on_behalf_of: plain(event.onBehalfOf), why: plain(event.why), details: plain(event.details) },
    ...{ before_digest: digest(event.before), after_digest: digest(event.after) },
  };
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

// PostgreSQL holds no NUL character and no half of a surrogate pair; a hostile name must not keep an event out.
function clean(text: string | null): string | null {
  return text?.replaceAll("\u0000", "\ufffd").toWellFormed() ?? null;
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function plain(value: unknown): unknown {
  return cleaned(JSON.parse(JSON.stringify(value ?? null)));
}

// Names of fields too: a system may have chosen them.
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return clean(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [clean(name), cleaned(item)]));
}
