import { eventStream } from "@/app/event-stream";
import { assertStanding } from "@/lib/auth/assert-standing";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { refusalOf } from "@/lib/db/refusal";
import { statusOfCode } from "@/lib/errors";
import { getProgress } from "@/lib/offboarding/progress-queries";

export const dynamic = "force-dynamic";

/** How far a run is, system by system, as server-sent events, each time it has moved. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  try {
    const actor = await actorOfRequest(request);
    const look = async () => {
      await assertStanding(actor);
      return JSON.stringify(await getProgress(actor, { id }));
    };
    return eventStream(look, await look(), request.signal);
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return new Response(refusal.message, { status: statusOfCode[refusal.code] });
  }
}
