import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { hashLeaf } from "./merkle";

/** The parts of an event that may hold what is personal: the leaf commits to a salted digest of each. */
export const eventParts = ["who", "target", "content"] as const;
export type EventPart = (typeof eventParts)[number];

/** An event as the log commits to it. Times are RFC 3339 UTC with microseconds, exactly as stored. */
export type LoggedEvent = {
  id: string;
  at: string;
  actorType: string;
  actorId: string | null;
  actorName: string;
  actor: unknown;
  onBehalfOf: unknown;
  action: string;
  targetType: string | null;
  targetId: string | null;
  targetName: string | null;
  outcome: string;
  why: unknown;
  beforeDigest: string | null;
  afterDigest: string | null;
  details: unknown;
  requestId: string | null;
  /** 16 bytes for each part. */
  salts: Buffer;
  /** The digests of the parts whose values are gone. */
  erased: Partial<Record<EventPart, string>> | null;
};

/** The columns of `LoggedEvent` in SQL, of `audit_events e`. */
export const loggedEventColumns = `e.id,
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  e.actor_type as "actorType", e.actor_id as "actorId", e.actor_name as "actorName", e.actor,
  e.on_behalf_of as "onBehalfOf", e.action, e.target_type as "targetType", e.target_id as "targetId",
  e.target_name as "targetName", e.outcome, e.why, e.before_digest as "beforeDigest", e.after_digest as "afterDigest",
  e.details, e.request_id as "requestId", e.salts, e.erased`;

/** The leaf of an event: its canonical JSON (RFC 8785), and the hash of that (RFC 6962, section 2.1). */
export function leafOf(event: LoggedEvent): { text: string; hash: Buffer } {
  const text = leafText(event);
  return { text, hash: hashLeaf(text) };
}

/** The hash of the leaf of an event. */
export function leafHash(event: LoggedEvent): Buffer {
  return hashLeaf(leafText(event));
}

/** The values of each part; null where they were erased. */
export function valuesOf(event: LoggedEvent): Record<EventPart, object | null> {
  const { actorName, actor, onBehalfOf, targetName, why, details, erased } = event;
  return {
    who: erased?.who ? null : { actorName, actor, onBehalfOf },
    target: erased?.target ? null : { targetName },
    content: erased?.content ? null : { why, details },
  };
}

/** The salt of a part. */
export function saltOf(event: Pick<LoggedEvent, "salts">, part: EventPart): Buffer {
  const at = eventParts.indexOf(part) * 16;
  return event.salts.subarray(at, at + 16);
}

/** The digest of a part, in hex: SHA-256 over its salt and the canonical JSON of its values; kept where erased. */
export function digestOfPart(event: LoggedEvent, part: EventPart): string {
  const kept = event.erased?.[part];
  if (kept) return kept;
  return createHash("sha256")
    .update(saltOf(event, part))
    .update(canonicalize(valuesOf(event)[part]) ?? "null")
    .digest("hex");
}

// Names in the order of RFC 8785; a flat object of strings needs no more than that. `v` names the form of the leaf, so
// that a later form can stand beside this one in the same log.
function leafText(event: LoggedEvent): string {
  const { action, actorId, actorType, afterDigest, at, beforeDigest, id, outcome, requestId, targetId, targetType } =
    event;
  const [content, target, who] = (["content", "target", "who"] as const).map((part) => digestOfPart(event, part));
  const fields = {
    action,
    actorId,
    actorType,
    afterDigest,
    at,
    beforeDigest,
    content,
    id,
    outcome,
    requestId,
    target,
    targetId,
    targetType,
    v: 2,
    who,
  };
  return JSON.stringify(fields);
}
