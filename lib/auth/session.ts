import { record } from "../audit/record";
import { db, rows, type Tx } from "../db/client";
import { AppError } from "../errors";
import { hourMs, minuteMs, now, plus } from "../time";
import type { PersonActor } from "./actor";
import { isRole } from "./permissions";
import { hashOf, newSecret } from "./secret";
import type { Visitor } from "./visitor";

/** A session ends this long after it began, whatever happens in it (OWASP ASVS 5.0, 7.3.2). */
export const sessionLifetimeMs = 12 * hourMs;
/** A session that nobody uses ends after this long (7.3.1). */
export const sessionIdleMs = 2 * hourMs;
/** How a session can come about. */
export type AuthenticatedBy = "oidc" | "passkey" | "link";

export type StartedSession = { id: string; token: string; expiresAt: Date; actor: PersonActor };

/**
 * Starts a session for a person who has just proven who they are, always under a new token. The token is returned once
 * and belongs in the cookie; the database keeps its hash.
 * @throws AppError `unauthenticated` when the person was disabled.
 */
export async function startSession(
  tx: Tx,
  start: { userId: string; authenticatedBy: AuthenticatedBy; visitor: Visitor },
): Promise<StartedSession> {
  const { userId, authenticatedBy, visitor } = start;
  const at = now();
  const user = await tx.user.findUnique({ where: { id: userId } });
  if (!user || user.disabledAt) throw disabledPerson();
  if (visitor.heldToken) await endHeldSession(tx, visitor.heldToken, visitor.requestId);
  const token = newSecret();
  const session = await tx.session.create({
    data: {
      tokenHash: hashOf(token),
      userId,
      authenticatedBy,
      createdAt: at,
      lastSeenAt: at,
      expiresAt: plus(at, sessionLifetimeMs),
      ip: visitor.ip,
      userAgent: visitor.userAgent,
    },
  });
  await tx.user.update({ where: { id: userId }, data: { lastSignInAt: at } });
  const actor = personActor({ ...user, userId, sessionId: session.id, authenticatedBy }, visitor.requestId);
  await record(tx, actor, {
    action: "session.started",
    target: { type: "session", id: session.id, name: actor.name },
    details: { authenticatedBy, ip: visitor.ip },
  });
  return { id: session.id, token, expiresAt: session.expiresAt, actor };
}

// Signing in anew ends the session that the browser had, whoever's it was (OWASP ASVS 5.0, 7.2.4).
async function endHeldSession(tx: Tx, token: string, requestId: string | null): Promise<void> {
  const held = await tx.session.findUnique({ where: { tokenHash: hashOf(token) }, include: { user: true } });
  if (!held) return;
  await tx.session.deleteMany({ where: { id: held.id } });
  const { user, authenticatedBy } = held;
  const actor = personActor({ ...user, userId: user.id, sessionId: held.id, authenticatedBy }, requestId);
  await record(tx, actor, {
    action: "session.ended",
    target: { type: "session", id: held.id, name: actor.name },
    why: { because: "signed in anew" },
  });
}

/** The refusal for somebody who proved who they are and is disabled here. */
export function disabledPerson(): AppError {
  return new AppError("unauthenticated", "Your access to Rollcall is disabled.", {
    remedy: "Ask an administrator to enable you again.",
  });
}

type SessionRow = PersonRow & { lastSeenAt: Date };
type PersonRow = {
  userId: string;
  identityId: string | null;
  name: string | null;
  email: string | null;
  roles: string[];
  sessionId: string | null;
  authenticatedBy: string;
};

/**
 * Whose session is this token's, if it still stands? Decided here, at each read: a session that was ended, that is past
 * its lifetime or idle too long, or whose person is disabled, is none. Its last use is noted once a minute.
 */
export async function readSession(token: string, requestId: string | null = null): Promise<PersonActor | null> {
  const at = now();
  const [row] = await rows<SessionRow>(
    `select s.id as "sessionId", s.authenticated_by as "authenticatedBy", s.last_seen_at as "lastSeenAt",
       u.id as "userId", u.identity_id as "identityId", u.name, u.email, u.roles
     from sessions s join users u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.disabled_at is null`,
    [hashOf(token), at, plus(at, -sessionIdleMs)],
    "read-session",
  );
  if (!row) return null;
  if (row.sessionId && row.lastSeenAt < plus(at, -minuteMs)) await touchSession(row.sessionId, at);
  return personActor(row, requestId);
}

// Never moves backwards, and no event: it is not an act.
async function touchSession(sessionId: string, at: Date): Promise<void> {
  await db().session.updateMany({ where: { id: sessionId, lastSeenAt: { lt: at } }, data: { lastSeenAt: at } });
}

/** The actor of a person's row. Roles that this version does not know give nothing. */
export function personActor(row: PersonRow, requestId: string | null): PersonActor {
  return {
    type: "person",
    userId: row.userId,
    identityId: row.identityId,
    name: row.name ?? row.email ?? "Unnamed person",
    email: row.email,
    roles: row.roles.filter(isRole),
    sessionId: row.sessionId,
    tokenId: null,
    authenticatedBy: row.authenticatedBy,
    scopes: null,
    requestId,
  };
}
