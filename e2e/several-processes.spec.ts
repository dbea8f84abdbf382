import { readFile } from "node:fs/promises";
import path from "node:path";
import { type APIRequestContext, expect, request, test } from "./journey";
import { locationOf, signInWith, startsSession } from "./single-sign-on";
import { type Database, startDatabase } from "./start-database";
import { type ForgingIssuer, honest, signOnBy, startForgingIssuer } from "./start-forging-issuer";
import { type Product, startProduct } from "./start-product";

// The product started twice, as on two machines, on one ordinary PostgreSQL: two web processes and two workers.
const ports = { one: 4350, other: 4351, issuer: 4352 };
const one = `http://localhost:${ports.one}`;
const other = `http://localhost:${ports.other}`;
const both = [one, other];
let database: Database;
let issuer: ForgingIssuer;
let products: Product[] = [];

test.beforeAll(async () => {
  test.setTimeout(300_000);
  database = await startDatabase();
  issuer = await startForgingIssuer(ports.issuer);
  issuer.say({ sub: "ada", name: "Ada", groups: ["rollcall-administrators"] }, honest);
  const env = {
    DATABASE_URL: database.url,
    NEXTAUTH_URL: one,
    NEXTAUTH_SECRET: "a-secret-that-both-were-given",
    ROLLCALL_ENCRYPTION_KEY: Buffer.alloc(32, 5).toString("base64"),
    ...signOnBy(issuer),
  };
  // At once: both find an empty database, and one of them migrates it.
  products = await Promise.all([ports.one, ports.other].map((port) => startProduct({ port, env })));
});
test.afterAll(async () => {
  await Promise.all(products.map((product) => product.stop()));
  await issuer?.stop();
  await database?.stop();
});
test.beforeEach(() => database.rows("delete from rate_limits"));

async function signedIn(end = one): Promise<APIRequestContext> {
  const browser = await request.newContext({ storageState: { cookies: [], origins: [] } });
  expect(startsSession(await signInWith(browser, { begin: one, end }))).toBe(true);
  return browser;
}

const origin = { origin: one };
const status = async (browser: APIRequestContext, address: string) => (await browser.get(address)).status();

async function count(sql: string, values: unknown[] = []): Promise<number> {
  const [row] = await database.rows<{ count: number }>(`select count(*)::int as count from ${sql}`, values);
  return row?.count ?? -1;
}

function connectionNamed(name: string) {
  const url = new URL(database.url);
  const settings = {
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    database: url.pathname.slice(1),
    databases: "one",
    sslmode: "disable",
  };
  return { name, connector: "postgresql", settings, secrets: { password: url.password }, syncNow: false };
}

test("both are there with two workers, and what is made once was made once", async ({ request: probe }) => {
  for (const address of both) {
    await expect.poll(async () => (await probe.get(`${address}/metrics`)).text()).toContain("rollcall_workers 2");
  }
  expect(await count("connections")).toBe(1);
});

test("a sign-in begun on one is ended on the other, and a session ended on one is refused on the other at once", async ({
  browser,
}) => {
  const caller = await signedIn(other);
  for (const address of both) expect(await status(caller, `${address}/api/v1/identities`)).toBe(200);
  const state = await caller.storageState();
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  await page.goto(`${one}/my-sessions`);
  await page.getByRole("button", { name: /Ada/ }).first().click();
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.waitForURL(/\/sign-in/);
  for (const address of both.toReversed()) expect(await status(caller, `${address}/api/v1/identities`)).toBe(401);
  await context.close();
});

test("a token made on one works on the other, and revoked there it is refused here at the next call", async () => {
  const caller = await signedIn();
  const made = await caller.post(`${one}/api/v1/tokens`, {
    headers: origin,
    data: { name: "t", scopes: ["people:read"] },
  });
  const { id, token } = await made.json();
  const program = await request.newContext({
    storageState: { cookies: [], origins: [] },
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  for (const address of both) expect(await status(program, `${address}/api/v1/tokens`)).toBe(200);
  expect((await caller.post(`${other}/api/v1/tokens/${id}/revoke`, { headers: origin, data: {} })).status()).toBe(200);
  for (const address of both) expect(await status(program, `${address}/api/v1/tokens`)).toBe(401);
});

test("failed sign-ins on both count together", async () => {
  const stranger = await request.newContext({ storageState: { cookies: [], origins: [] } });
  const attempt = (address: string) =>
    stranger.get(`${address}/api/auth/callback/oidc?code=x&state=forged`, { maxRedirects: 0 }).then(locationOf);
  for (let tries = 0; tries < 20; tries++) expect(await attempt(tries % 2 ? one : other)).not.toContain("limited");
  for (const address of both) expect(await attempt(address)).toContain("error=limited");
});

test("a sync that one orders is read by one worker, and the other shows its progress to the end", async () => {
  const caller = await signedIn();
  const made = await caller.post(`${one}/api/v1/connections`, { headers: origin, data: connectionNamed("followed") });
  const { id } = await made.json();
  const { cookies } = await caller.storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const stream = await fetch(`${other}/connections/${id}/live`, { headers: { cookie } });
  const states = statesIn(stream);
  const orders = both.map((address) =>
    caller.post(`${address}/api/v1/connections/${id}/sync`, { headers: origin, data: {} }),
  );
  const runs = await Promise.all(orders.map(async (order) => (await (await order).json()).runId));
  expect(new Set(runs).size).toBe(1);
  const seen = await states;
  expect(seen.at(-1)).toEqual({ id: runs[0], state: "done" });
  expect(await count("sync_runs where connection_id = $1", [id])).toBe(1);
});

/** Every run and its state, as told in the stream, until one is done. */
async function statesIn(stream: Response): Promise<{ id: string; state: string }[]> {
  const seen: { id: string; state: string }[] = [];
  let text = "";
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString();
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const line of events.flatMap((event) => event.split("\n")).filter((it) => it.startsWith("data: {"))) {
      const { id, state } = JSON.parse(line.slice("data: ".length));
      seen.push({ id, state });
      if (state === "done" || state === "failed") return seen;
    }
  }
  return seen;
}

test("one idempotency key used on both at once makes one thing, and both are told the same", async () => {
  const caller = await signedIn();
  const headers = { ...origin, "idempotency-key": "both-at-once" };
  const calls = Array.from({ length: 10 }, (_, n) =>
    caller.post(`${both[n % 2]}/api/v1/connections`, { headers, data: connectionNamed("made-once") }),
  );
  const first = await Promise.all(calls);
  expect(first.every((answer) => [201, 409].includes(answer.status()))).toBe(true);
  const again = await Promise.all(
    both.map((address) =>
      caller.post(`${address}/api/v1/connections`, { headers, data: connectionNamed("made-once") }),
    ),
  );
  const ids = await Promise.all(again.map(async (answer) => (await answer.json()).id));
  expect(new Set(ids).size).toBe(1);
  expect(await count("connections where name = 'made-once'")).toBe(1);
});

test("of a call whose process is killed nothing stays, its key works on the other, and the process comes back", async () => {
  const caller = await signedIn();
  const headers = { ...origin, "idempotency-key": "killed" };
  const call = (address: string) =>
    caller.post(`${address}/api/v1/connections`, { headers, data: connectionNamed("survivor") });
  const lock = await database.connect();
  await lock.query("begin; lock table connections in share mode");
  const cut = call(one).then(
    (answer) => answer.status(),
    () => "cut off",
  );
  await expect.poll(() => count("idempotency_keys where key = 'killed'")).toBe(1);
  await expect
    .poll(() => count("pg_locks where not granted and relation = 'connections'::regclass"))
    .toBeGreaterThan(0);
  process.kill(await childOf(products[0], "web"), "SIGKILL");
  expect(await cut).toBe("cut off");
  await lock.query("rollback");
  await lock.end();
  await expect.poll(() => count("pg_locks where not granted and relation = 'connections'::regclass")).toBe(0);

  expect(await count("connections where name = 'survivor'")).toBe(0);
  expect(await count("audit_events where target_name = 'survivor'")).toBe(0);
  expect((await call(other)).status()).toBe(409);
  await database.rows(
    "update idempotency_keys set created_at = created_at - interval '3 minutes' where key = 'killed'",
  );
  expect((await call(other)).status()).toBe(201);
  expect(await count("connections where name = 'survivor'")).toBe(1);
  expect(await count("audit_events where action = 'connection.created' and target_name = 'survivor'")).toBe(1);
  await expect.poll(() => status(caller, `${one}/api/ready`).catch(() => 0), { timeout: 30_000 }).toBe(200);
  expect(await status(caller, `${one}/api/v1/identities`)).toBe(200);
});

test("a sync whose worker is killed is ended by another, once", async () => {
  const caller = await signedIn();
  const made = await caller.post(`${one}/api/v1/connections`, { headers: origin, data: connectionNamed("taken-over") });
  const { id } = await made.json();
  // What is read cannot be kept until the lock goes: the worker is killed in the middle of its run.
  const lock = await database.connect();
  await lock.query("begin; lock table staged_principals in exclusive mode");
  const ordered = await caller.post(`${one}/api/v1/connections/${id}/sync`, { headers: origin, data: {} });
  expect(ordered.status()).toBe(202);
  await expect
    .poll(() => count("pg_locks where not granted and relation = 'staged_principals'::regclass"))
    .toBeGreaterThan(0);
  for (const product of products) process.kill(await childOf(product, "worker"), "SIGKILL");
  await lock.query("rollback");
  await lock.end();
  const run = async () =>
    (await database.rows<{ state: string }>("select state from sync_runs where connection_id = $1", [id]))[0];
  await expect.poll(run, { timeout: 45_000 }).toEqual({ state: "done" });
  expect(await count("sync_runs where connection_id = $1", [id])).toBe(1);
  expect(await count("audit_events where action = 'sync.finished' and target_id = $1", [id])).toBe(1);
});

async function childOf(product: Product | undefined, name: string): Promise<number> {
  const running = JSON.parse(await readFile(path.join(product?.folder ?? "", "running.json"), "utf8"));
  const child = running.children.find((it: { name: string }) => it.name === name);
  expect(child, `${name} does not run`).toBeDefined();
  return child.pid;
}
