import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { mayReadMetrics } from "./may-read-metrics";
import { renderMetrics } from "./metrics";
import { routeOf, watchRequests } from "./watch-requests";

let server: Server;
let address: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  database = await freshDatabase();
  watchRequests();
  // As a framework does with whatever a page throws.
  server = createServer(async (request, response) => {
    if (request.url === "/bug") response.statusCode = 500;
    if (request.url === "/identities") await rows("select 1").catch(() => response.writeHead(500));
    response.end("answered");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await database.drop();
});

test("a page that fails because the database is away is answered 503 with Retry-After, a fault of ours stays 500", async () => {
  expect((await fetch(`${address}/identities`)).status).toBe(200);
  const url = process.env.DATABASE_URL;
  await closeDatabase();
  process.env.DATABASE_URL = "postgresql://nobody@127.0.0.1:1/nowhere";
  resetEnv();
  const away = await fetch(`${address}/identities`);
  expect([away.status, away.headers.get("retry-after")]).toEqual([503, "2"]);
  await closeDatabase();
  process.env.DATABASE_URL = url;
  resetEnv();
  expect((await fetch(`${address}/identities`)).status).toBe(200);
  expect((await fetch(`${address}/bug`)).status).toBe(500);
});

test("requests are counted by route and status, and the installation's figures come with them", async () => {
  await (await fetch(`${address}/identities`)).text();
  await expect
    .poll(async () => (await renderMetrics()).text)
    .toMatch(/rollcall_http_requests_total\{method="GET",route="\/identities",status="200"\} \d+/);
  const { text } = await renderMetrics();
  expect(text).toContain("rollcall_database_up 1");
  expect(text).toContain("rollcall_workers 0");
  expect(text).toMatch(/rollcall_audit_events_waiting \d+/);
});

test("ids and made-up paths do not become routes of their own", () => {
  expect(routeOf("/api/v1/identities/0190c1de-0000-7000-8000-000000000001/access", 200)).toBe(
    "/api/v1/identities/:id/access",
  );
  expect(routeOf("/wp-login.php", 404)).toBe("other");
  for (let n = 0; n < 400; n++) routeOf(`/${"a".repeat(1 + (n % 25))}/${"b".repeat(1 + Math.floor(n / 25))}`, 200);
  expect(routeOf("/one/more", 200)).toBe("other");
});

test("the metrics are for the bearer of the token, or without one for this machine alone", () => {
  const local = new Headers({ "x-rollcall-peer": "127.0.0.1" });
  const proxied = new Headers({ "x-rollcall-peer": "127.0.0.1", "x-forwarded-for": "198.51.100.7" });
  expect([local, proxied, new Headers({ "x-rollcall-peer": "198.51.100.7" })].map(mayReadMetrics)).toEqual([
    true,
    false,
    false,
  ]);
  process.env.METRICS_TOKEN = "a-token-of-some-length";
  resetEnv();
  expect(mayReadMetrics(local)).toBe(false);
  expect(mayReadMetrics(new Headers({ authorization: "Bearer a-token-of-some-length" }))).toBe(true);
  delete process.env.METRICS_TOKEN;
  resetEnv();
});
