import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { hourMs, minuteMs, now, plus, setClock } from "../time";
import { hashOf } from "./secret";
import { readSession, sessionIdleMs, sessionLifetimeMs, startSession } from "./session";

const visitor = { ip: "192.0.2.7", userAgent: "test", requestId: "r1", heldToken: null };
const noon = new Date("2026-03-01T12:00:00Z");
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(() => setClock(null));
afterAll(() => database.drop());

test("a session is read by its token, and the database holds only the token's hash", async () => {
  const { session, user } = await signedIn();
  expect(await readSession(session.token, "r2")).toMatchObject({ userId: user.id, roles: ["member"], requestId: "r2" });
  const stored = await db().session.findUniqueOrThrow({ where: { id: session.id } });
  expect(stored.tokenHash).toBe(hashOf(session.token));
  expect(JSON.stringify(stored)).not.toContain(session.token);
  expect(await readSession(stored.tokenHash)).toBeNull();
});

test("every sign-in gets a token of its own with 256 random bits", async () => {
  const { session, user } = await signedIn();
  const again = await transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "link", visitor }));
  expect(again.token).not.toBe(session.token);
  expect(Buffer.from(session.token, "base64url")).toHaveLength(32);
});

test("a session ends twelve hours after it began, however busy it is", async () => {
  setClock(noon);
  const { session } = await signedIn();
  for (let at = noon; at < plus(noon, sessionLifetimeMs); at = plus(at, hourMs)) {
    setClock(at);
    expect(await readSession(session.token)).not.toBeNull();
  }
  setClock(plus(noon, sessionLifetimeMs));
  expect(await readSession(session.token)).toBeNull();
});

test("a session that nobody uses for two hours ends", async () => {
  setClock(noon);
  const { session } = await signedIn();
  setClock(plus(noon, sessionIdleMs - 1));
  expect(await readSession(session.token)).not.toBeNull();
  setClock(plus(noon, 2 * sessionIdleMs));
  expect(await readSession(session.token)).toBeNull();
});

test("last use is written at most once a minute", async () => {
  setClock(noon);
  const { session } = await signedIn();
  setClock(plus(noon, minuteMs / 2));
  await readSession(session.token);
  expect((await db().session.findUniqueOrThrow({ where: { id: session.id } })).lastSeenAt).toEqual(noon);
  setClock(plus(noon, 2 * minuteMs));
  await readSession(session.token);
  expect((await db().session.findUniqueOrThrow({ where: { id: session.id } })).lastSeenAt).toEqual(now());
});

test("a disabled person's session is refused at the next read, and no new one starts", async () => {
  const { session, user } = await signedIn();
  await db().user.update({ where: { id: user.id }, data: { disabledAt: now() } });
  expect(await readSession(session.token)).toBeNull();
  const start = transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "oidc", visitor }));
  await expect(start).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a deleted session is refused at the next read", async () => {
  const { session } = await signedIn();
  await db().session.delete({ where: { id: session.id } });
  expect(await readSession(session.token)).toBeNull();
});

test("starting a session is an event that names the person and the way, and holds no token", async () => {
  const { session, user } = await signedIn();
  const event = await db().auditEvent.findFirstOrThrow({ where: { action: "session.started", targetId: session.id } });
  expect(event).toMatchObject({ actorId: user.id, outcome: "allowed", requestId: "r1" });
  expect(JSON.stringify(event)).not.toContain(session.token);
  expect(JSON.stringify(event)).not.toContain(hashOf(session.token));
});

async function signedIn() {
  const user = await db().user.create({ data: { name: "Ann", roles: ["member"] } });
  const session = await transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "passkey", visitor }));
  return { session, user };
}
