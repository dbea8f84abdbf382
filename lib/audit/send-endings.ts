import { rows } from "../db/client";
import { AppError } from "../errors";
import type { Destination } from "./destination-schema";
import { endingActions, endingOf } from "./endings";
import { appendEntries, newestLine } from "./journal-file";
import type { JournalEntry } from "./journal-schema";

const together = 500;

/**
 * Writes down outside the database what was taken back since the journal's last line.
 * @returns up to which event the journal is whole now, or null where it was so before
 * @throws AppError `conflict` when the journal tells of an event that this database does not know: it is older
 */
export async function sendEndings(to: Destination, log: string): Promise<number | null> {
  const file = to.settings.path ?? "";
  const newest = await placeOfNewest(file, log);
  // A file that was lost is written anew from the beginning, so that it serves older backups too.
  const from = newest === null ? 0 : Math.max(to.position, newest);
  const [head] = await rows<{ size: string }>("select coalesce(max(position), 0) as size from audit_sequence");
  const size = Number(head?.size ?? 0);
  const found = await rows<Found>(
    `select s.position, e.id, e.at, e.action, e.target_id as "targetId", e.details, e.why
     from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position > $1 and s.position <= $2 and e.outcome = 'allowed' and e.action = any($3)
     order by s.position limit ${together}`,
    [from, size, endingActions],
  );
  await appendEntries(
    file,
    found.flatMap((event) => entryOf(event, log) ?? []),
  );
  const whole = found.length === together ? Number(found.at(-1)?.position) : Math.max(size, from);
  return whole > to.position ? whole : null;
}

/** Has this database seen the event that a line of the journal tells of, as its own or as one that it was told of? */
export async function knownEvents(ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    `select id from audit_events where id = any($1::uuid[])
     union all select event_id from restored_endings where event_id = any($1::uuid[])`,
    [ids],
  );
  return new Set(found.map(({ id }) => id));
}

type Found = {
  position: string;
  id: string;
  at: Date;
  action: string;
  targetId: string | null;
  details: unknown;
  why: unknown;
};

// Numbers count within one course of events: those of a line from before a restoration say nothing of this one.
async function placeOfNewest(file: string, log: string): Promise<number | null> {
  const last = await newestLine(file, log);
  if (last === null) return null;
  const [own] = await rows<{ position: string }>("select position from audit_sequence where event_id = $1", [
    last.event,
  ]);
  if (own) return Number(own.position);
  if ((await knownEvents([last.event])).has(last.event)) return 0;
  throw new AppError(
    "conflict",
    `${file} tells of event ${last.number}, which this database does not know: it is older than its journal`,
    { remedy: "What was taken back since is taken back again first, by the worker: rollcall audit restored." },
  );
}

function entryOf({ position, id, at, action, ...event }: Found, log: string): JournalEntry | null {
  const ending = endingOf({ action, ...event });
  if (ending === null) return null;
  return { v: 1, log, number: Number(position), event: id, at: at.toISOString(), action, ending };
}
