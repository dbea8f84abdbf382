import { db, rows } from "../db/client";
import { minuteMs, now, plus } from "../time";
import type { Actor } from "./actor";
import { hashOf } from "./secret";
import { personActor } from "./session";

/** In the scopes of a personal token: everything that the person may, as in a session. */
export const everythingScope = "all";

type TokenRow = {
  tokenId: string;
  tokenName: string;
  scopes: string[];
  lastUsedAt: Date | null;
  ofPerson: string | null;
  disabledAt: Date | null;
  userId: string;
  identityId: string | null;
  name: string | null;
  email: string | null;
  roles: string[];
};

/**
 * Whose API token is this, if it still stands? A personal token acts as its person, within its scopes, and dies with
 * the person's being disabled; any other acts as a program with its scopes. Its last use is noted once a minute.
 */
export async function verifyToken(token: string, requestId: string | null = null): Promise<Actor | null> {
  const at = now();
  const [row] = await rows<TokenRow>(
    `select t.id as "tokenId", t.name as "tokenName", t.scopes, t.last_used_at as "lastUsedAt", t.user_id as "ofPerson",
       u.disabled_at as "disabledAt", u.id as "userId", u.identity_id as "identityId", u.name, u.email, u.roles
     from api_tokens t left join users u on u.id = t.user_id
     where t.token_hash = $1 and t.expires_at > $2 and t.revoked_at is null`,
    [hashOf(token), at],
    "verify-token",
  );
  if (!row || row.disabledAt) return null;
  if (!row.lastUsedAt || row.lastUsedAt < plus(at, -minuteMs)) await noteUse(row.tokenId, at);
  const { tokenId, tokenName, scopes } = row;
  if (row.ofPerson === null) return { type: "workload", tokenId, name: tokenName, scopes, requestId };
  const person = personActor({ ...row, sessionId: null, authenticatedBy: "token" }, requestId);
  return { ...person, tokenId, scopes: scopes.includes(everythingScope) ? null : scopes };
}

async function noteUse(id: string, at: Date): Promise<void> {
  await db().apiToken.updateMany({
    where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: at } }] },
    data: { lastUsedAt: at },
  });
}
