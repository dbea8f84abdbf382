import { hostname } from "node:os";
import { rows } from "../db/client";
import { callOut } from "../network/call-out";
import { sendOverTls } from "../network/send-over-tls";
import { secondMs } from "../time";
import type { Destination } from "./destination-schema";
import { type LoggedEvent, loggedEventColumns } from "./leaf";
import { assertTaken } from "./send-checkpoint";
import { lineOf, type OutgoingEvent, syslogFrame } from "./stream-format";

const deadlineMs = 20 * secondMs;
const most = 500;
const mostBytes = 1_000_000;

/**
 * Sends the next events after the destination's position, at most 500 or a megabyte.
 * @returns the number of the last one that has arrived, or null where there was none to send.
 */
export async function sendEvents(to: Destination, origin: string): Promise<number | null> {
  const found = await rows<LoggedEvent & { position: string }>(
    `select s.position, ${loggedEventColumns} from audit_sequence s join audit_events e on e.id = s.event_id
     where s.position > $1 order by s.position limit ${most}`,
    [to.position],
  );
  const events = found.map(({ position, ...event }) => ({ event, number: Number(position), origin }));
  const format = to.settings.format ?? "json";
  const host = hostname();
  const isHttp = to.kind === "http";
  const pieces: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const piece = isHttp ? `${lineOf(event, format)}\n` : syslogFrame(event, format, host);
    bytes += Buffer.byteLength(piece);
    // One event larger than that goes alone.
    if (pieces.length > 0 && bytes > mostBytes) break;
    pieces.push(piece);
  }
  const sent = events.slice(0, pieces.length);
  const last = sent.at(-1);
  if (!last) return null;
  await (isHttp ? post(to, pieces.join(""), sent) : send(to, pieces.join("")));
  return last.number;
}

async function post(to: Destination, body: string, sent: OutgoingEvent[]): Promise<void> {
  const { authorization } = to.secrets;
  const answer = await callOut({
    url: to.secrets.url ?? "",
    headers: {
      "content-type": "application/x-ndjson",
      "user-agent": "Rollcall",
      "rollcall-first": String(sent[0]?.number ?? 0),
      "rollcall-last": String(sent.at(-1)?.number ?? 0),
      ...(authorization ? { authorization } : {}),
    },
    body,
    allowedHost: to.settings.allowedHost,
    deadlineMs,
    signal: to.signal,
  });
  assertTaken(answer);
}

async function send(to: Destination, text: string): Promise<void> {
  const { host = "", port = 6_514, ca, allowedHost } = to.settings;
  await sendOverTls({ host, port, text, allowedHost, ca, deadlineMs, signal: to.signal });
}
