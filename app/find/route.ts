import { currentActor } from "@/lib/auth/current-actor";
import { findAnything } from "@/lib/inventory/find-anything";

/** What the search over everything asks as one types: `GET /find?q=term`. */
export async function GET(request: Request): Promise<Response> {
  const headers = { "Cache-Control": "private, no-store" };
  const actor = await currentActor();
  if (!actor) return Response.json({ items: [] }, { status: 401, headers });
  const term = new URL(request.url).searchParams.get("q") ?? "";
  return Response.json({ items: await findAnything(actor, term) }, { headers });
}
