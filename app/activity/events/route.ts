import { answerDownload, streamOf } from "@/app/download";
import { exportEvents, exportEventsFormat } from "@/lib/audit/export-events";
import { packChoice } from "@/lib/audit/pack-choice";
import { now } from "@/lib/time";
import { filtersOf, searchOf } from "../search";

export const dynamic = "force-dynamic";

const types = {
  jsonl: "application/zip",
  ocsf: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
};
const endings = { jsonl: "zip", ocsf: "jsonl", csv: "csv" };

/**
 * `GET /activity/events?format=…&…`: the events that the page with these filters shows. In JSON lines they come with their
 * proofs and with what checks them, as an archive; in the other forms as one file.
 */
export function GET(request: Request): Promise<Response> {
  return answerDownload(async (actor) => {
    const params = Object.fromEntries(new URL(request.url).searchParams);
    const format = exportEventsFormat.catch("jsonl").parse(params.format);
    const texts = await exportEvents(actor, filtersOf(searchOf(params)), format);
    const name = `activity-${now().toISOString().slice(0, 10)}.${endings[format]}`;
    return { name, type: types[format], body: format === "jsonl" ? await packChoice(texts) : streamOf(texts) };
  });
}
