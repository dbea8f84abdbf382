import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { carriedTo, type DestinationItem, type DestinationKind } from "./destination-schema";

type Row = Omit<DestinationItem, "carries" | "position" | "behind"> & {
  kind: DestinationKind;
  position: string;
  behind: string;
};

/** Where the record goes outside the database, and how far it has come there. */
export async function listDestinations(actor: Actor): Promise<DestinationItem[]> {
  await authorize(actor, "activity:read", { type: "record" });
  return readDestinations();
}

/** The same for the installation itself: its metrics and its doctor. */
export async function readDestinations(): Promise<DestinationItem[]> {
  const found = await rows<Row>(
    `select id, name, kind, settings->>'shown' as shown, position, arrived_at as "arrivedAt",
       failing_since as "failingSince", failures_in_row as "failuresInRow", last_error as "lastError", next_try_at as "nextTryAt",
       paused_at as "pausedAt",
       case when kind in ('file', 'webhook', 's3') then (select count(*) from audit_checkpoints c where c.size > d.position)
         else greatest((select coalesce(max(s.position), 0) from audit_sequence s) - d.position, 0) end as behind
     from audit_destinations d where removed_at is null order by kind in ('http', 'syslog'), name`,
  );
  return found.map((row) => ({
    ...row,
    position: Number(row.position),
    behind: Number(row.behind),
    carries: carriedTo(row.kind),
  }));
}
