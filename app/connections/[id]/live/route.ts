import { eventStream } from "@/app/event-stream";
import { assertStanding } from "@/lib/auth/assert-standing";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { listSyncs } from "@/lib/connections/queries";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";

export const dynamic = "force-dynamic";

/** The last sync of a connection as server-sent events, each time it has moved. The browser calls again when it ends. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  try {
    const actor = await actorOfRequest(request);
    const look = async () => {
      await assertStanding(actor);
      return JSON.stringify((await listSyncs(actor, { connectionId: id, limit: 1 }))[0] ?? null);
    };
    return eventStream(look, await look(), request.signal);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return new Response(refusal.message, { status: statusOfCode[refusal.code] });
  }
}
