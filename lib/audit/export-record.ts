import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows, transaction } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { eventCsv, eventCsvTitle } from "./event-csv";
import { entryLine, exportReadme } from "./export-text";
import { listKeys } from "./keys";
import { type LoggedEvent, loggedEventColumns } from "./leaf";
import { verifierKey } from "./note";
import { ocsfOf } from "./ocsf";
import { readVerifier } from "./pack-choice";
import { record } from "./record";
import { sequenceEvents } from "./sequence-events";
import { findCheckpoint, signCheckpoint } from "./sign-checkpoint";
import { frontierAt } from "./tree";

export const exportFormats = ["jsonl", "csv", "ocsf"] as const;

/** Which events, by their numbers or their times, and in which form beside the one that can be verified. */
export const exportInput = z.strictObject({
  format: z.enum(exportFormats).default("jsonl"),
  from: z.coerce.number().int().min(1).optional(),
  to: z.coerce.number().int().min(1).optional(),
  since: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
});
export type ExportInput = z.input<typeof exportInput>;
type Wanted = z.output<typeof exportInput>;

/** A file of an export. */
export type ExportEntry = { name: string; content: string };
export type RecordExport = { name: string; from: number; to: number; entries: AsyncGenerator<ExportEntry> };

const chunk = 5_000;
const mostCheckpoints = 2_000;

/**
 * The events of the record with everything that is needed to verify them without this installation: their leaves and
 * salts, the tree up to where they begin, checkpoints, keys and `verify.mjs`. It ends at a checkpoint, which is made for
 * it where there is none. That it was taken is recorded before its first byte.
 * @throws AppError `forbidden`, `invalid`, `conflict` (the record is empty)
 */
export async function exportRecord(actor: Actor, input: ExportInput): Promise<RecordExport> {
  await authorize(actor, "record:export", { type: "record" });
  const wanted = understood(input);
  await sequenceEvents();
  await signCheckpoint("atOnce");
  const { from, to } = await stretchOf(wanted);
  // Before the first byte: what is missing here is said in words, and not by an archive that breaks off.
  const verifier = await readVerifier();
  await transaction((tx) =>
    record(tx, actor, {
      action: "record.exported",
      target: { type: "record" },
      details: { from, to, format: wanted.format },
    }),
  );
  const name = `rollcall-record-${from}-${to}`;
  return { name, from, to, entries: entriesOf(wanted.format, verifier, from, to) };
}

function understood(input: ExportInput): Wanted {
  const parsed = exportInput.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError("invalid", `${issue?.path.join(".")}: ${issue?.message}`, {
    field: issue?.path.map(String).join("."),
  });
}

async function stretchOf({ from, to, since, until }: Wanted): Promise<{ from: number; to: number }> {
  const first = from ?? (since ? await numberAt(since) : 1);
  const asked = to ?? (until ? (await numberAt(until)) - 1 : undefined);
  const last = (asked === undefined ? null : await findCheckpoint(asked)) ?? (await findCheckpoint());
  if (!last) throw new AppError("conflict", "The record is empty.", { remedy: "There is nothing to export yet." });
  if (first > last.size || (asked !== undefined && first > asked))
    throw new AppError("invalid", `There are no events from ${first} on in what was asked for.`, { field: "from" });
  return { from: first, to: last.size };
}

async function numberAt(time: Date): Promise<number> {
  const [found] = await rows<{ position: string }>(
    `select s.position from audit_events e join audit_sequence s on s.event_id = e.id
     where e.at >= $1 order by e.at, e.id limit 1`,
    [time],
  );
  return found ? Number(found.position) : Number.MAX_SAFE_INTEGER;
}

async function* entriesOf(
  format: Wanted["format"],
  verifier: string,
  from: number,
  to: number,
): AsyncGenerator<ExportEntry> {
  const keys = (await listKeys()).map((key) => ({
    verifierKey: verifierKey(key),
    endorsement: key.endorsement,
    retiredAt: key.retiredAt,
  }));
  const origin = keys[0]?.verifierKey.split("+")[0] ?? "";
  const frontier = (await frontierAt(rows, from - 1)).map((hash) => hash.toString("hex"));
  yield { name: "README.txt", content: exportReadme({ origin, from, to }) };
  yield { name: "verify.mjs", content: verifier };
  yield {
    name: "log.json",
    content: `${JSON.stringify({ origin, from, to, exportedAt: now(), keys, frontier }, null, 1)}\n`,
  };
  yield { name: "checkpoints.jsonl", content: await checkpointLines(from, to) };
  for (let next = from; next <= to; next += chunk) {
    const events = await read(next, Math.min(next + chunk - 1, to));
    const file = String(next).padStart(12, "0");
    yield {
      name: `events/${file}.jsonl`,
      content: events.map(({ number, event }) => entryLine(event, number)).join(""),
    };
    if (format === "csv")
      yield { name: `csv/${file}.csv`, content: `\ufeff${eventCsvTitle()}${events.map(eventCsv).join("")}` };
    if (format === "ocsf")
      yield {
        name: `ocsf/${file}.jsonl`,
        content: events.map(({ number, event }) => `${JSON.stringify(ocsfOf(event, number, origin))}\n`).join(""),
      };
  }
}

// A log that was signed each minute for years has more than a check needs: an even choice of them, and the last.
async function checkpointLines(from: number, to: number): Promise<string> {
  const found = await rows<{ note: string }>(
    `select note from (
       select note, size, row_number() over (order by size desc) as place, count(*) over () as total
       from audit_checkpoints where size between $1 and $2) c
     where place = 1 or place % greatest(1, total / $3) = 0 order by size`,
    [from, to, mostCheckpoints],
  );
  return found.map(({ note }) => `${JSON.stringify({ note })}\n`).join("");
}

type Numbered = { number: number; event: LoggedEvent };

async function read(from: number, to: number): Promise<Numbered[]> {
  const found = await rows<LoggedEvent & { position: string }>(
    `select s.position, ${loggedEventColumns} from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position between $1 and $2 order by s.position`,
    [from, to],
  );
  return found.map(({ position, ...event }) => ({ number: Number(position), event }));
}
