import { csvLine } from "../lists/csv";
import { type LoggedEvent, leafHash } from "./leaf";

const titles = [
  "number",
  "time",
  "who",
  "kind of who",
  "id of who",
  "on behalf of",
  "action",
  "outcome",
  "kind of target",
  "target",
  "id of target",
  "why",
  "details",
  "request",
  "event",
  "leaf hash",
];

/** What the columns are called. */
export function eventCsvTitle(): string {
  return csvLine(titles);
}

/** An event as a line of a spreadsheet. */
export function eventCsv({ number, event: e }: { number: number; event: LoggedEvent }): string {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  const behalf = (e.onBehalfOf as { name?: string } | null)?.name;
  const who = [e.actorName, e.actorType, e.actorId, behalf];
  const target = [e.targetType, e.targetName, e.targetId];
  const rest = [json(e.why), json(e.details), e.requestId, e.id, leafHash(e).toString("hex")];
  return csvLine([number, e.at, ...who, e.action, e.outcome, ...target, ...rest]);
}
