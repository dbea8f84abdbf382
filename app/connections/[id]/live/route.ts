import { streamTo } from "@/app/event-stream";
import { listSyncs } from "@/lib/connections/queries";

export const dynamic = "force-dynamic";

/** The last sync of a connection as server-sent events, each time it has moved. The browser calls again when it ends. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return streamTo(request, async (actor) => (await listSyncs(actor, { connectionId: id, limit: 1 }))[0] ?? null);
}
