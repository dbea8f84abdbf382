import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

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
};

/** The columns of `LoggedEvent` in SQL, of `audit_events e`. */
export const loggedEventColumns = `e.id,
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  e.actor_type as "actorType", e.actor_id as "actorId", e.actor_name as "actorName", e.actor,
  e.on_behalf_of as "onBehalfOf", e.action, e.target_type as "targetType", e.target_id as "targetId",
  e.target_name as "targetName", e.outcome, e.why, e.before_digest as "beforeDigest", e.after_digest as "afterDigest",
  e.details, e.request_id as "requestId"`;

/**
 * The leaf hash of an event: SHA-256 over a zero byte and the event's canonical JSON (RFC 6962, section 2.1; RFC 8785).
 * `v` names the form of the leaf, so that a later form can stand beside this one in the same log.
 */
export function leafHash(event: LoggedEvent): Buffer {
  return createHash("sha256")
    .update(Buffer.of(0))
    .update(canonicalize({ v: 1, ...event }) ?? "null")
    .digest();
}
