import { hash } from "node:crypto";
import { rows } from "../db/client";
import { type EventPart, eventParts } from "./leaf";
import { canonical, digestOf } from "./verify.mjs";

/** A place of the log as a check reads it: the hash that is kept, in hex, and the event found there. */
export type LogEntry = { number: number; kept: string; event: ReadEvent | null };

/** An event as a check reads it. `hash`: of its leaf as its columns are now, in hex. */
export type ReadEvent = { hash: string; at: string; erased: number; erasedByRecord: number };

/**
 * Up to `count` places of the log from number `from` on, in order. The database sends all of them as one text, a line
 * each: rows of a million events cost more to take apart than to hash. The texts in a leaf come as JSON; PostgreSQL
 * escapes in them what RFC 8785 escapes, and nothing else. Values of parts come as the database prints them and are
 * brought into canonical form here. No code is shared with what writes leaves, so that the two check each other.
 */
export async function readLog(from: number, count: number): Promise<LogEntry[]> {
  const [found] = await rows<{ lines: string | null }>(sql, [from, count]);
  return (found?.lines ?? "").split("\n").filter(Boolean).map(entryOf);
}

const text = (column: string) => `coalesce(to_json(${column})::text, 'null')`;
// The leaf around its time and the digests of its three parts: see leaf.ts, and RFC 8785 for the order of the names.
const leafPieces = [
  `'{"action":' || to_json(e.action) || ',"actorId":' || ${text("e.actor_id")} || ',"actorType":' || to_json(e.actor_type)
     || ',"afterDigest":' || ${text("e.after_digest")} || ',"at":"'`,
  `to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  `'","beforeDigest":' || ${text("e.before_digest")} || ',"content":"'`,
  `'","id":"' || e.id || '","outcome":' || to_json(e.outcome) || ',"requestId":' || ${text("e.request_id")} || ',"target":"'`,
  `'","targetId":' || ${text("e.target_id")} || ',"targetType":' || ${text("e.target_type")} || ',"v":2,"who":"'`,
];
// No piece holds a tab or an end of line: in JSON both are escaped. What is null is empty.
const pieces = [
  "s.position",
  "encode(s.leaf_hash, 'hex')",
  ...leafPieces,
  "encode(e.salts, 'hex')",
  "e.actor",
  "to_json(e.actor_name)",
  "e.on_behalf_of",
  "to_json(e.target_name)",
  "e.details",
  "e.why",
  "e.erased",
];
const sql = `select string_agg(line, E'\\n' order by position) as lines from (
    select s.position, concat(${pieces.join(", E'\\t', ")}) as line
    from audit_sequence s left join audit_events e on e.id = s.event_id
    where s.position >= $1 order by s.position limit $2) l`;

function entryOf(line: string): LogEntry {
  const [position = "", kept = "", ...event] = line.split("\t");
  return { number: Number(position), kept, event: event[0] === "" ? null : eventOf(event) };
}

function eventOf(read: string[]): ReadEvent {
  const [first = "", at = "", second = "", third = "", fourth = "", salts = "", ...values] = read;
  const [actor, name, behalf, targetName, details, why, gone] = values;
  const erased = gone ? erasedOf(JSON.parse(gone)) : {};
  const digest = (part: EventPart, values: () => string) =>
    erased[part] ?? digestOf(salts.slice(eventParts.indexOf(part) * 32).slice(0, 32), values());
  const who = digest("who", () => `{"actor":${form(actor)},"actorName":${name},"onBehalfOf":${form(behalf)}}`);
  const target = digest("target", () => `{"targetName":${targetName || "null"}}`);
  const content = digest("content", () => `{"details":${form(details)},"why":${form(why)}}`);
  return {
    hash: hash("sha256", `\0${first}${at}${second}${content}${third}${target}${fourth}${who}"}`, "hex"),
    at,
    erased: Object.keys(erased).length,
    erasedByRecord: first.startsWith('{"action":"record.erased",') ? partsTold(details) : 0,
  };
}

// What is no digest would be text of the leaf: it is not taken for one.
function erasedOf(gone: Record<string, unknown>): Partial<Record<EventPart, string>> {
  const digests = eventParts.filter((part) => gone[part]).map((part) => [part, String(gone[part])] as const);
  return Object.fromEntries(digests.map(([part, digest]) => [part, /^[0-9a-f]{64}$/.test(digest) ? digest : "none"]));
}

function form(json: string | undefined): string {
  return json ? canonical(JSON.parse(json)) : "null";
}

function partsTold(details: string | undefined): number {
  return Number((details ? JSON.parse(details) : {}).parts ?? 0);
}
