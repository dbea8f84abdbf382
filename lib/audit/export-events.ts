import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows, transaction } from "../db/client";
import { eventCsv, eventCsvTitle } from "./event-csv";
import { exportFormats } from "./export-record";
import { entryLine } from "./export-text";
import { listKeys } from "./keys";
import { type LoggedEvent, loggedEventColumns } from "./leaf";
import { ocsfOf } from "./ocsf";
import { listEvents } from "./queries";
import { record } from "./record";
import { type ListEventsInput, listEventsInput } from "./schema";

/** In which form. */
export const exportEventsFormat = z.enum(exportFormats).default("jsonl");
export type EventsFormat = (typeof exportFormats)[number];

type Numbered = { number: number; event: LoggedEvent };

/**
 * The events that fit the filters and have their place in the log, newest first, a text at a time. In JSON lines each
 * carries its leaf, salts and values, so that a proof of it can be checked; that none was left out is proven by an export
 * of a stretch of the record only. That it was taken is recorded before its first byte.
 * @throws AppError `forbidden`, `invalid`
 */
export async function exportEvents(
  actor: Actor,
  filters: ListEventsInput,
  format: EventsFormat,
): Promise<AsyncGenerator<string>> {
  await authorize(actor, "record:export", { type: "record" });
  const { cursor: _, limit: __, ...asked } = filters;
  const first = await listEvents(actor, { ...asked, limit });
  const told = listEventsInput.partial().parse(asked);
  await transaction((tx) =>
    record(tx, actor, {
      action: "record.exported",
      target: { type: "record" },
      details: { format, filters: JSON.stringify(told) },
    }),
  );
  return textsOf(actor, asked, format, first);
}

const limit = 500;

async function* textsOf(
  actor: Actor,
  filters: ListEventsInput,
  format: EventsFormat,
  first: Awaited<ReturnType<typeof listEvents>>,
): AsyncGenerator<string> {
  const [key] = await listKeys();
  if (format === "csv") yield `\ufeff${eventCsvTitle()}`;
  for (let page = first; ; ) {
    const events = await read(page.items.map(({ id }) => id));
    if (events.length > 0) yield events.map((one) => lineOf(one, format, key?.name ?? "")).join("");
    if (page.nextCursor === null) return;
    page = await listEvents(actor, { ...filters, limit, cursor: page.nextCursor });
  }
}

function lineOf({ number, event }: Numbered, format: EventsFormat, origin: string): string {
  if (format === "csv") return eventCsv({ number, event });
  if (format === "ocsf") return `${JSON.stringify(ocsfOf(event, number, origin))}\n`;
  return entryLine(event, number);
}

async function read(ids: string[]): Promise<Numbered[]> {
  const found = await rows<LoggedEvent & { position: string }>(
    `select s.position, ${loggedEventColumns} from audit_events e join audit_sequence s on s.event_id = e.id
     where e.id = any($1::uuid[]) order by e.at desc, e.id desc`,
    [ids],
  );
  return found.map(({ position, ...event }) => ({ number: Number(position), event }));
}
