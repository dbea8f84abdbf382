import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { callsPerMinute, countCall } from "@/lib/auth/limit-calls";
import type { Scope } from "@/lib/auth/permissions";
import { revokeApiToken } from "@/lib/auth/revoke-api-token";
import { closeDatabase, db } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { resetEnv } from "@/lib/env";
import { hourMs, setClock } from "@/lib/time";
import { GET, POST } from "./[...path]/route";

let drop: () => Promise<void>;
let administrator: string;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  administrator = await personalToken("ada@example.com", ["administrator"]);
});
afterAll(() => drop());

async function personalToken(email: string, roles: string[]): Promise<string> {
  await db().user.create({ data: { email, name: email, roles } });
  return (await createApiToken(system("test"), { name: `of ${email}`, for: email })).token;
}

async function workloadToken(scopes: Scope[]): Promise<string> {
  return (await createApiToken(system("test"), { name: "a program", scopes })).token;
}

function get(path: string, token?: string): Promise<Response> {
  return GET(request("GET", path, token));
}

function post(path: string, token: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return POST(request("POST", path, token, text, { "content-type": "application/json", ...headers }));
}

function request(method: string, path: string, token?: string, body?: string, headers: Record<string, string> = {}) {
  const authorization = token ? { authorization: `Bearer ${token}` } : undefined;
  return new Request(`http://rollcall.test/api/v1${path}`, { method, body, headers: { ...authorization, ...headers } });
}

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = await response.json();
  expect(body).toMatchObject({ type: "about:blank", status: response.status, requestId: expect.any(String) });
  return body;
}

test("a call without a token, or with one that nobody made, is refused as unauthenticated", async () => {
  for (const token of [undefined, "rollcall_made-up", "x".repeat(5000)]) {
    const response = await get("/tokens", token);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    expect((await problemOf(response)).code).toBe("unauthenticated");
  }
});

test("a revoked token, an ended token and the token of a disabled person are refused at the very next call", async () => {
  const revoked = await createApiToken(system("test"), { name: "to revoke", scopes: ["people:read"] });
  expect((await get("/tokens", revoked.token)).status).toBe(200);
  await revokeApiToken(system("test"), { id: revoked.id });
  expect((await get("/tokens", revoked.token)).status).toBe(401);

  const short = await createApiToken(system("test"), { name: "short", scopes: ["people:read"], expiresInDays: 1 });
  setClock(new Date(short.expiresAt.getTime() + hourMs));
  expect((await get("/tokens", short.token)).status).toBe(401);
  setClock(null);

  const person = await personalToken("gone@example.com", ["security"]);
  expect((await get("/tokens", person)).status).toBe(200);
  await db().user.updateMany({ where: { email: "gone@example.com" }, data: { disabledAt: new Date(0) } });
  expect((await get("/tokens", person)).status).toBe(401);
  expect(await db().auditEvent.count({ where: { action: "token.refused", outcome: "failed" } })).toBeGreaterThanOrEqual(
    3,
  );
});

test("an address that is not there is 404 and a method it does not take is 405 with those it takes", async () => {
  expect((await problemOf(await get("/nothing", administrator))).code).toBe("not_found");
  const response = await POST(request("POST", "/openapi.json", administrator));
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET");
  expect((await problemOf(response)).code).toBe("method_not_allowed");
});

test("an unknown, repeated or wrong parameter or field is refused by its name", async () => {
  for (const path of ["/tokens?nonsense=1", "/tokens?limit=5&limit=6", "/tokens?limit=501", "/tokens?cursor=zzz"]) {
    const response = await get(path, administrator);
    expect([path, response.status]).toEqual([path, 422]);
    expect((await problemOf(response)).code).toBe("invalid");
  }
  const extra = await post("/tokens", administrator, { name: "x", scopes: ["audit:read"], createdBy: "me" });
  expect(extra.status).toBe(422);
  expect((await problemOf(extra)).detail).toContain("createdBy");
});

test("a body that two readers could take differently is refused before anything is done", async () => {
  const bodies = [
    '{"name":"a","name":"b","scopes":["audit:read"]}',
    '{"name":"a","na\\u006de":"b","scopes":["audit:read"]}',
    '{"name":"a","scopes":["audit:read"],"__proto__":{"x":1}}',
    "{",
    "",
    `${"[".repeat(40)}${"]".repeat(40)}`,
  ];
  for (const body of bodies) {
    const response = await post("/tokens", administrator, body);
    expect([body, response.status]).toEqual([body, 400]);
    expect((await problemOf(response)).code).toBe("malformed");
  }
  const text = await post("/tokens", administrator, "name=a", { "content-type": "application/x-www-form-urlencoded" });
  expect((await problemOf(text)).code).toBe("unsupported_media_type");
});

test("a body over the limit is refused while it is read, whatever length it claims", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const init = { method: "POST", body: endless, duplex: "half" } as RequestInit;
  const headers = { authorization: `Bearer ${administrator}`, "content-type": "application/json" };
  const response = await POST(new Request("http://rollcall.test/api/v1/tokens", { ...init, headers }));
  expect(response.status).toBe(413);
  expect(sent).toBeLessThan(2_000_000);
});

test("what a role may not do is forbidden, and the attempt is in the record", async () => {
  const member = await personalToken("mia@example.com", ["member"]);
  const response = await post("/tokens", member, { name: "mine", scopes: ["audit:read"] });
  expect((await problemOf(response)).code).toBe("forbidden");
  expect(await db().auditEvent.count({ where: { action: "token.create", outcome: "denied" } })).toBe(1);
  const reading = await workloadToken(["inventory:read"]);
  expect((await get("/tokens", reading)).status).toBe(403);
});

test("a member sees only tokens that act as them, and cannot revoke another's", async () => {
  const member = await personalToken("own@example.com", ["member"]);
  const { items } = await (await get("/tokens", member)).json();
  expect(items.map((item: { for: string }) => item.for)).toEqual(["own@example.com"]);
  const { items: all } = await (await get("/tokens?limit=500", administrator)).json();
  const other = all.find((item: { for: string | null }) => item.for === "ada@example.com");
  expect((await post(`/tokens/${other.id}/revoke`, member, "")).status).toBe(403);
});

test("an id that cannot be one is the id of nothing", async () => {
  expect((await post("/tokens/not-an-id/revoke", administrator, "")).status).toBe(404);
  expect((await post(`/tokens/${randomUUID()}/revoke`, administrator, "")).status).toBe(404);
});

test("pages of a list hold each item once and end with no cursor", async () => {
  for (let index = 0; index < 5; index++) await workloadToken(["audit:read"]);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const path: string = `/tokens?limit=2${cursor ? `&cursor=${cursor}` : ""}`;
    const body = await (await get(path, administrator)).json();
    seen.push(...body.items.map((item: { id: string }) => item.id));
    cursor = body.nextCursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBe(await db().apiToken.count());
});

test("the same key with the same request does it once; with another request it is a conflict", async () => {
  const made = await createApiToken(system("test"), { name: "once", scopes: ["audit:read"] });
  const key = { "idempotency-key": randomUUID() };
  const first = await post(`/tokens/${made.id}/revoke`, administrator, "", key);
  const again = await post(`/tokens/${made.id}/revoke`, administrator, "", key);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
  const other = await createApiToken(system("test"), { name: "other", scopes: ["audit:read"] });
  expect((await post(`/tokens/${other.id}/revoke`, administrator, "", key)).status).toBe(409);
});

test("ten calls at once with one key make one token, and the secret is not kept for the others", async () => {
  const key = { "idempotency-key": randomUUID() };
  const body = { name: "of ten", scopes: ["audit:read"] };
  const answers = await Promise.all(Array.from({ length: 10 }, () => post("/tokens", administrator, body, key)));
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array(9).fill(409)]);
  expect(await db().apiToken.count({ where: { name: "of ten" } })).toBe(1);
  const kept = await db().idempotencyKey.findFirst({ where: { key: key["idempotency-key"] } });
  expect(kept?.answer).toBeNull();
});

test("every answer names its request and may be kept by no cache", async () => {
  for (const response of [await get("/tokens", administrator), await get("/tokens"), await get("/x", administrator)]) {
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{8,}$/);
  }
});

test("a database that is away is 503 with Retry-After, and the same call works when it is back", async () => {
  const address = process.env.DATABASE_URL;
  await closeDatabase();
  process.env.DATABASE_URL = "postgresql://nobody@127.0.0.1:9/none";
  resetEnv();
  const away = await get("/tokens", administrator);
  expect(away.status).toBe(503);
  expect(Number(away.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(away)).code).toBe("unavailable");
  await closeDatabase();
  process.env.DATABASE_URL = address;
  resetEnv();
  expect((await get("/tokens", administrator)).status).toBe(200);
});

test("a token that calls too often is told to wait, and others are not", async () => {
  const made = await createApiToken(system("test"), { name: "busy", scopes: ["people:read"] });
  const busy = { type: "workload" as const, tokenId: made.id, name: "busy", scopes: [], requestId: null };
  for (let call = 0; call < callsPerMinute; call++) countCall(busy);
  const limited = await get("/tokens", made.token);
  expect(limited.status).toBe(429);
  expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await problemOf(limited)).code).toBe("limited");
  expect((await get("/tokens", administrator)).status).toBe(200);
});
