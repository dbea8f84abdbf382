import type { Actor } from "@/lib/auth/actor";
import { actorOfApiToken } from "@/lib/auth/api-tokens";
import { AppError } from "@/lib/errors";
import { countCall, countFailure } from "./rate-limit";

/**
 * Who calls. A session counts only for a call that this site's own pages made, because a browser sends its cookie along
 * with what any other site makes it do.
 * @throws AppError `unauthenticated`, `limited`
 */
export async function callerOf(request: Request, requestId: string): Promise<Actor> {
  try {
    const actor = await actorOf(request, requestId);
    await countCall(actor);
    return actor;
  } catch (error) {
    if (error instanceof AppError && error.code === "unauthenticated") await countFailure(addressOf(request));
    throw error;
  }
}

async function actorOf(request: Request, requestId: string): Promise<Actor> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer) return actorOfApiToken(bearer, requestId);
  throw new AppError("unauthenticated", "This needs an API token or a session.", {
    remedy: "Send Authorization: Bearer <token>. An administrator makes one with: rollcall token create",
  });
}

function addressOf(request: Request): string {
  return request.headers.get("x-forwarded-for") ?? "unknown";
}
