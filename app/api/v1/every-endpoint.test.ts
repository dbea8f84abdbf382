import Ajv2020 from "ajv/dist/2020";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { own, permissions, type Role, roles, scopeNames, scopes } from "@/lib/auth/permissions";
import { createConnection } from "@/lib/connections/create-connection";
import { runSync } from "@/lib/connections/run-sync";
import { db, rows } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { makeAccessRows } from "@/lib/requests/test-access-rows";
import { GET, POST } from "./[...path]/route";
import type { Endpoint } from "./endpoint";
import { endpoints } from "./endpoints";
import { accessExamples, type Caller, type Example } from "./test-access-examples";
import { editingExamples } from "./test-editing-examples";
import { allExamples } from "./test-examples";
import { leavingExamples } from "./test-leaving-examples";

let database: Awaited<ReturnType<typeof freshDatabase>>;
const world = {
  connection: "",
  run: "",
  identity: "",
  account: "",
  resource: "",
  connectionName: "own",
  ownConnection,
};
const examples = {
  ...allExamples(world),
  ...accessExamples(() => access),
  ...leavingExamples(),
  ...editingExamples(world),
};
const tokens = new Map<Role, string>();
let access: Awaited<ReturnType<typeof makeAccessRows>>;

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
  access = await makeAccessRows(world.connection);
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

const nameOf = (endpoint: Endpoint) => `${endpoint.method} ${endpoint.path}`;

async function call(
  endpoint: Endpoint,
  who: Caller,
  token: string | undefined,
): Promise<{ response: Response; expected: number | undefined }> {
  const example = await examples[nameOf(endpoint)]?.(who);
  if (!example) throw new Error(`There is no example of ${nameOf(endpoint)}`);
  const body = example.body ? JSON.stringify(example.body()) : undefined;
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), "content-type": "application/json" };
  const url = `http://rollcall.test/api/v1${example.path ?? endpoint.path}${example.query ?? ""}`;
  const request = new Request(url, { method: endpoint.method, headers, body });
  const response = await (endpoint.method === "GET" ? GET : POST)(request);
  return {
    response,
    expected: example.status?.(who) ?? (who === "program" ? undefined : statusFor(endpoint, who, example)),
  };
}

function statusFor(endpoint: Endpoint, role: Role, { ownStatus = 403 }: Example): number {
  const done = endpoint.status ?? 200;
  const { permission } = endpoint;
  if (permission === null || (permissions[permission] as readonly Role[]).includes(role)) return done;
  return (own as readonly string[]).includes(permission) ? ownStatus : 403;
}

type OpenApi = {
  paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>>;
  components: { schemas: { Problem: object } };
};

async function described(): Promise<{ document: OpenApi; ajv: Ajv2020 }> {
  const endpoint = endpoints.find((candidate) => candidate.path === "/openapi.json");
  if (!endpoint) throw new Error("there is no openapi.json");
  const document = (await (await call(endpoint, "member", tokens.get("member"))).response.json()) as OpenApi;
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
      const { response, expected } = await call(endpoint, role, tokens.get(role));
      const body = await response.json();
      expect([role, response.status, response.status >= 400 && body]).toEqual([
        role,
        expected,
        response.status >= 400 && body,
      ]);
      const fits = response.status < 400 ? isAnswer : isProblem;
      expect([role, fits(body) || fits.errors, body]).toEqual([role, true, body]);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
    }
    const { response: anonymous } = await call(endpoint, "member", undefined);
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
      const { response, expected = endpoint.status ?? 200 } = await call(endpoint, "program", token);
      expect([scope, nameOf(endpoint), response.status]).toEqual([scope, nameOf(endpoint), carried ? expected : 403]);
    }
  }
});

test("a field that a call does not have is refused, also one that a table has", async () => {
  const columns = await rows<{ name: string }>(
    "select distinct column_name as name from information_schema.columns where table_schema = 'public'",
  );
  const camel = (text: string) => text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const names = new Set(columns.flatMap(({ name }) => [name, camel(name), "constructor", "AND"]));
  // An evaluation is in the shape of AuthZEN, which is extended by fields that others may not know; it changes nothing.
  const withBody = endpoints.filter((endpoint) => endpoint.body && endpoint.path !== "/access/evaluations");
  for (const endpoint of withBody) {
    const example = await examples[nameOf(endpoint)]?.("member");
    const body = Object(example?.body?.() ?? {});
    expect([nameOf(endpoint), endpoint.body?.safeParse(body).success]).toEqual([nameOf(endpoint), true]);
    const schema = z.toJSONSchema(endpoint.body ?? z.never(), { io: "input", unrepresentable: "any" });
    // A body that comes in several kinds has the fields of each of them.
    const shapes = [schema, ...(schema.oneOf ?? [])].map((one) => Object(Object(one).properties));
    const unknown = [...names].filter((name) => !shapes.some((fields) => Object.hasOwn(fields, name)));
    const taken = unknown.filter((name) => endpoint.body?.safeParse({ ...body, [name]: "x" }).success);
    expect([nameOf(endpoint), taken]).toEqual([nameOf(endpoint), []]);
    // Nor anywhere within it, where the example has things within things; settings and secrets are for each connector to check.
    const within = nested(body).filter(({ path }) => !/^(settings|secrets)\b/.test(path));
    const takenWithin = within.filter(({ with: extended }) => endpoint.body?.safeParse(extended).success);
    expect([nameOf(endpoint), takenWithin.map(({ path }) => path)]).toEqual([nameOf(endpoint), []]);
    const texts = Object.keys(body).filter((key) => typeof body[key] === "string");
    const operators = texts.filter((key) => endpoint.body?.safeParse({ ...body, [key]: { not: "" } }).success);
    expect([nameOf(endpoint), operators]).toEqual([nameOf(endpoint), []]);
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

/** The body once for each object inside it, with a field there that tables have and calls do not. */
function nested(body: object, path = ""): { path: string; with: object }[] {
  return Object.entries(body).flatMap(([key, value]) => {
    if (typeof value !== "object" || value === null) return [];
    const at = path === "" ? key : `${path}.${key}`;
    const put = (inner: object) => ({ ...body, [key]: Array.isArray(value) ? Object.values(inner) : inner });
    const own = Array.isArray(value) ? [] : [{ path: at, with: put({ ...value, decidedBy: "x" }) }];
    return [...own, ...nested(value, at).map((it) => ({ ...it, with: put(it.with) }))];
  });
}
