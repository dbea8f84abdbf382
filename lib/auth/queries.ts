import { z } from "zod";
import { db } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import { now, plus } from "../time";
import type { Actor, PersonActor } from "./actor";
import { authorize, authorizeReach } from "./authorize";
import { deviceWords, wayWords } from "./labels";
import { isRole, type Role } from "./permissions";
import { sessionIdleMs } from "./session";

export type ListedSession = {
  id: string;
  device: string;
  ip: string | null;
  way: string;
  startedAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  isCurrent: boolean;
};

/** A person's sessions that stand, the one last used first; without `userId` one's own. */
export async function listSessions(actor: Actor, filters: { userId?: string } = {}): Promise<ListedSession[]> {
  const reach = await authorizeReach(actor, "session:read");
  const own = actor.type === "person" ? actor.userId : null;
  const userId = reach === "own" ? own : (filters.userId ?? own);
  if (userId === null) return [];
  const at = now();
  const sessions = await db().session.findMany({
    where: { userId, expiresAt: { gt: at }, lastSeenAt: { gt: plus(at, -sessionIdleMs) } },
    orderBy: { lastSeenAt: "desc" },
    take: 200,
  });
  return sessions.map((session) => ({
    id: session.id,
    device: deviceWords(session.userAgent),
    ip: session.ip,
    way: wayWords(session.authenticatedBy),
    startedAt: session.createdAt,
    lastSeenAt: session.lastSeenAt,
    expiresAt: session.expiresAt,
    isCurrent: actor.type === "person" && actor.sessionId === session.id,
  }));
}

export type ListedPasskey = { id: string; name: string; createdAt: Date; lastUsedAt: Date | null };

/** The passkeys of whoever is signed in. */
export async function listPasskeys(actor: PersonActor): Promise<ListedPasskey[]> {
  return db().passkey.findMany({
    where: { userId: actor.userId },
    orderBy: { createdAt: "asc" },
    select: { id: true, name: true, createdAt: true, lastUsedAt: true },
  });
}

export type ListedPerson = {
  id: string;
  name: string;
  email: string | null;
  roles: Role[];
  /** Who decides the roles: the groups of the single sign-on, or a person here. */
  roleSource: "claims" | "person";
  identityId: string | null;
  status: "active" | "disabled";
  disabledAt: Date | null;
  createdAt: Date;
  lastSignInAt: Date | null;
  sessions: number;
  passkeys: number;
  tokens: number;
};

export type PeopleFilters = {
  limit: number;
  cursor?: string | undefined;
  q?: string | undefined;
  role?: Role | undefined;
  status?: "active" | "disabled" | undefined;
};

/** Everybody who has signed in, or was let in by a link, oldest first. */
export async function listPeople(
  actor: Actor,
  filters: PeopleFilters,
): Promise<{ items: ListedPerson[]; nextCursor: string | null }> {
  await authorize(actor, "person:read");
  const [after] = filters.cursor ? readCursor(filters.cursor, "created", z.tuple([z.uuid()])) : [undefined];
  // Prisma passes what is looked for to LIKE as it is; a % is meant as one.
  const text = filters.q?.replace(/[\\%_]/g, "\\$&");
  const contains = text ? { contains: text, mode: "insensitive" as const } : null;
  const found = await db().user.findMany({
    where: {
      ...(after ? { id: { gt: after } } : {}),
      ...(contains ? { OR: [{ name: contains }, { email: contains }] } : {}),
      ...(filters.role ? { roles: { has: filters.role } } : {}),
      ...(filters.status ? { disabledAt: filters.status === "active" ? null : { not: null } } : {}),
    },
    orderBy: { id: "asc" },
    take: filters.limit + 1,
    select: selectPerson(),
  });
  const items = found.slice(0, filters.limit).map(listed);
  const last = items.at(-1);
  return { items, nextCursor: found.length > filters.limit && last ? cursorOf("created", [last.id]) : null };
}

/**
 * One person who signs in here.
 * @throws AppError `forbidden`, `not_found`
 */
export async function getPerson(actor: Actor, userId: string): Promise<ListedPerson> {
  await authorize(actor, "person:read", { type: "person", id: userId });
  const user = z.uuid().safeParse(userId).success
    ? await db().user.findUnique({ where: { id: userId }, select: selectPerson() })
    : null;
  if (!user) throw new AppError("not_found", "There is no such person here.");
  return listed(user);
}

function selectPerson() {
  const at = now();
  const standing = { where: { expiresAt: { gt: at }, lastSeenAt: { gt: plus(at, -sessionIdleMs) } } };
  return {
    id: true,
    name: true,
    email: true,
    roles: true,
    roleSource: true,
    identityId: true,
    disabledAt: true,
    createdAt: true,
    lastSignInAt: true,
    _count: {
      select: { sessions: standing, passkeys: true, apiTokens: { where: { revokedAt: null, expiresAt: { gt: at } } } },
    },
  } as const;
}

type PersonRow = Omit<ListedPerson, "name" | "roles" | "roleSource" | "status" | "sessions" | "passkeys" | "tokens"> & {
  name: string | null;
  roles: string[];
  roleSource: string;
  _count: { sessions: number; passkeys: number; apiTokens: number };
};

function listed({ _count, ...user }: PersonRow): ListedPerson {
  return {
    ...user,
    name: user.name ?? user.email ?? "Unnamed person",
    roles: user.roles.filter(isRole),
    roleSource: user.roleSource === "person" ? "person" : "claims",
    status: user.disabledAt ? "disabled" : "active",
    sessions: _count.sessions,
    passkeys: _count.passkeys,
    tokens: _count.apiTokens,
  };
}
