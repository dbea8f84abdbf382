import canonicalize from "canonicalize";
import { eventParts, type LoggedEvent, leafOf, loggedEventColumns, saltOf, valuesOf } from "@/lib/audit/leaf";
import { rows } from "@/lib/db/client";

/** What a check of the first `count` events has to hash: the bytes of leaves and parts, and how many nodes. */
export async function readPieces(count: number): Promise<{ pieces: Buffer[]; nodes: number; bytes: number }> {
  const events = await rows<LoggedEvent>(
    `select ${loggedEventColumns} from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position <= $1 order by s.position`,
    [count],
  );
  const pieces = events.flatMap((event) => {
    const values = valuesOf(event);
    const parts = eventParts.map((part) =>
      Buffer.concat([saltOf(event, part), Buffer.from(canonicalize(values[part]) ?? "")]),
    );
    return [Buffer.from(`\0${leafOf(event).text}`), ...parts];
  });
  return {
    pieces,
    nodes: events.length,
    bytes: pieces.reduce((sum, piece) => sum + piece.length, 0) + events.length * 65,
  };
}
