import { z } from "zod";
import { db } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { now } from "../time";
import type { Actor } from "./actor";
import { authorizeReach } from "./authorize";

export type ListedToken = {
  id: string;
  name: string;
  /** The last four characters of the secret. */
  hint: string;
  scopes: string[];
  /** E-mail of the person as whom it acts, or null. */
  for: string | null;
  status: "live" | "ended" | "revoked";
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

/** API tokens, newest first; a person without the right to see all of them sees their own. */
export async function listApiTokens(
  actor: Actor,
  filters: { limit: number; cursor?: string | undefined; userId?: string | undefined },
): Promise<{ items: ListedToken[]; nextCursor: string | null }> {
  const reach = await authorizeReach(actor, "token:read");
  const userId = reach === "own" ? (actor.type === "person" ? actor.userId : null) : filters.userId;
  const [after] = filters.cursor ? readCursor(filters.cursor, "created", z.tuple([z.uuid()])) : [undefined];
  const found = await db().apiToken.findMany({
    where: { ...(userId === undefined ? {} : { userId }), ...(after ? { id: { lt: after } } : {}) },
    orderBy: { id: "desc" },
    take: filters.limit + 1,
    select: {
      id: true,
      name: true,
      hint: true,
      scopes: true,
      createdAt: true,
      expiresAt: true,
      lastUsedAt: true,
      revokedAt: true,
      user: { select: { email: true } },
    },
  });
  const at = now();
  const items = found.slice(0, filters.limit).map(({ user, ...token }) => ({
    ...token,
    for: user?.email ?? null,
    status: token.revokedAt ? ("revoked" as const) : token.expiresAt <= at ? ("ended" as const) : ("live" as const),
  }));
  const last = items.at(-1);
  return { items, nextCursor: found.length > filters.limit && last ? cursorOf("created", [last.id]) : null };
}
