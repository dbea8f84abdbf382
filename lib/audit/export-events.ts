import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { transaction } from "../db/client";
import { eventCsv, eventCsvTitle } from "./event-csv";
import { exportFormats } from "./export-record";
import { listKeys } from "./keys";
import { ocsfOf } from "./ocsf";
import { frameOf, type Numbered, provenLines, readNumbered, signedNow } from "./picked-proofs";
import { listEvents } from "./queries";
import { record } from "./record";
import { type ListEventsInput, listEventsInput } from "./schema";
import type { SignedCheckpoint } from "./sign-checkpoint";

/** In which form. */
export const exportEventsFormat = z.enum(exportFormats).default("jsonl");
export type EventsFormat = (typeof exportFormats)[number];

/**
 * The events that fit the filters and have their place in the log, newest first, a text at a time. In JSON lines each
 * carries its leaf, salts, values and the path to the root, and the last line the checkpoint that all of it is under, so
 * that `verify.mjs` checks the file alone. That none was left out is proven by an export of a stretch of the record only.
 * That it was taken is recorded before its first byte.
 * @throws AppError `forbidden`, `invalid`
 */
export async function exportEvents(
  actor: Actor,
  filters: ListEventsInput,
  format: EventsFormat,
): Promise<AsyncGenerator<string>> {
  await authorize(actor, "record:export", { type: "record" });
  const { cursor: _, limit: __, ...asked } = filters;
  const under = await signedNow();
  const first = await listEvents(actor, { ...asked, limit });
  const told = listEventsInput.partial().parse(asked);
  await transaction((tx) =>
    record(tx, actor, {
      action: "record.exported",
      target: { type: "record" },
      details: { format, filters: JSON.stringify(told) },
    }),
  );
  return textsOf(actor, asked, format, { first, under });
}

const limit = 500;

type Reading = { first: Awaited<ReturnType<typeof listEvents>>; under: SignedCheckpoint | null };

async function* textsOf(
  actor: Actor,
  filters: ListEventsInput,
  format: EventsFormat,
  { first, under }: Reading,
): AsyncGenerator<string> {
  const [key] = await listKeys();
  const size = under?.size ?? 0;
  let count = 0;
  if (format === "csv") yield `\ufeff${eventCsvTitle()}`;
  for (let page = first; ; ) {
    const ids = page.items.map(({ id }) => id);
    const events = await readNumbered(ids, format === "jsonl" ? size : Number.MAX_SAFE_INTEGER);
    count += events.length;
    if (events.length > 0) yield await textOf(events, format, { origin: key?.name ?? "", size });
    if (page.nextCursor === null) break;
    page = await listEvents(actor, { ...filters, limit, cursor: page.nextCursor });
  }
  if (format === "jsonl" && under) yield `${JSON.stringify({ end: { count, ...(await frameOf(under)) } })}\n`;
}

async function textOf(
  events: readonly Numbered[],
  format: EventsFormat,
  { origin, size }: { origin: string; size: number },
): Promise<string> {
  if (format === "csv") return events.map(eventCsv).join("");
  if (format === "ocsf")
    return events.map(({ event, number }) => `${JSON.stringify(ocsfOf(event, number, origin))}\n`).join("");
  return (await provenLines(events, size)).join("");
}
