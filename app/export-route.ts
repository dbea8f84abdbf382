import { readState } from "@/lib/lists/read-state";
import { now } from "@/lib/time";
import { exportList } from "@/lib/views/export-list";
import { type ListPage, lists } from "@/lib/views/labels";
import { answerDownload, streamOf } from "./download";

/** `GET /<list>/export?…`: the list of that address as a CSV file, streamed as it is read. */
export function exportRoute(page: ListPage): (request: Request) => Promise<Response> {
  return (request) =>
    answerDownload(async (actor) => {
      const state = readState(lists[page], Object.fromEntries(new URL(request.url).searchParams));
      return {
        name: `${page}-${now().toISOString().slice(0, 10)}.csv`,
        type: "text/csv; charset=utf-8; header=present",
        body: streamOf(await exportList(actor, { page, state })),
      };
    });
}
