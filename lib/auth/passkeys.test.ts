import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { hourMs, minuteMs, now, plus, setClock } from "../time";
import type { PersonActor } from "./actor";
import { addPasskey, beginPasskey } from "./add-passkey";
import { createApiToken } from "./create-api-token";
import { limits } from "./limit-sign-in";
import { removePasskey } from "./remove-passkey";
import { renamePasskey } from "./rename-passkey";
import { personActor, startSession } from "./session";
import { beginPasskeySignIn, signInWithPasskey } from "./sign-in-with-passkey";
import { TestAuthenticator } from "./test-authenticator";

const visitor = { ip: "192.0.2.7", userAgent: "test", requestId: null, heldToken: null };
const here = { origin: "http://localhost:3000", rpId: "localhost" };
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

test("a passkey that was added signs its person in", async () => {
  const { actor, device } = await withPasskey();
  const session = await signIn(device);
  expect(session.actor).toMatchObject({ userId: actor.userId, authenticatedBy: "passkey" });
  expect((await db().passkey.findFirstOrThrow()).lastUsedAt).not.toBeNull();
});

test("a challenge is answered once: the same answer a second time is refused, also at the same moment", async () => {
  const { device } = await withPasskey();
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const answer = device.authenticate({ ...here, challenge: options.challenge });
  const tries = [1, 2, 3].map(() => signInWithPasskey(visitor, { challengeId, answer }));
  const settled = await Promise.allSettled(tries);
  expect(settled.filter((one) => one.status === "fulfilled")).toHaveLength(1);
});

test("a wrong answer uses its challenge up", async () => {
  const { device } = await withPasskey();
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const ceremony = { ...here, challenge: options.challenge };
  const wrong = device.authenticate(ceremony, { key: new TestAuthenticator() });
  await expect(signInWithPasskey(visitor, { challengeId, answer: wrong })).rejects.toThrow("did not let you in");
  const right = device.authenticate(ceremony);
  await expect(signInWithPasskey(visitor, { challengeId, answer: right })).rejects.toThrow("already finished");
});

test("a challenge is dead after five minutes", async () => {
  const { device } = await withPasskey();
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const answer = device.authenticate({ ...here, challenge: options.challenge });
  setClock(plus(now(), 5 * minuteMs + 1));
  await expect(signInWithPasskey(visitor, { challengeId, answer })).rejects.toMatchObject({ code: "unauthenticated" });
});

test.each([
  ["from another origin", { origin: "https://evil.example" }, {}],
  ["from another port of this host", { origin: "http://localhost:3001" }, {}],
  ["for another site", { rpId: "evil.example" }, {}],
  ["over another challenge", { challenge: "AAAA" }, {}],
  ["by a device that did not verify its user", {}, { userVerified: false }],
  ["of the other ceremony", {}, { type: "webauthn.create" }],
  ["signed with another key", {}, { key: new TestAuthenticator() }],
])("an answer %s does not sign in, and is an event", async (_, ceremony, faults) => {
  const { device, actor } = await withPasskey();
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const answer = device.authenticate({ ...here, challenge: options.challenge, ...ceremony }, faults);
  await expect(signInWithPasskey(visitor, { challengeId, answer })).rejects.toMatchObject({ code: "unauthenticated" });
  const refused = { action: "session.refused", outcome: "failed", targetId: actor.userId };
  expect(await db().auditEvent.count({ where: refused })).toBe(1);
  expect(await db().session.count({ where: { authenticatedBy: "passkey" } })).toBe(0);
});

test("a counter that goes back, as a copied device's does, is refused", async () => {
  const { device } = await withPasskey();
  await signIn(device, { counter: 7 });
  await expect(signIn(device, { counter: 7 })).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(signIn(device, { counter: 3 })).rejects.toMatchObject({ code: "unauthenticated" });
  await signIn(device, { counter: 8 });
});

test("a passkey that is unknown and one that is wrong get the same answer", async () => {
  const { device } = await withPasskey();
  const messages = await Promise.all([
    signIn(new TestAuthenticator()).catch((error: Error) => error.message),
    signIn(device, { key: new TestAuthenticator() }).catch((error: Error) => error.message),
  ]);
  expect(messages[0]).toBe(messages[1]);
});

test("a disabled person's passkey opens nothing", async () => {
  const { actor, device } = await withPasskey();
  await db().user.update({ where: { id: actor.userId }, data: { disabledAt: now() } });
  await expect(signIn(device)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("attempts on one account are limited from however many networks they come", async () => {
  const { device } = await withPasskey();
  const { points } = limits["sign-in-account"];
  const codes: unknown[] = [];
  for (let i = 0; i <= points; i++) {
    const from = { ...visitor, ip: `198.51.100.${i}` };
    const { challengeId, options } = await beginPasskeySignIn(from);
    const answer = device.authenticate({ ...here, challenge: options.challenge }, { key: new TestAuthenticator() });
    codes.push(await signInWithPasskey(from, { challengeId, answer }).catch((error) => error.code));
  }
  expect(codes.slice(0, points).every((code) => code === "unauthenticated")).toBe(true);
  expect(codes.at(-1)).toBe("limited");
});

test.each([
  ["from another origin", { origin: "https://evil.example" }, {}],
  ["by a device that did not verify its user", {}, { userVerified: false }],
  ["over another challenge", { challenge: "AAAA" }, {}],
])("a passkey made %s is not added", async (_, ceremony, faults) => {
  const { actor } = await signedIn();
  const { challengeId, options } = await beginPasskey(actor);
  const answer = new TestAuthenticator().register({ ...here, challenge: options.challenge, ...ceremony }, faults);
  await expect(addPasskey(actor, { challengeId, name: "x", answer })).rejects.toMatchObject({ code: "invalid" });
  expect(await db().passkey.count()).toBe(0);
});

test("a challenge begun by one person adds no passkey to another", async () => {
  const [one, other] = [await signedIn(), await signedIn()];
  const { challengeId, options } = await beginPasskey(one.actor);
  const answer = new TestAuthenticator().register({ ...here, challenge: options.challenge });
  const stolen = addPasskey(other.actor, { challengeId, name: "x", answer });
  await expect(stolen).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a challenge to sign in adds no passkey", async () => {
  const { actor } = await signedIn();
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const answer = new TestAuthenticator().register({ ...here, challenge: options.challenge });
  const crossed = addPasskey(actor, { challengeId, name: "x", answer });
  await expect(crossed).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a session left open, and an API token, add no lasting way in", async () => {
  const { actor } = await signedIn();
  await expect(beginPasskey({ ...actor, sessionId: null, tokenId: "t" })).rejects.toMatchObject({ code: "forbidden" });
  const [administrator, token] = [
    { ...actor, roles: ["administrator" as const] },
    { name: "x", scopes: ["audit:read" as const] },
  ];
  expect((await createApiToken(administrator, token)).scopes).toEqual(["audit:read"]);
  setClock(plus(now(), hourMs));
  await expect(beginPasskey(actor)).rejects.toMatchObject({ code: "forbidden" });
  await expect(createApiToken(administrator, token)).rejects.toMatchObject({ code: "forbidden" });
});

test("a passkey is renamed and removed by its person, and by nobody without the right", async () => {
  const { actor, device } = await withPasskey();
  const { actor: other } = await signedIn();
  const id = device.id.toString("base64url");
  await renamePasskey(actor, { id, name: "Key on the desk" });
  await expect(renamePasskey(other, { id, name: "Mine" })).rejects.toMatchObject({ code: "not_found" });
  await expect(removePasskey(other, { id })).rejects.toMatchObject({ code: "forbidden" });
  await removePasskey(actor, { id });
  await expect(signIn(device)).rejects.toMatchObject({ code: "unauthenticated" });
});

async function signIn(device: TestAuthenticator, faults: Parameters<TestAuthenticator["authenticate"]>[1] = {}) {
  const { challengeId, options } = await beginPasskeySignIn(visitor);
  const answer = device.authenticate({ ...here, challenge: options.challenge }, faults);
  return signInWithPasskey(visitor, { challengeId, answer });
}

async function withPasskey(): Promise<{ actor: PersonActor; device: TestAuthenticator }> {
  const { actor } = await signedIn();
  const device = new TestAuthenticator();
  const { challengeId, options } = await beginPasskey(actor);
  const answer = device.register({ ...here, challenge: options.challenge });
  await addPasskey(actor, { challengeId, name: "Laptop", answer });
  return { actor, device };
}

async function signedIn(): Promise<{ actor: PersonActor }> {
  const user = await db().user.create({ data: { name: "Ann", roles: ["member"] } });
  const session = await transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "link", visitor }));
  return { actor: personActor({ ...user, userId: user.id, sessionId: session.id, authenticatedBy: "link" }, null) };
}
