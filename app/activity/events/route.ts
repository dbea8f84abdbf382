import { answerDownload, streamOf } from "@/app/download";
import { exportEvents, exportEventsFormat } from "@/lib/audit/export-events";
import { now } from "@/lib/time";
import { filtersOf, searchOf } from "../search";

export const dynamic = "force-dynamic";

const types = {
  jsonl: "application/x-ndjson; charset=utf-8",
  ocsf: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
};

/** `GET /activity/events?format=…&…`: the events that the page with these filters shows, as one file. */
export function GET(request: Request): Promise<Response> {
  return answerDownload(async (actor) => {
    const params = Object.fromEntries(new URL(request.url).searchParams);
    const format = exportEventsFormat.catch("jsonl").parse(params.format);
    const texts = await exportEvents(actor, filtersOf(searchOf(params)), format);
    const name = `activity-${now().toISOString().slice(0, 10)}.${format === "csv" ? "csv" : "jsonl"}`;
    return { name, type: types[format], body: streamOf(texts) };
  });
}
