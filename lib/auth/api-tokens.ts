import { createHash, randomBytes } from "node:crypto";
import { recordAttempt } from "../audit/record";
import { db } from "../db/client";
import { AppError } from "../errors";
import { minuteMs, now } from "../time";
import type { Actor, PersonActor, WorkloadActor } from "./actor";
import { type Role, roles } from "./permissions";

/** Begins every API token, so that a scanner of leaked secrets can tell one. */
export const tokenPrefix = "rollcall_";

/** A new token: the secret, shown once; what is stored of it; and its end, by which a person tells it from others. */
export function newTokenSecret(): { secret: string; hash: string; hint: string } {
  const secret = `${tokenPrefix}${randomBytes(32).toString("base64url")}`;
  return { secret, hash: hashOfToken(secret), hint: secret.slice(-4) };
}

/** What is stored of a token. It has 256 random bits, so a plain hash cannot be searched. */
export function hashOfToken(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * Who calls with this API token. A token of a person acts as that person, with the rights they have now.
 * @throws AppError `unauthenticated` when the token is unknown, revoked or over, or its person is disabled. The use of
 * a token that was once good is recorded.
 */
export async function actorOfApiToken(secret: string, requestId: string | null): Promise<PersonActor | WorkloadActor> {
  const token = secret.startsWith(tokenPrefix) && secret.length < 200 ? await findToken(secret) : null;
  if (!token) throw refusal("The token is not known here.");
  const actor = token.user ? personOf(token, token.user, requestId) : workloadOf(token, requestId);
  if (token.revokedAt) return refuseKnown(actor, token, "The token was revoked.");
  if (token.expiresAt <= now()) return refuseKnown(actor, token, "The token's time is over.");
  if (token.user?.disabledAt) return refuseKnown(actor, token, "The person of this token is disabled.");
  await noteUse(token);
  return actor;
}

type Token = NonNullable<Awaited<ReturnType<typeof findToken>>>;

function findToken(secret: string) {
  return db().apiToken.findUnique({
    where: { tokenHash: hashOfToken(secret) },
    select: {
      id: true,
      name: true,
      scopes: true,
      expiresAt: true,
      revokedAt: true,
      lastUsedAt: true,
      user: { select: { id: true, name: true, email: true, roles: true, identityId: true, disabledAt: true } },
    },
  });
}

function personOf(token: Token, user: NonNullable<Token["user"]>, requestId: string | null): PersonActor {
  return {
    type: "person",
    userId: user.id,
    identityId: user.identityId,
    name: user.name ?? user.email ?? user.id,
    email: user.email,
    roles: roles.filter((role: Role) => user.roles.includes(role)),
    sessionId: null,
    tokenId: token.id,
    authenticatedBy: "token",
    scopes: token.scopes.length > 0 ? token.scopes : null,
    requestId,
  };
}

function workloadOf(token: Token, requestId: string | null): WorkloadActor {
  return { type: "workload", tokenId: token.id, name: token.name, scopes: token.scopes, requestId };
}

async function refuseKnown(actor: Actor, token: Token, because: string): Promise<never> {
  await recordAttempt(actor, {
    action: "token.use",
    target: { type: "token", id: token.id, name: token.name },
    outcome: "denied",
    why: { because },
  });
  throw refusal(because);
}

function refusal(because: string): AppError {
  return new AppError("unauthenticated", because, {
    remedy: "Send a live API token as Authorization: Bearer <token>, or sign in.",
  });
}

// Once a minute is enough to tell a token in use from a forgotten one.
async function noteUse(token: Token): Promise<void> {
  const at = now();
  if (token.lastUsedAt && at.getTime() - token.lastUsedAt.getTime() < minuteMs) return;
  await db().apiToken.updateMany({ where: { id: token.id }, data: { lastUsedAt: at } });
}
