import { rows } from "../db/client";
import { AppError } from "../errors";
import { now, plus } from "../time";
import type { Actor } from "./actor";
import { sessionIdleMs } from "./session";

/**
 * Refuses once the session or token by which `actor` called has ended, or their person was disabled. For an answer that
 * stays open: it asks before each part it sends.
 * @throws AppError `unauthenticated`
 */
export async function assertStanding(actor: Actor): Promise<void> {
  if (actor.type === "system") return;
  const sessionId = actor.type === "person" ? actor.sessionId : null;
  const [found] = await rows<{ stands: boolean }>(
    `select exists (select 1 from sessions s join users u on u.id = s.user_id
        where s.id = $1 and s.expires_at > $3 and s.last_seen_at > $4 and u.disabled_at is null)
      or exists (select 1 from api_tokens t left join users u on u.id = t.user_id
        where t.id = $2 and t.expires_at > $3 and t.revoked_at is null and u.disabled_at is null) as stands`,
    [sessionId, actor.tokenId, now(), plus(now(), -sessionIdleMs)],
    "assert-standing",
  );
  if (!found?.stands) throw new AppError("unauthenticated", "Your session or token has ended.");
}
