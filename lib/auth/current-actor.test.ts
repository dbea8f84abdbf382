import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { minuteMs, now, plus, setClock } from "../time";
import { actorOfRequest } from "./current-actor";
import { limits } from "./limit-sign-in";
import { hashOf, newSecret } from "./secret";
import { startSession } from "./session";
import { peerHeader } from "./visitor";

const visitor = { ip: "192.0.2.7", userAgent: "test", requestId: null, heldToken: null };
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await db().rateLimit.deleteMany();
});
afterAll(() => database.drop());

test("a token of its own acts as a program with its scopes", async () => {
  const { token, id } = await makeToken({ scopes: ["inventory:read"] });
  const actor = await actorOfRequest(call({ authorization: `Bearer ${token}`, "x-request-id": "r7" }));
  expect(actor).toMatchObject({ type: "workload", tokenId: id, scopes: ["inventory:read"], requestId: "r7" });
});

test("a personal token acts as its person, with everything or with its scopes", async () => {
  const user = await db().user.create({ data: { name: "Ann", roles: ["auditor"] } });
  const whole = await makeToken({ scopes: ["all"], userId: user.id });
  const narrow = await makeToken({ scopes: ["audit:read"], userId: user.id });
  const actorOf = (token: string) => actorOfRequest(call({ authorization: `Bearer ${token}` }));
  expect(await actorOf(whole.token)).toMatchObject({ userId: user.id, roles: ["auditor"], scopes: null });
  expect(await actorOf(narrow.token)).toMatchObject({ userId: user.id, scopes: ["audit:read"], sessionId: null });
});

test("a revoked token, an ended one, and that of a disabled person are refused at the next call", async () => {
  const user = await db().user.create({ data: { name: "Ann" } });
  for (const end of [
    (id: string) => db().apiToken.update({ where: { id }, data: { revokedAt: now() } }),
    (id: string) => db().apiToken.update({ where: { id }, data: { expiresAt: now() } }),
    () => db().user.update({ where: { id: user.id }, data: { disabledAt: now() } }),
  ]) {
    const { token, id } = await makeToken({ scopes: ["all"], userId: user.id });
    await actorOfRequest(call({ authorization: `Bearer ${token}` }));
    await end(id);
    const again = actorOfRequest(call({ authorization: `Bearer ${token}` }));
    await expect(again).rejects.toMatchObject({ code: "unauthenticated" });
  }
});

test("a token's last use is written at most once a minute", async () => {
  const { token, id } = await makeToken({ scopes: ["audit:read"] });
  const at = now();
  const lastUse = async () => (await db().apiToken.findUniqueOrThrow({ where: { id } })).lastUsedAt;
  for (const [afterMs, expected] of [
    [0, at],
    [minuteMs - 1, at],
    [minuteMs + 1, plus(at, minuteMs + 1)],
  ] as const) {
    setClock(plus(at, afterMs));
    await actorOfRequest(call({ authorization: `Bearer ${token}` }));
    expect(await lastUse()).toEqual(expected);
  }
  setClock(null);
});

test.each([
  ["nothing", {}],
  ["an empty token", { authorization: "Bearer " }],
  ["a word that is no token", { authorization: "Bearer nonsense" }],
  ["another scheme", { authorization: "Basic YTpi" }],
  ["a broken cookie", { cookie: "rollcall=%%%; rollcall" }],
  ["somebody else's cookie name", { cookie: "__Host-rollcall=x" }],
  ["a token with a NUL", { authorization: "Bearer a%00b" }],
])("%s is nobody", async (_, headers) => {
  await expect(actorOfRequest(call(headers))).rejects.toMatchObject({ code: "unauthenticated" });
});

test("the hash that the database holds opens nothing", async () => {
  const { token } = await makeToken({ scopes: ["audit:read"] });
  const stolen = actorOfRequest(call({ authorization: `Bearer ${hashOf(token)}` }));
  await expect(stolen).rejects.toMatchObject({ code: "unauthenticated" });
});

test("guessing tokens is refused after a while, by network, and a good token still works", async () => {
  for (let i = 0; i < limits["token-network"].points; i++) {
    const guess = actorOfRequest(call({ authorization: `Bearer guess${i}`, [peerHeader]: "198.51.100.9" }));
    await expect(guess).rejects.toMatchObject({ code: "unauthenticated" });
  }
  const next = actorOfRequest(call({ authorization: "Bearer guess", [peerHeader]: "198.51.100.9" }));
  await expect(next).rejects.toMatchObject({ code: "limited" });
  const { token } = await makeToken({ scopes: ["audit:read"] });
  await actorOfRequest(call({ authorization: `Bearer ${token}`, [peerHeader]: "198.51.100.9" }));
});

test("a session's cookie is believed for reading from anywhere, and for writing only from our own page", async () => {
  const cookie = `rollcall=${await signedIn()}`;
  const host = { host: "localhost:3000", cookie };
  await actorOfRequest(call(host));
  await actorOfRequest(call({ ...host, origin: "http://localhost:3000", "sec-fetch-site": "same-origin" }, "POST"));
  for (const headers of [host, { ...host, origin: "https://evil.example" }, { ...host, origin: "null" }]) {
    await expect(actorOfRequest(call(headers, "POST"))).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("a bad token is refused even when a good cookie comes with it", async () => {
  const cookie = `rollcall=${await signedIn()}`;
  const both = actorOfRequest(call({ cookie, authorization: "Bearer nonsense" }));
  await expect(both).rejects.toMatchObject({ code: "unauthenticated" });
});

async function signedIn(): Promise<string> {
  const { id } = await db().user.create({ data: { name: "Ann" } });
  return (await transaction((tx) => startSession(tx, { userId: id, authenticatedBy: "oidc", visitor }))).token;
}

async function makeToken(data: { scopes: string[]; userId?: string }): Promise<{ id: string; token: string }> {
  const token = newSecret("rollcall_");
  const { id } = await db().apiToken.create({
    data: { ...data, name: "test", tokenHash: hashOf(token), hint: "", createdBy: "t", expiresAt: plus(now(), 1e9) },
  });
  return { id, token };
}

function call(headers: Record<string, string>, method = "GET"): Request {
  return new Request("http://localhost:3000/api/v1/identities", { method, headers });
}
