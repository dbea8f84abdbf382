import type { StreamFormat } from "./destination-schema";
import { type LoggedEvent, leafHash } from "./leaf";
import { ocsfOf } from "./ocsf";

/** An event on its way out: its number, and the log it belongs to. */
export type OutgoingEvent = { event: LoggedEvent; number: number; origin: string };

/** An event as one line of JSON; `number` in it tells a receiver what it has already got. */
export function lineOf({ event, number, origin }: OutgoingEvent, format: StreamFormat): string {
  if (format === "ocsf") return JSON.stringify(ocsfOf(event, number, origin));
  const { salts: _, erased, ...plain } = event;
  return JSON.stringify({
    number,
    log: origin,
    ...plain,
    erased: Object.keys(erased ?? {}),
    leafHash: leafHash(event).toString("hex"),
  });
}

// Facility 13 is "log audit"; severities 6, 4 and 3 are informational, warning and error (RFC 5424, 6.2.1).
const priorities: Record<string, number> = { allowed: 13 * 8 + 6, denied: 13 * 8 + 4, failed: 13 * 8 + 3 };

/** An event as a message of syslog (RFC 5424) with its length before it (RFC 5425, 4.3). */
export function syslogFrame(outgoing: OutgoingEvent, format: StreamFormat, host: string): string {
  const { event, number } = outgoing;
  const header = [
    `<${priorities[event.outcome] ?? 13 * 8 + 5}>1`,
    event.at,
    printable(host, 255),
    "rollcall",
    "-",
    printable(event.action, 32),
    // Counts to 2147483647 and begins again at 1 (RFC 5424, 7.3.1).
    `[meta sequenceId="${((number - 1) % 2_147_483_647) + 1}"]`,
  ].join(" ");
  // The mark says that what follows is UTF-8 (6.4); JSON has no line end in it.
  const message = `${header} \ufeff${lineOf(outgoing, format)}`;
  return `${Buffer.byteLength(message)} ${message}`;
}

function printable(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, "_").slice(0, longest) || "-";
}
