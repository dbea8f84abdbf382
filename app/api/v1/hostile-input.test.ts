import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { createConnection } from "@/lib/connections/create-connection";
import { runSync } from "@/lib/connections/run-sync";
import { db, rows } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import { GET, POST } from "./[...path]/route";
import type { Endpoint } from "./endpoint";
import { endpoints } from "./endpoints";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let token = "";
const real: Record<string, string> = {};

// A real inventory, so that an input that widens a filter shows.
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  database = await freshDatabase();
  const url = new URL(database.url);
  const place = { host: url.hostname, port: Number(url.port), user: url.username, database: url.pathname.slice(1) };
  const made = await createConnection(system("test"), {
    name: "own",
    connector: "postgresql",
    settings: { ...place, databases: "one", sslmode: "disable" },
    secrets: { password: decodeURIComponent(url.password) },
  });
  await runSync(system("test"), { runId: made.runId ?? "" });
  await db().user.create({ data: { name: "Ada", email: "ada@acme.test", roles: ["administrator"] } });
  token = (await createApiToken(system("test"), { name: "t", for: "ada@acme.test" })).token;
  for (const table of ["identities", "resources", "connections", "sync_runs"]) {
    const [row] = await rows<{ id: string }>(`select id from ${table} limit 1`);
    real[table.replace("sync_runs", "syncs")] = row?.id ?? randomUUID();
  }
  await rows("create table canary as select 1 as alive");
});
afterAll(() => database.drop());

// As sqlmap tries them: by error, by truth, by union, by a second statement, by time, and out of a string, a number, an
// identifier, a pattern, an array or JSON.
const injections = [
  "'",
  "''",
  '"',
  "\\",
  "\\'",
  "`",
  ";",
  "--",
  "/*",
  "%",
  "_",
  "%%%_",
  "' or '1'='1",
  "' or 1=1 --",
  "') or ('1'='1",
  "')) or 1=1 --",
  '" or ""="',
  "1 or 1=1",
  "1) or (1=1",
  "name' or '1'='1",
  "name; drop table canary; --",
  "'; drop table canary; --",
  "'); drop table canary; --",
  "' union select null, null, null --",
  "') union all select id, name, name from users --",
  "' and 1=cast((select token_hash from sessions limit 1) as int) --",
  "'||(select token_hash from sessions limit 1)||'",
  "' || pg_sleep(1) --",
  "1; select pg_sleep(1)",
  "(select pg_sleep(1))",
  "(case when (1=1) then name else id end)",
  "-name, (select 1)",
  "name desc, (select 1)",
  "name nulls first",
  "id::text",
  "$1",
  "$$; drop table canary; $$",
  "{}",
  "{a,b",
  '{"not":""}',
  '{"contains":"a"}',
  "[object Object]",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u02bc or 1=1",
  "\uff07 or 1=1",
  "e'\\x27'",
  "U&'\\0027'",
  "__proto__",
  "constructor",
  "constructor.prototype",
  "hasOwnProperty",
  "toString",
  "../../etc/passwd",
  "a".repeat(5_000),
  "(".repeat(500),
  "1e309",
  "-1",
  "99999999999999999999",
  "NaN",
];

const lists = endpoints.filter((it) => it.method === "GET" && it.query);
const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

function parametersOf(endpoint: Endpoint): string[] {
  const schema = z.toJSONSchema(endpoint.query ?? z.strictObject({}), { io: "input", unrepresentable: "any" });
  return Object.keys(schema.properties ?? {});
}

async function ask(endpoint: Endpoint, query: Record<string, string>) {
  const path = endpoint.path.replace(/^\/(\w+)\/\{id\}/, (_, list: string) => `/${list}/${real[list]}`);
  const address = `http://rollcall.test/api/v1${path}?${new URLSearchParams(query)}`;
  const answer = await GET(new Request(address, { headers: { authorization: `Bearer ${token}` } }));
  return { status: answer.status, body: await answer.text() };
}

async function nothingHappened(): Promise<void> {
  expect(await rows("select alive from canary")).toEqual([{ alive: 1 }]);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
}

const itemsIn = (body: string): number => JSON.parse(body).items?.length ?? 0;

test.each(lists.map((it) => [nameOf(it), it] as const))(
  "%s takes whatever stands in a parameter for a value, or refuses it",
  async (_name, endpoint) => {
    const all = itemsIn((await ask(endpoint, {})).body);
    for (const parameter of parametersOf(endpoint)) {
      for (const injection of injections) {
        const { status, body } = await ask(endpoint, { [parameter]: injection });
        expect([200, 404, 422], `${parameter}=${injection}: ${body.slice(0, 300)}`).toContain(status);
        expect(body, parameter).not.toMatch(/syntax error at|SQLSTATE|PrismaClient/);
        // A truth from outside would show everything that there is.
        const isTruth = /or\s+\(?['"]?1|""="/.test(injection);
        if (status === 200 && isTruth && all > 0) expect(itemsIn(body), `${parameter}=${injection}`).toBe(0);
      }
    }
    await nothingHappened();
  },
);

test.each(lists.map((it) => [nameOf(it), it] as const))(
  "%s answers any text in any parameter without a fault",
  async (_name, endpoint) => {
    const names = [...parametersOf(endpoint), "__proto__", "constructor", "then"];
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(...injections),
      fc.string({ maxLength: 400 }),
    );
    const queries = fc.dictionary(fc.constantFrom(...names), texts, { maxKeys: 4, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const { status } = await ask(endpoint, query);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 40 },
    );
    await nothingHappened();
  },
);

const poisons = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"settings":{"__proto__":{"polluted":true}}}',
  '{"settings":{"constructor":{"prototype":{"polluted":true}}},"name":"x","connector":"postgresql"}',
  '{"name":"x","connector":"__proto__","settings":{}}',
  '{"name":"x","connector":"constructor","settings":{}}',
  '{"connection":"__proto__","events":[{"account":"constructor","at":"2026-01-01T00:00:00Z"}]}',
  '{"name":"x","scopes":["__proto__"]}',
  '{"name":"x","scopes":["constructor"]}',
  '{"then":"x"}',
  '{"evaluations":[{"subject":{"type":"__proto__","id":"__proto__"},"action":{"name":"__proto__"},"resource":{"type":"constructor","id":"toString"},"context":{"connection":"own"}}]}',
];

test("no body and no parameter reaches the prototype of anything", async () => {
  for (const endpoint of endpoints.filter((it) => it.method === "POST")) {
    for (const poison of poisons) {
      const path = endpoint.path.replace("{id}", randomUUID());
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const answer = await POST(
        new Request(`http://rollcall.test/api/v1${path}`, { method: "POST", headers, body: poison }),
      );
      expect(answer.status, `${nameOf(endpoint)} ${poison}`).toBeLessThan(500);
    }
  }
  await nothingHappened();
  expect(Reflect.ownKeys(Object.prototype)).toEqual(Reflect.ownKeys(Object.getPrototypeOf({})));
  const keys: string[] = [];
  for (const key in {}) keys.push(key);
  expect(keys).toEqual([]);
});

test("text that cannot be kept is refused by its field, and never breaks the call", async () => {
  for (const odd of ["a\\u0000b", "half of a pair \\ud800"]) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = `{"name":"${odd}","scopes":["inventory:read"]}`;
    const answer = await POST(new Request("http://rollcall.test/api/v1/tokens", { method: "POST", headers, body }));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: "invalid", errors: [{ field: "name" }] });
  }
});
