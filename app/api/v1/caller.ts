import type { Actor } from "@/lib/auth/actor";
import { actorOfRequest } from "@/lib/auth/current-actor";
import { countCall } from "@/lib/auth/limit-calls";

/**
 * Who calls, by token or by session.
 * @throws AppError `unauthenticated`, `forbidden` (a session's unsafe call from another site), `limited`
 */
export async function callerOf(request: Request, requestId: string): Promise<Actor> {
  // The body stays with the original; only what tells who calls is looked at.
  const headers = new Headers(request.headers);
  headers.set("x-request-id", requestId);
  const actor = await actorOfRequest(new Request(request.url, { method: request.method, headers }));
  countCall(actor);
  return actor;
}
