import { randomUUID } from "node:crypto";
import Ajv2020 from "ajv/dist/2020";
import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { own, permissions, type Role, roles, scopeNames, scopes } from "@/lib/auth/permissions";
import { createConnection } from "@/lib/connections/create-connection";
import { runSync } from "@/lib/connections/run-sync";
import { db, rows } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { createChannel } from "@/lib/messages/create-channel";
import { sendTest } from "@/lib/messages/send-test";
import { GET, POST } from "./[...path]/route";
import type { Endpoint } from "./endpoint";
import { endpoints } from "./endpoints";

let database: Awaited<ReturnType<typeof freshDatabase>>;
const world = { connection: "", run: "", identity: "", account: "", resource: "", connectionName: "own" };
const tokens = new Map<Role, string>();

// A real PostgreSQL (the one these tests run on) is read into the inventory first: every answer is about real things.
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  database = await freshDatabase();
  for (const role of roles) {
    const email = `${role}@example.com`;
    await db().user.create({ data: { email, name: role, roles: [role] }, select: { id: true } });
    tokens.set(role, (await createApiToken(system("test"), { name: role, for: email })).token);
  }
  const made = await createConnection(system("test"), ownConnection(world.connectionName));
  world.connection = made.id;
  world.run = made.runId ?? "";
  expect(await runSync(system("test"), { runId: world.run })).toBe(true);
  world.identity = await one("select id from identities where removed_at is null order by reaches desc limit 1");
  world.account = await one(
    "select external_id as id from principals where type = 'account' and removed_at is null limit 1",
  );
  world.resource = await one(
    "select r.id from resources r join entitlements e on e.resource_id = r.id where r.type = 'table' limit 1",
  );
});
afterAll(() => database.drop());

function ownConnection(name: string) {
  const url = new URL(database.url);
  const settings = {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    database: url.pathname.slice(1),
    databases: "one",
    sslmode: "disable",
  };
  return { name, connector: "postgresql", settings, secrets: { password: decodeURIComponent(url.password) } };
}

async function one(sql: string): Promise<string> {
  const [row] = await rows<{ id: string }>(sql);
  if (!row) throw new Error(`the world has no row for: ${sql}`);
  return row.id;
}

type Example = { path?: string; query?: string; body?: () => unknown; ownStatus?: 200 | 403 };

async function channelId(): Promise<string> {
  const input = { name: randomUUID(), kind: "webhook", url: "https://hooks.example.com/x" } as const;
  return (await createChannel(system("test"), input)).id;
}

async function deliveryId(): Promise<string> {
  const { deliveries } = await sendTest(system("test"), { channelId: await channelId() });
  return deliveries[0] ?? "";
}

/** How each endpoint is called. An endpoint that is not here fails the tests. */
const examples: Record<string, () => Example | Promise<Example>> = {
  "GET /identities": () => ({ query: "?limit=5&count=estimate&sort=name", ownStatus: 200 }),
  "GET /identities/{id}": () => ({ path: `/identities/${world.identity}` }),
  "GET /identities/{id}/usage": () => ({ path: `/identities/${world.identity}/usage` }),
  "GET /accounts": () => ({ query: "?limit=5&count=exact&connection=own", ownStatus: 200 }),
  "GET /credentials": () => ({ query: "?limit=5&sort=-made", ownStatus: 200 }),
  "GET /resources": () => ({ query: "?limit=5&count=exact&type=table" }),
  "GET /resources/{id}": () => ({ path: `/resources/${world.resource}` }),
  "GET /entitlements": () => ({ query: "?limit=5&connection=own&pattern=false" }),
  "GET /identities/{id}/access": () => ({ path: `/identities/${world.identity}/access`, query: "?limit=20&paths=3" }),
  "GET /resources/{id}/access": () => ({
    path: `/resources/${world.resource}/access`,
    query: "?limit=20",
    ownStatus: 200,
  }),
  "POST /access/evaluations": () => ({
    ownStatus: 200,
    body: () => ({
      evaluations: [
        {
          subject: { type: "account", id: world.account },
          action: { name: "SELECT" },
          resource: { type: "table", id: "public.users" },
          context: { connection: world.connectionName },
        },
      ],
    }),
  }),
  "GET /connections": () => ({}),
  "POST /connections": () => ({ body: () => ({ ...ownConnection(`c-${randomUUID().slice(0, 8)}`), syncNow: false }) }),
  "GET /connections/{id}": () => ({ path: `/connections/${world.connection}` }),
  "POST /connections/{id}/sync": () => ({ path: `/connections/${world.connection}/sync` }),
  "GET /syncs/{id}": () => ({ path: `/syncs/${world.run}` }),
  "POST /usage": () => ({
    body: () => ({
      connection: world.connectionName,
      events: [{ account: world.account, at: "2026-03-01T10:00:00Z", from: "10.0.0.1" }],
    }),
  }),
  "GET /audit/events": () => ({ query: "?limit=5" }),
  "GET /tokens": () => ({ query: "?limit=5", ownStatus: 200 }),
  "POST /tokens": () => ({ body: () => ({ name: "made by a test", scopes: ["audit:read"], expiresInDays: 1 }) }),
  "POST /tokens/{id}/revoke": async () => {
    const made = await createApiToken(system("test"), { name: "to revoke", scopes: ["audit:read"] });
    return { path: `/tokens/${made.id}/revoke` };
  },
  "GET /channels": () => ({}),
  "POST /channels": () => ({
    body: () => ({ name: randomUUID(), kind: "webhook", url: "https://hooks.example.com/x", events: ["access.ready"] }),
  }),
  "POST /channels/{id}/test": async () => ({ path: `/channels/${await channelId()}/test` }),
  "GET /deliveries": () => ({ query: "?limit=5&state=waiting" }),
  "GET /deliveries/{id}": async () => ({ path: `/deliveries/${await deliveryId()}` }),
  "POST /deliveries/{id}/retry": async () => ({ path: `/deliveries/${await deliveryId()}/retry` }),
  "GET /openapi.json": () => ({ ownStatus: 200 }),
};

const nameOf = (endpoint: Endpoint) => `${endpoint.method} ${endpoint.path}`;

async function call(endpoint: Endpoint, token: string | undefined): Promise<Response> {
  const example = await examples[nameOf(endpoint)]?.();
  if (!example) throw new Error(`There is no example of ${nameOf(endpoint)}`);
  const body = example.body ? JSON.stringify(example.body()) : undefined;
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), "content-type": "application/json" };
  const url = `http://rollcall.test/api/v1${example.path ?? endpoint.path}${example.query ?? ""}`;
  return (endpoint.method === "GET" ? GET : POST)(new Request(url, { method: endpoint.method, headers, body }));
}

async function expectedStatus(endpoint: Endpoint, role: Role): Promise<number> {
  const done = endpoint.status ?? 200;
  const { permission } = endpoint;
  if (permission === null || (permissions[permission] as readonly Role[]).includes(role)) return done;
  if (!(own as readonly string[]).includes(permission)) return 403;
  return (await examples[nameOf(endpoint)]?.())?.ownStatus ?? 403;
}

type OpenApi = {
  paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>>;
  components: { schemas: { Problem: object } };
};

async function described(): Promise<{ document: OpenApi; ajv: Ajv2020 }> {
  const endpoint = endpoints.find((candidate) => candidate.path === "/openapi.json");
  if (!endpoint) throw new Error("there is no openapi.json");
  const document = (await (await call(endpoint, tokens.get("member"))).json()) as OpenApi;
  return { document, ajv: new Ajv2020({ strict: false, validateFormats: false, allErrors: true }) };
}

test.each(endpoints.map((endpoint) => [nameOf(endpoint), endpoint] as const))(
  "%s answers what it describes, to each role as its permission says, and nobody without a token",
  async (_name, endpoint) => {
    const { document, ajv } = await described();
    const responses = document.paths[endpoint.path]?.[endpoint.method.toLowerCase()]?.responses;
    const done = String(endpoint.status ?? 200);
    const isAnswer = ajv.compile(responses?.[done]?.content["application/json"]?.schema ?? false);
    const isProblem = ajv.compile(document.components.schemas.Problem);
    for (const role of roles) {
      const response = await call(endpoint, tokens.get(role));
      const body = await response.json();
      expect([role, response.status, response.status >= 400 && body]).toEqual([
        role,
        await expectedStatus(endpoint, role),
        response.status >= 400 && body,
      ]);
      const fits = response.status < 400 ? isAnswer : isProblem;
      expect([role, fits(body) || fits.errors, body]).toEqual([role, true, body]);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
    const anonymous = await call(endpoint, undefined);
    expect(anonymous.status).toBe(401);
    expect(isProblem(await anonymous.json())).toBe(true);
  },
);

test("a program's token may do what one of its scopes carries, and nothing else", async () => {
  for (const scope of scopeNames) {
    const { token } = await createApiToken(system("test"), { name: scope, scopes: [scope] });
    for (const endpoint of endpoints) {
      const { permission } = endpoint;
      const carried = permission === null || (scopes[scope] as readonly string[]).includes(permission);
      const { status } = await call(endpoint, token);
      expect([scope, nameOf(endpoint), status]).toEqual([
        scope,
        nameOf(endpoint),
        carried ? (endpoint.status ?? 200) : 403,
      ]);
    }
  }
});

test("every list walks all of its items once by its cursor, in any limit", async () => {
  for (const path of ["/identities", "/accounts", "/credentials", "/resources", "/entitlements"]) {
    const walk = async (limit: number) => {
      const ids: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const url: string = `http://rollcall.test/api/v1${path}?limit=${limit}${cursor ? `&cursor=${cursor}` : ""}`;
        const headers = { authorization: `Bearer ${tokens.get("auditor")}` };
        const body = await (await GET(new Request(url, { headers }))).json();
        ids.push(...body.items.map((item: { id: string }) => item.id));
        cursor = body.nextCursor;
      }
      return ids;
    };
    const whole = await walk(500);
    expect([path, new Set(whole).size]).toEqual([path, whole.length]);
    expect([path, await walk(37)]).toEqual([path, whole]);
  }
});

test("every call is described once, with its permission and, where it changes something, an Idempotency-Key", async () => {
  const { document } = await described();
  const names = endpoints.map(nameOf);
  expect(new Set(names).size).toBe(names.length);
  const text = JSON.stringify(document);
  for (const endpoint of endpoints) {
    const operation = document.paths[endpoint.path]?.[endpoint.method.toLowerCase()];
    expect(operation, nameOf(endpoint)).toBeDefined();
    if (endpoint.permission) expect(JSON.stringify(operation)).toContain(endpoint.permission);
    const takesKey = JSON.stringify(operation).includes("Idempotency-Key");
    expect([nameOf(endpoint), takesKey]).toEqual([nameOf(endpoint), endpoint.method !== "GET" && !endpoint.safe]);
  }
  expect(text).toContain('"openapi":"3.1.0"');
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(ids).size).toBe(endpoints.length);
});
