import { streamTo } from "@/app/event-stream";
import { getProgress } from "@/lib/offboarding/progress-queries";

export const dynamic = "force-dynamic";

/** How far a run is, system by system, as server-sent events, each time it has moved. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return streamTo(request, (actor) => getProgress(actor, { id }));
}
