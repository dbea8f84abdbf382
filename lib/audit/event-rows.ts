import type { EventItem } from "./schema";

/** The columns of an `ItemRow`, of `audit_events e` and `audit_sequence s`. */
export const itemColumns = `e.id, s.position, e.at, e.actor_type, e.actor_id, e.actor_name, e.actor->>'identityId' as identity_id,
  e.on_behalf_of, e.action, e.target_type, e.target_id, e.target_name, e.outcome, e.details,
  (extract(epoch from e.at) * 1000000)::bigint as micros`;

/** An event as it is read for lists. */
export type ItemRow = {
  id: string;
  position: string | null;
  at: Date;
  micros: string;
  actor_type: string;
  actor_id: string | null;
  actor_name: string;
  identity_id: string | null;
  on_behalf_of: EventItem["onBehalfOf"];
  action: string;
  target_type: string | null;
  target_id: string | null;
  target_name: string | null;
  outcome: EventItem["outcome"];
  details: Record<string, unknown> | null;
};

/** A row as lists show it. */
export function itemOf(row: ItemRow): EventItem {
  return {
    id: row.id,
    number: row.position === null ? null : Number(row.position),
    at: row.at,
    actor: { type: row.actor_type, id: row.actor_id, name: row.actor_name, identityId: row.identity_id },
    onBehalfOf: row.on_behalf_of,
    action: row.action,
    target: row.target_type ? { type: row.target_type, id: row.target_id, name: row.target_name } : null,
    outcome: row.outcome,
    details: row.details,
  };
}
