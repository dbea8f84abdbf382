import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { resetEnv } from "../../env";
import { postgresql } from "./connector";
import { settings } from "./schema";

// What a name server says, one answer after another; without any, the machine is asked as always.
const told: string[][] = [];
const asked: string[] = [];
vi.mock("node:dns/promises", async (original) => {
  const real = await original<typeof import("node:dns/promises")>();
  const lookup = async (host: string, options: object) => {
    asked.push(host);
    const answer = told.length > 1 ? told.shift() : told[0];
    if (!answer) return real.lookup(host, options);
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { ...real, lookup };
});

// The canary listens on every address of this machine and counts who comes to which.
const visits: (string | undefined)[] = [];
const sockets = new Set<Socket>();
const canary: Server = createServer((socket) => {
  visits.push(socket.localAddress?.replace("::ffff:", ""));
  sockets.add(socket);
  // No encryption here; then whoever signs in is cut off.
  socket
    .on("error", () => undefined)
    .once("data", () => socket.write("N", () => socket.once("data", () => socket.destroy())));
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen({ port: 0, host: "::", ipv6Only: false }, resolve));
  port = (canary.address() as AddressInfo).port;
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  canary.close();
});
beforeEach(() => {
  for (const list of [told, asked, visits]) list.length = 0;
});
afterEach(() => {
  delete process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS;
  resetEnv();
});

function check(host: string, sslmode: "disable" | "prefer" = "prefer"): Promise<unknown> {
  const given = settings.parse({ host, port, user: "ann", sslmode, connectTimeoutSeconds: 2 });
  const signal = new AbortController().signal;
  return Promise.resolve(
    postgresql.check?.({
      settings: given,
      secrets: { password: "p", provisionPassword: "" },
      signal,
      now: new Date(0),
    }),
  );
}

function publicOnly(): void {
  process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS = "false";
  resetEnv();
}

const spellings = [
  "127.0.0.1",
  "localhost",
  "::1",
  "[::1]",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "0.0.0.0",
  "::",
  "127.1",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
];
test.each(spellings)("where only public addresses are allowed, %s is refused and nothing connects", async (host) => {
  publicOnly();
  await expect(check(host)).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringContaining("private address"),
  });
  expect(visits).toEqual([]);
});

test.each([
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "2852039166",
  "0xa9fea9fe",
  "fe80::1",
  "fd00:ec2::254",
  "100.100.100.200",
])("the metadata of a cloud at %s is refused even where private addresses are allowed", async (host) => {
  const asIfAllowed = expect(check(host)).rejects;
  await asIfAllowed.toMatchObject({ code: "invalid", remedy: expect.stringContaining("credentials") });
  expect(visits).toEqual([]);
});

test.each([
  "ann@127.0.0.1",
  "http://127.0.0.1/",
  "127.0.0.1/",
  "127.0.0.1#x",
  "127.0.0.1\r\nHost: x",
  "/var/run/postgresql",
])("%s is no host, and nothing connects", async (host) => {
  await expect(check(host)).rejects.toMatchObject({ remedy: expect.any(String) });
  expect(visits).toEqual([]);
});

test("one private address among public ones is enough to refuse a name", async () => {
  publicOnly();
  told.push(["203.0.113.7", "127.0.0.1"]);
  await expect(check("db.example.com")).rejects.toMatchObject({ code: "invalid" });
  expect(visits).toEqual([]);
});

test.each(["prefer", "disable"] as const)(
  "a name that points elsewhere after it was checked (rebinding) is not asked again (%s)",
  async (sslmode) => {
    told.push(["127.0.0.2"], ["127.0.0.1"]);
    await expect(check("rebind.example.com", sslmode)).rejects.toMatchObject({ code: expect.any(String) });
    expect(asked).toEqual(["rebind.example.com"]);
    // The first asks for encryption, or only connects; the second signs in. Both go where the first answer said.
    expect(visits).toEqual(["127.0.0.2", "127.0.0.2"]);
  },
);

test("a database at a private address is reached by default", async () => {
  await expect(check("127.0.0.1")).rejects.toMatchObject({ code: expect.not.stringMatching("invalid") });
  expect(visits.length).toBeGreaterThan(0);
});
