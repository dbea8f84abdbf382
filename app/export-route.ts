import { currentActor } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";
import { readState } from "@/lib/lists/read-state";
import { now } from "@/lib/time";
import { exportList } from "@/lib/views/export-list";
import { type ListPage, lists } from "@/lib/views/labels";

/** `GET /<list>/export?…`: the list of that address as a CSV file, streamed as it is read. */
export function exportRoute(page: ListPage): (request: Request) => Promise<Response> {
  return async (request) => {
    const actor = await currentActor();
    if (!actor) return refused(401, "You are not signed in, or your session has ended.");
    try {
      const state = readState(lists[page], Object.fromEntries(new URL(request.url).searchParams));
      return new Response(streamOf(await exportList(actor, { page, state })), {
        headers: {
          "content-type": "text/csv; charset=utf-8; header=present",
          "content-disposition": `attachment; filename="${page}-${now().toISOString().slice(0, 10)}.csv"`,
          "cache-control": "private, no-store",
          "x-content-type-options": "nosniff",
        },
      });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      return refused(statusOfCode[refusal.code], `${refusal.message} ${refusal.remedy ?? ""}`);
    }
  };
}

function refused(status: number, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "private, no-store" },
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
