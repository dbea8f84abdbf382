import { db, type Tx } from "../db/client";
import { AppError } from "../errors";
import { minuteMs, now, plus } from "../time";
import { siteAddress } from "./address";

/** A challenge that is not answered within this time is dead. */
const challengeLifetimeMs = 5 * minuteMs;

export type Purpose = "passkey-add" | "passkey-sign-in" | "presence";

/**
 * Keeps a challenge until it is answered, once, for `purpose`, where it is known by `userId`, and where it is for one act
 * alone for that, as `boundTo` names it.
 */
export async function keepChallenge(
  purpose: Purpose,
  challenge: string,
  userId: string | null,
  boundTo: string | null = null,
): Promise<string> {
  const row = await db().challenge.create({
    data: { purpose, challenge, userId, boundTo, expiresAt: plus(now(), challengeLifetimeMs) },
    select: { id: true },
  });
  return row.id;
}

/**
 * Takes a challenge away and returns it; the second to come with the same id finds none, also when both come at once.
 * @throws AppError `unauthenticated`
 */
export async function takeChallenge(
  tx: Tx,
  purpose: Purpose,
  id: string,
  userId: string | null,
  boundTo: string | null = null,
): Promise<string> {
  const taken = await tx.$queryRaw<{ challenge: string }[]>`
    delete from challenges
    where id = ${id}::uuid and purpose = ${purpose} and user_id is not distinct from ${userId}::uuid
      and bound_to is not distinct from ${boundTo} and expires_at > ${now()}
    returning challenge`;
  const challenge = taken[0]?.challenge;
  if (challenge) return challenge;
  throw new AppError("unauthenticated", "This attempt took too long, or was already finished.", {
    remedy: "Start again; you have five minutes to answer your device.",
  });
}

/** The relying party of Web Authentication (level 3, section 5.4.2) and the one origin whose answers are taken. */
export function relyingParty(): { id: string; name: string; origin: string } {
  const site = siteAddress();
  return { id: site.hostname, name: "Rollcall", origin: site.origin };
}

/** Can there be passkeys at this address? Browsers know none for a bare IP address, nor without https but on localhost. */
export function passkeysPossible(): boolean {
  const { protocol, hostname } = siteAddress();
  if (/^[\d.]+$|^\[/.test(hostname)) return false;
  return protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost");
}
