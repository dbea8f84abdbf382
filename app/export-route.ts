import { readState } from "@/lib/lists/read-state";
import { now } from "@/lib/time";
import { exportList } from "@/lib/views/export-list";
import { type ListPage, lists } from "@/lib/views/labels";
import { answerDownload } from "./download";

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

// Reads on only as the reader takes: a slow download holds one page of rows, not the list.
function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await lines.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      async cancel() {
        await lines.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
