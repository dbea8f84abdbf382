import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { resetEnv } from "../env";
import { callOut } from "./call-out";
import { guardedLookup } from "./guarded-lookup";

// The canary: a listener on loopback, on IPv4 and IPv6, that counts who connects.
let connections = 0;
const canary = createTcpServer((socket) => {
  connections++;
  socket.destroy();
});
let port = 0;
const opened: Server[] = [];
beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen({ port: 0, host: "::", ipv6Only: false }, resolve));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => canary.close());
afterEach(() => {
  delete process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS;
  resetEnv();
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const call = { headers: {}, body: "{}", allowedHost: null, deadlineMs: 5_000 };

test.each([
  "127.0.0.1",
  "localhost",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "0.0.0.0",
  "[::]",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "127.1",
  "127。0。0。1",
])("https://%s is refused, and nothing connects", async (host) => {
  const before = connections;
  await expect(callOut({ ...call, url: `https://${host}:${port}/hook` })).rejects.toMatchObject({ refused: true });
  expect(connections).toBe(before);
});

test.each([
  "http://hooks.example.com/x",
  "https://user@hooks.example.com/x",
  "https://hooks.example.com@127.0.0.1/x",
  "gopher://hooks.example.com/x",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "/etc/passwd",
  "",
  `https://hooks.example.com/${"x".repeat(3_000)}`,
])("%s is no address to call", async (url) => {
  await expect(callOut({ ...call, url })).rejects.toMatchObject({ refused: true });
});

test("the machine's own metadata is refused even where its address was allowed", async () => {
  for (const host of ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"]) {
    const allowed = new URL(`https://${host}/`).hostname;
    const made = callOut({ ...call, url: `https://${host}/latest`, allowedHost: allowed });
    await expect(made, host).rejects.toMatchObject({ refused: true, message: expect.stringContaining("link-local") });
  }
});

test("a name is checked by the very look-up that the socket connects with, so that rebinding finds no gap", async () => {
  const asked = new Promise((resolve) => guardedLookup(false)("localhost", {}, (error) => resolve(error)));
  expect(await asked).toMatchObject({ name: "AddressRefused" });
  const all = new Promise((resolve) => guardedLookup(true)("localhost", { all: true }, (_, found) => resolve(found)));
  expect(await all).toEqual(expect.arrayContaining([expect.objectContaining({ address: expect.any(String) })]));
});

test("an allowed host is reached, also by http, and only that host", async () => {
  const at = await listen((_, response) => response.writeHead(202).end("taken"));
  const url = `http://127.0.0.1:${at}/hook`;
  expect(await callOut({ ...call, url, allowedHost: "127.0.0.1" })).toMatchObject({ status: 202, body: "taken" });
  const other = callOut({ ...call, url, allowedHost: "127.0.0.2" });
  await expect(other).rejects.toMatchObject({ refused: true });
});

test("where the installation allows no private targets, an allowed host is refused too", async () => {
  process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS = "false";
  resetEnv();
  const before = connections;
  const made = callOut({ ...call, url: `http://127.0.0.1:${port}/`, allowedHost: "127.0.0.1" });
  await expect(made).rejects.toMatchObject({ refused: true });
  expect(connections).toBe(before);
});

test("a redirect to the inside is an answer and is not followed", async () => {
  const before = connections;
  const at = await listen((_, response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end());
  const answer = await callOut({ ...call, url: `http://127.0.0.1:${at}/`, allowedHost: "127.0.0.1" });
  expect(answer.status).toBe(307);
  expect(connections).toBe(before);
});

test("an answer without end is read to the limit and no further", async () => {
  const at = await listen((_, response) => {
    const part = "x".repeat(10_000);
    const more = () => {
      while (!response.destroyed && response.write(part));
    };
    response.on("drain", more);
    more();
  });
  const answer = await callOut({ ...call, url: `http://127.0.0.1:${at}/`, allowedHost: "127.0.0.1", maxBytes: 500 });
  expect(answer.body).toHaveLength(500);
});

test("a server that takes the call and says nothing, or drips, is left at the deadline", async () => {
  const silent = await listen(() => undefined);
  const dripping = await listen((_, response) => {
    const drip = setInterval(() => response.write("."), 20);
    response.on("close", () => clearInterval(drip));
  });
  for (const at of [silent, dripping]) {
    const made = callOut({ ...call, url: `http://127.0.0.1:${at}/`, allowedHost: "127.0.0.1", deadlineMs: 200 });
    await expect(made).rejects.toMatchObject({ refused: false, message: expect.stringContaining("within 0.2 s") });
  }
});

test("a connection that is refused or cut off is a failure that may pass", async () => {
  for (const at of [1, port]) {
    const made = callOut({ ...call, url: `http://127.0.0.1:${at}/`, allowedHost: "127.0.0.1" });
    await expect(made).rejects.toMatchObject({ name: "CallFailed", refused: false });
  }
});

async function listen(answer: RequestListener): Promise<number> {
  const server = createHttpServer(answer);
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
