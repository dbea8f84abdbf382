import { db } from "../db/client";
import { AppError } from "../errors";
import { minuteMs, now, plus } from "../time";
import type { Actor, PersonActor } from "./actor";

/** How long after signing in a person may change how they sign in, or make a token. */
const freshMs = 30 * minuteMs;

/**
 * Refuses unless `actor` signed in a short while ago: a session left open, or a stolen token, must not become a lasting
 * way in (OWASP ASVS 5.0, 7.5.1).
 * @throws AppError `forbidden`
 */
export async function assertFreshSession(actor: Actor): Promise<PersonActor> {
  if (actor.type === "person" && actor.sessionId !== null) {
    const session = await db().session.findUnique({ where: { id: actor.sessionId }, select: { createdAt: true } });
    if (session && session.createdAt > plus(now(), -freshMs)) return actor;
  }
  throw new AppError("forbidden", "You signed in too long ago to change who or what may sign in.", {
    remedy: "Sign out, sign in again, and do this within 30 minutes.",
  });
}
