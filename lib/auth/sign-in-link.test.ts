import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { now, plus, setClock } from "../time";
import { system } from "./actor";
import {
  createFirstAdministratorLink,
  createNamelessAdministratorLink,
  createSignInLink,
  linkLifetimeMs,
} from "./create-sign-in-link";
import { limits } from "./limit-sign-in";
import { redeemSignInLink } from "./redeem-sign-in-link";
import { personActor, readSession } from "./session";

const visitor = { ip: "192.0.2.7", userAgent: "test", requestId: null, heldToken: null };
const start = system("start");
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await db().user.deleteMany();
  await db().rateLimit.deleteMany();
});
afterEach(() => setClock(null));
afterAll(() => database.drop());

test("the first administrator's link signs in as administrator", async () => {
  const session = await redeemSignInLink(visitor, { token: await firstToken() });
  expect(await readSession(session.token)).toMatchObject({ roles: ["administrator"], authenticatedBy: "link" });
});

test("a link works once, also when two come at the same time", async () => {
  const token = await firstToken();
  const tries = await Promise.allSettled([1, 2, 3, 4].map(() => redeemSignInLink(visitor, { token })));
  expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  await expect(redeemSignInLink(visitor, { token })).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a link is dead after thirty minutes", async () => {
  const token = await firstToken();
  setClock(plus(now(), linkLifetimeMs + 1));
  await expect(redeemSignInLink(visitor, { token })).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a newer link of the same person replaces the older, and there is one first administrator", async () => {
  const older = await firstToken();
  const newer = await firstToken();
  expect(await db().user.count()).toBe(1);
  await expect(redeemSignInLink(visitor, { token: older })).rejects.toMatchObject({ code: "unauthenticated" });
  await redeemSignInLink(visitor, { token: newer });
});

test("once an administrator has signed in, the start makes no more links", async () => {
  await redeemSignInLink(visitor, { token: await firstToken() });
  expect(await createFirstAdministratorLink(start)).toBeNull();
});

test("the first administrator, who has no e-mail address, gets in again after losing the session", async () => {
  const { actor } = await redeemSignInLink(visitor, { token: await firstToken() });
  const link = await createNamelessAdministratorLink(start);
  const again = await redeemSignInLink(visitor, { token: new URL(link?.url ?? "").hash.slice(1) });
  expect(again.actor.userId).toBe(actor.userId);
  await db().user.update({ where: { id: actor.userId }, data: { email: "ann@example.com" } });
  expect(await createNamelessAdministratorLink(start)).toBeNull();
});

test("when every administrator is disabled, there is a first one again", async () => {
  const { actor } = await redeemSignInLink(visitor, { token: await firstToken() });
  await db().user.update({ where: { id: actor.userId }, data: { disabledAt: now() } });
  const again = await redeemSignInLink(visitor, { token: await firstToken() });
  expect(again.actor.userId).not.toBe(actor.userId);
});

test("two starts at once make one first administrator", async () => {
  await Promise.all([createFirstAdministratorLink(start), createFirstAdministratorLink(start)]);
  expect(await db().user.count()).toBe(1);
});

test("no person may make a link, whatever their role, for it would let them become another", async () => {
  const user = await db().user.create({ data: { email: "ann@example.com", roles: ["administrator"] } });
  const actor = personActor({ ...user, userId: user.id, sessionId: null, authenticatedBy: "oidc" }, null);
  const attempt = createSignInLink(actor, { email: "ann@example.com" });
  await expect(attempt).rejects.toMatchObject({ code: "forbidden" });
  expect(await db().auditEvent.count({ where: { action: "sign_in_link.create", outcome: "denied" } })).toBe(1);
});

test("a link is for exactly the address that was named, in any case", async () => {
  await db().user.create({ data: { email: "ann@example.com" } });
  await createSignInLink(start, { email: "ANN@example.com" });
  for (const email of ["a_n@example.com", "%", "%@example.com", "ann@example.co"]) {
    await expect(createSignInLink(start, { email })).rejects.toMatchObject({ code: "not_found" });
  }
});

test("guessing links is refused after a while, also for other guesses, and each refused guess is an event", async () => {
  const guesses = limits["sign-in-network"].points;
  const before = await db().auditEvent.count({ where: { action: "session.refused" } });
  for (let i = 0; i < guesses; i++) {
    await expect(redeemSignInLink(visitor, { token: `guess-${i}` })).rejects.toMatchObject({ code: "unauthenticated" });
  }
  const refused = redeemSignInLink(visitor, { token: await firstToken() });
  await expect(refused).rejects.toMatchObject({ code: "limited", retryAfterSeconds: expect.any(Number) });
  expect((await db().auditEvent.count({ where: { action: "session.refused" } })) - before).toBe(guesses);
  await redeemSignInLink({ ...visitor, ip: "198.51.100.1" }, { token: await firstToken() });
});

test("the secret stands behind the # of the link and nowhere in the database", async () => {
  const link = await createFirstAdministratorLink(start);
  const url = new URL(link?.url ?? "");
  expect(url.search).toBe("");
  const stored = JSON.stringify([await db().signInLink.findMany(), await db().auditEvent.findMany()]);
  expect(stored).not.toContain(url.hash.slice(1));
});

async function firstToken(): Promise<string> {
  const link = await createFirstAdministratorLink(start);
  return new URL(link?.url ?? "").hash.slice(1);
}
