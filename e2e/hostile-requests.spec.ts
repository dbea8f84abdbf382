import { readFile } from "node:fs/promises";
import path from "node:path";
import { askRaw, type RawCall } from "./ask-raw";
import { expect, request, test } from "./journey";
import { signInWith, startsSession } from "./single-sign-on";
import { type Database, startDatabase } from "./start-database";
import { type ForgingIssuer, honest, signOnBy, startForgingIssuer } from "./start-forging-issuer";
import { type Product, startProduct } from "./start-product";
import { type BareWeb, startWithoutProxy } from "./start-without-proxy";

// Requests as no browser makes them, byte for byte: to the product, and to the same build without proxy.ts, which may
// decorate answers and must decide nothing.
const ports = { product: 4360, issuer: 4361, bare: 4362 };
const address = `http://localhost:${ports.product}`;
const doors = [ports.product, ports.bare];
let database: Database;
let issuer: ForgingIssuer;
let product: Product;
let bare: BareWeb;
let cookie = "";
/** Texts that stand on signed-in pages only. */
let canaries: string[] = [];
const ids = { identity: "", resource: "", connection: "", person: "" };

test.beforeAll(async () => {
  test.setTimeout(300_000);
  database = await startDatabase();
  issuer = await startForgingIssuer(ports.issuer);
  issuer.say({ sub: "ada", name: "Ada Canary-Ames", groups: ["rollcall-administrators"] }, honest);
  const env = {
    DATABASE_URL: database.url,
    NEXTAUTH_URL: address,
    NEXTAUTH_SECRET: "a-secret-that-both-were-given",
    ROLLCALL_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString("base64"),
    ...signOnBy(issuer),
  };
  product = await startProduct({ port: ports.product, env });
  bare = await startWithoutProxy(ports.bare, env);
  const browser = await request.newContext({ storageState: { cookies: [], origins: [] } });
  expect(startsSession(await signInWith(browser, { begin: address }))).toBe(true);
  cookie = (await browser.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  await expect
    .poll(async () => (await one("identities")) && (await one("resources")), { timeout: 60_000 })
    .toBeTruthy();
  Object.assign(ids, { identity: await one("identities"), resource: await one("resources") });
  Object.assign(ids, { connection: await one("connections"), person: await one("users", "where name like 'Ada%'") });
  canaries = ["Canary-Ames", ...Object.values(ids)];
  for (const port of doors)
    await expect.poll(async () => (await askRaw({ port, path: "/api/health" })).status).toBe(200);
});
test.afterAll(async () => {
  await bare?.stop();
  await product?.stop();
  await issuer?.stop();
  await database?.stop();
});

async function one(table: string, where = "where removed_at is null"): Promise<string> {
  const found = await database.rows<{ id: string }>(`select id from ${table} ${where} limit 1`).catch(() => []);
  return found[0]?.id ?? "";
}

const open = /^\/(sign-in|api\/(auth|health|ready)|metrics|_not-found|_global-error|icon)/;

/** Every page and route of the build that is not for everybody, with real ids. */
async function closedPaths(): Promise<string[]> {
  const manifest: Record<string, string> = JSON.parse(await readFile(".next/app-path-routes-manifest.json", "utf8"));
  return [...new Set(Object.values(manifest))]
    .filter((route) => !open.test(route))
    .map((route) =>
      route
        .replace("/api/v1/[...path]", "/api/v1/identities")
        .replace(/^\/(identities|resources|connections|people)\/\[id\]/, (_, list: string) => `/${list}/${idIn(list)}`),
    );
}

function idIn(list: string): string {
  return { identities: ids.identity, resources: ids.resource, connections: ids.connection }[list] ?? ids.person;
}

const headerTricks: Record<string, string>[] = [
  {},
  { accept: "text/html" },
  { rsc: "1" },
  { rsc: "1", "next-router-prefetch": "1" },
  { rsc: "1", "next-router-prefetch": "2" },
  { rsc: "1", "next-router-segment-prefetch": "/_tree" },
  { rsc: "1", "next-router-segment-prefetch": "/__PAGE__" },
  { rsc: "1", "next-router-state-tree": encodeURIComponent('["",{"children":["__PAGE__",{}]}]'), "next-url": "/" },
  { "x-middleware-subrequest": Array.from({ length: 5 }, () => "proxy").join(":") },
  { "x-middleware-subrequest": Array.from({ length: 5 }, () => "src/middleware").join(":") },
  { "x-middleware-subrequest": Array.from({ length: 5 }, () => "middleware").join(":") },
  { "x-middleware-prefetch": "1", purpose: "prefetch" },
  { "x-middleware-rewrite": "/identities", "x-middleware-next": "1" },
  { "x-matched-path": "/identities", "x-invoke-path": "/identities", "x-now-route-matches": "1=identities" },
  { "x-original-url": "/identities", "x-rewrite-url": "/identities", "x-forwarded-host": "evil.example" },
  { "x-rollcall-path": "/", "x-rollcall-peer": "127.0.0.1", "x-nonce": "x" },
  { cookie: "rollcall=forged; __Host-rollcall=forged; next-auth.session-token=forged" },
  { cookie: `rollcall=${"a".repeat(43)}; __prerender_bypass=1; __next_preview_data=1` },
  { authorization: "Bearer forged" },
  { authorization: "Basic YWRtaW46YWRtaW4=" },
];
const pathTricks: ((at: string) => string)[] = [
  (at) => `${at}/`,
  (at) => `/${at}`,
  (at) => `/.${at}`,
  (at) => `/x/..${at}`,
  (at) => `${at}.rsc`,
  (at) => `${at}.json`,
  (at) => `${at}.segments/_tree.segment.rsc`,
  (at) => `${at}.segments/__PAGE__.segment.rsc`,
  (at) => `${at}?_rsc=1`,
  (at) => `${at}?nxtPid=${ids.identity}&id=${ids.identity}`,
  (at) => `/%${at.charCodeAt(1).toString(16)}${at.slice(2)}`,
  (at) => `/%25${at.charCodeAt(1).toString(16)}${at.slice(2)}`,
  (at) => at.replaceAll("/", "%2f").replace("%2f", "/"),
  (at) => at.replaceAll("/", "\\"),
  (at) => at.toUpperCase(),
  (at) => `/en${at}`,
  (at) => `${at};x=1`,
  (at) => `${at}%00`,
  (at) => `/_next/data/build${at}.json`,
  (at) => `/_next/image?url=${encodeURIComponent(at)}&w=64&q=75`,
  (at) => `http://localhost${at}`,
];

test("no header and no way of writing a path shows anything of the inventory, with proxy.ts or without it", async () => {
  test.setTimeout(180_000);
  const paths = await closedPaths();
  expect(paths.length).toBeGreaterThan(20);
  // Of the bare one: it is bare, and it works.
  expect((await askRaw({ port: ports.product, path: "/sign-in" })).headers["content-security-policy"]).toBeTruthy();
  expect((await askRaw({ port: ports.bare, path: "/sign-in" })).headers["content-security-policy"]).toBeUndefined();
  // All of it where nothing stands in front; at the product itself, where one more gate does, every third path.
  const calls = doors.flatMap((port) =>
    paths
      .filter((_, n) => port === ports.bare || n % 3 === 0)
      .flatMap((at) => [
        ...headerTricks.map((headers): RawCall => ({ port, path: at, headers })),
        ...pathTricks.map((trick): RawCall => ({ port, path: trick(at) })),
      ]),
  );
  const leaks = await inTurns(calls, async (call) => {
    const { status, body, headers } = await askRaw(call);
    const asked = call.path + JSON.stringify(call.headers ?? {});
    const seen = canaries.filter(
      (it) => `${body} ${headers.location ?? ""}`.replaceAll(asked, "").includes(it) && !asked.includes(it),
    );
    return seen.length > 0 || status >= 500 ? [`${status} ${call.port} ${asked}: ${seen}`] : [];
  });
  expect(leaks).toEqual([]);
});

test("every signed-in answer shows something of its own, and no cache may keep it", async () => {
  test.setTimeout(120_000);
  const paths = (await closedPaths()).filter((at) => !/\/live$|preview$|connections\/import$/.test(at));
  // Without the proxy, who asks for a page's data alone is first sent to another address, which is nobody's answer.
  const asked: Omit<RawCall, "path">[] = [
    { port: ports.product, headers: { cookie } },
    { port: ports.product, headers: { cookie, rsc: "1" } },
    { port: ports.bare, headers: { cookie } },
  ];
  const calls = asked.flatMap((how) => paths.map((at): RawCall => ({ ...how, path: at })));
  const kept = await inTurns(calls, async (call) => {
    const { status, headers } = await askRaw(call);
    const control = headers["cache-control"] ?? "none";
    const isPrivate = control.includes("private") && control.includes("no-store") && !/public|s-maxage/.test(control);
    return isPrivate && status < 500
      ? []
      : [`${status} ${call.port} ${call.path} ${JSON.stringify(call.headers?.rsc)}: ${control}`];
  });
  expect(kept).toEqual([]);
  const page = await askRaw({ port: ports.product, path: "/identities", headers: { cookie } });
  expect(page.body).toContain("Canary-Ames");
});

type Reference = { workers: Record<string, unknown> };

/** Every server action of the build, with a page that it belongs to. */
async function actionsOfBuild(): Promise<{ id: string; page: string }[]> {
  const manifest: { node: Record<string, Reference> } = JSON.parse(
    await readFile(".next/server/server-reference-manifest.json", "utf8"),
  );
  return Object.entries(manifest.node).map(([id, { workers }]) => {
    const names = Object.keys(workers);
    const page = names.find((name) => !name.includes("[") && !name.includes("_not-found")) ?? names[0] ?? "";
    return { id, page: page.replace(/^app|\/page$/g, "") || "/" };
  });
}

const text = "text/plain;charset=UTF-8";
const sameOrigin = { origin: address, host: `localhost:${ports.product}` };
const refused = "did not come from a page";

test("no act of ours is carried out for another site, whatever the request says of itself", async () => {
  const actions = await actionsOfBuild();
  expect(actions.length).toBeGreaterThan(30);
  const forged: Record<string, string>[] = [
    {},
    { origin: "null" },
    { origin: "https://evil.example" },
    { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    { origin: "https://evil.example", host: "evil.example" },
    { origin: `${address}.evil.example` },
    { origin: `http://localhost:${ports.product + 1}` },
    { ...sameOrigin, "sec-fetch-site": "cross-site" },
    { ...sameOrigin, "sec-fetch-site": "same-site" },
    { referer: `${address}/`, "x-http-method-override": "POST" },
  ];
  const [before] = await database.rows<{ events: number }>("select count(*)::int events from audit_events");
  const calls = actions.flatMap(({ id, page }) =>
    forged.map((headers): RawCall => {
      const common = { host: sameOrigin.host, cookie, "next-action": id, "content-type": text };
      return { port: ports.product, path: page, method: "POST", headers: { ...common, ...headers }, body: "[{}]" };
    }),
  );
  const passed = await inTurns(calls, async (call) => {
    const { status, body } = await askRaw(call);
    const isRefused = status >= 400 || body.includes(refused);
    return isRefused ? [] : [`${status} ${call.path} ${JSON.stringify(call.headers)}: ${body.slice(0, 200)}`];
  });
  expect(passed).toEqual([]);
  const [after] = await database.rows<{ events: number }>(
    "select count(*)::int events from audit_events where actor_type = 'person'",
  );
  expect(after?.events).toBeLessThanOrEqual(before?.events ?? 0);
});

const known = async () => (await actionsOfBuild()).find(({ page }) => page === "/identities") ?? { id: "", page: "" };

/** Multipart bodies in the wire format of React's replies, as attackers write them. */
const replies: Record<string, Record<string, string>> = {
  "a thenable that runs code": {
    "0": '{"then":"$1:__proto__:then","status":"resolved_model","reason":-1,"value":"{\\"then\\":\\"$B1337\\"}","_response":{"_prefix":"process.mainModule.require(\'fs\').writeFileSync(\'/tmp/rollcall-owned\',\'x\');","_formData":{"get":"$1:constructor:constructor"}}}',
    "1": '"$@0"',
  },
  "a constructor": { "0": '["$1:constructor:constructor"]', "1": '{"x":1}' },
  "a prototype": {
    "0": '["$1"]',
    "1": '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  },
  itself: { "0": '["$0"]' },
  "a ring": { "0": '["$1"]', "1": '["$2"]', "2": '["$1"]' },
  "a promise of itself": { "0": '["$@0"]' },
  "what is not there": { "0": '["$77"]' },
  "a bound server function": { "0": '["$F1"]', "1": '{"id":"00","bound":"$@2"}', "2": '["x"]' },
  "a stream": { "0": '["$r1"]' },
  "an iterator": { "0": '["$x1"]' },
  "a map of itself": { "0": '["$Q1"]', "1": '[["a","$Q1"]]' },
  "a number that is endless": { "0": `["$n${"9".repeat(300_000)}"]` },
  depth: { "0": `${"[".repeat(50_000)}${"]".repeat(50_000)}` },
  "no JSON": { "0": "{" },
  nothing: {},
};

function multipart(fields: Record<string, string>): { type: string; body: string } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--cut\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { type: "multipart/form-data; boundary=cut", body: `${parts.join("")}--cut--\r\n` };
}

test("hostile bodies are answered, carry nothing out, show no code, and leave the process as it was", async () => {
  const { id, page } = await known();
  const pid = await webPid();
  const problems: string[] = [];
  for (const [what, fields] of Object.entries(replies)) {
    const { type, body } = multipart(fields);
    for (const action of [id, "0".repeat(42), "__proto__", "constructor", "x".repeat(5_000)]) {
      const headers = { ...sameOrigin, cookie, "next-action": action, "content-type": type };
      const answer = await askRaw({ port: ports.product, path: page, method: "POST", headers, body });
      if (answer.status === 0) problems.push(`${what} to ${action.slice(0, 12)}: no answer`);
      if (/"ok":true|\/node_modules\/|at \w+ \(|\.ts:\d+/.test(answer.body))
        problems.push(`${what}: ${answer.body.slice(0, 300)}`);
      if (action !== id && answer.status < 400) problems.push(`${what} to ${action.slice(0, 12)}: ${answer.status}`);
    }
  }
  expect(problems).toEqual([]);
  expect(await readFile("/tmp/rollcall-owned").catch(() => null)).toBeNull();
  expect(await webPid()).toBe(pid);
  expect((await askRaw({ port: ports.product, path: "/identities", headers: { cookie } })).status).toBe(200);
});

test("a body of 100 MB is refused before it fills the memory, wherever it is sent", async () => {
  test.setTimeout(120_000);
  const { id, page } = await known();
  const pid = await webPid();
  await askRaw({ port: ports.product, path: page, headers: { cookie } });
  const part = Buffer.alloc(1024 * 1024, 0x61);
  const endless = function* () {
    for (let sent = 0; sent < 100; sent++) yield part;
  };
  const start = { "content-type": "multipart/form-data; boundary=cut" };
  const calls: RawCall[] = [
    { port: ports.product, path: page, headers: { ...sameOrigin, cookie, "next-action": id, "content-type": text } },
    { port: ports.product, path: page, headers: { ...sameOrigin, cookie, "next-action": id, ...start } },
    { port: ports.product, path: page, headers: { ...sameOrigin, cookie, ...start } },
    { port: ports.product, path: "/sign-in", headers: { ...sameOrigin, ...start } },
    {
      port: ports.product,
      path: "/api/v1/access/evaluations",
      headers: { ...sameOrigin, cookie, "content-type": "application/json" },
    },
    {
      port: ports.product,
      path: "/api/auth/signin/oidc",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    },
  ];
  const before = await rssMb(pid);
  let peak = before;
  const watch = setInterval(async () => {
    peak = Math.max(peak, await rssMb(pid));
  }, 50);
  // Said beforehand, and not said at all.
  const said = { "content-length": String(100 * part.length) };
  calls.push(...calls.map((call) => ({ ...call, headers: { ...call.headers, ...said } })));
  const statuses: number[] = [];
  for (const call of calls) statuses.push((await askRaw({ ...call, method: "POST", body: endless })).status);
  clearInterval(watch);
  process.stdout.write(`100 MB bodies: ${statuses.join(" ")}; memory ${before} MB, at most ${peak} MB\n`);
  // A connection that is closed while one still writes is an answer too.
  expect(statuses.filter((status) => status !== 413 && status !== 0)).toEqual([]);
  expect(await webPid()).toBe(pid);
  expect(peak - before).toBeLessThan(160);
});

test("addresses that a caller makes up share one limit on signing in", async () => {
  await database.rows("delete from rate_limits");
  const attempt = async (n: number) => {
    const spoofed = {
      "x-forwarded-for": `203.0.113.${n}, 2001:db8::${n}`,
      "x-real-ip": `198.51.100.${n}`,
      forwarded: `for=192.0.2.${n}`,
    };
    const answer = await askRaw({
      port: ports.product,
      path: "/api/auth/callback/oidc?code=x&state=y",
      headers: spoofed,
    });
    return answer.headers.location ?? "";
  };
  const led: string[] = [];
  for (let n = 1; n <= 25; n++) led.push(await attempt(n));
  expect(led.filter((to) => to.includes("limited"))).toHaveLength(5);
});

async function webPid(): Promise<number> {
  const running = JSON.parse(await readFile(path.join(product.folder, "running.json"), "utf8"));
  return running.children.find((it: { name: string }) => it.name === "web")?.pid ?? 0;
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** The findings of all calls, eight at a time. */
async function inTurns(calls: RawCall[], look: (call: RawCall) => Promise<string[]>): Promise<string[]> {
  const waiting = [...calls];
  const found: string[] = [];
  const worker = async () => {
    for (let call = waiting.pop(); call; call = waiting.pop()) found.push(...(await look(call)));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return found;
}
