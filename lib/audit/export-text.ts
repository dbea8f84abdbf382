import { eventParts, type LoggedEvent, leafOf, saltOf, valuesOf } from "./leaf";

/**
 * An event as a line of an export: its number, its leaf, and of each part the salt and the values that it is over; in a
 * choice of events also its path to the root.
 */
export function entryLine(event: LoggedEvent, number: number, path?: readonly string[]): string {
  const salts = Object.fromEntries(
    eventParts.map((part) => [part, event.erased?.[part] ? null : saltOf(event, part).toString("hex")]),
  );
  return `{"number":${number},"leaf":${leafOf(event).text},"salts":${JSON.stringify(salts)},"values":${JSON.stringify(valuesOf(event))}${path ? `,"path":${JSON.stringify(path)}` : ""}}\n`;
}

const hashing = `The hash of a leaf is SHA-256 over a zero byte and its canonical JSON (RFC 8785). In the leaf, "who", "target" and
"content" are SHA-256 over the part's salt (16 bytes) and the canonical JSON of its values. Where values are null they
were erased on purpose; the digest in the leaf still proves that they were there. The tree is that of RFC 6962.
`;

/** What stands beside a choice of events for whoever opens it. */
export const choiceReadme = `Events of a record of Rollcall, chosen by filters

To check them, with Node.js 20.12 or later and nothing else:

    node verify.mjs activity.jsonl
    node verify.mjs activity.jsonl --checkpoint FILE --key KEY

FILE is a checkpoint of this record that you kept yourself, or that somebody else kept for you. KEY is the key you were
given when the record began. Each event is proven to be in the record as it was signed. That no other event belongs here
is not: only the export of a whole stretch of the record proves that.

activity.jsonl     one event a line. "leaf" is what the log commits to; "values" are what people want to read; "path"
                   leads from the leaf to the root. The last line says which checkpoint all of it is under

${hashing}`;

/** What stands beside an export for whoever opens it. */
export function exportReadme({ origin, from, to }: { origin: string; from: number; to: number }): string {
  return `Events ${from} to ${to} of the record of ${origin}

To check it, with Node.js 20.12 or later and nothing else:

    node verify.mjs
    node verify.mjs . --checkpoint FILE --key KEY

FILE is a checkpoint of this record that you kept yourself, or that somebody else kept for you. KEY is the key you were
given when the record began. Without them the check shows that the export fits itself; with them it shows that nobody,
also not who runs the record, has changed, removed, added or moved an event since that checkpoint.

log.json           the name of the log, its keys, and the tree before the first event here
checkpoints.jsonl  signed notes, as https://c2sp.org/tlog-checkpoint describes them
events/            one event a line. "leaf" is what the log commits to; "values" are what people want to read
csv/, ocsf/        the same events for a spreadsheet or a SIEM, where that was asked for. verify.mjs does not read these

${hashing}`;
}
