import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostileNames, testContract } from "../contract-tests";
import { example } from "./connector";

const token = "canary-token-7f3a";
const ways = ["plain", "html", "loop", "elsewhere", "hostile"];
const members = [
  { id: "1", login: "ann", email: "ann@nordwind.example", bot: false, rooms: ["general", "ops"] },
  { id: "2", login: "deploys", email: null, bot: true, rooms: ["ops"] },
  { id: "3", login: "bo", email: null, bot: false, rooms: [] },
];

// A small chat server: two members a page, and a few ways to misbehave.
const server: Server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://chat");
  // The token says how the server is to behave.
  const way = ways.find((one) => request.headers.authorization === `Bearer ${token}-${one}`);
  if (!way) return response.writeHead(401).end();
  if (way === "html") return response.end("<html>sign in</html>");
  if (way === "loop") return response.end(JSON.stringify({ members: [], next: "again" }));
  if (way === "elsewhere") return response.writeHead(302, { location: "http://127.0.0.1:9/" }).end();
  const from = Number(url.searchParams.get("cursor") || 0);
  const all =
    way === "hostile"
      ? hostileNames.map((name, index) => ({ id: String(index), login: name, email: null, bot: false, rooms: [] }))
      : members;
  const next = from + 2 < all.length ? String(from + 2) : null;
  return response.end(JSON.stringify({ members: all.slice(from, from + 2), next }));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const readAs = (way: string) => (signal: AbortSignal) => {
  const { port } = server.address() as AddressInfo;
  if (!example.read) throw new Error("the example reads");
  const secrets = { token: `${token}-${way}` };
  return example.read({ settings: { url: `http://127.0.0.1:${port}` }, secrets, signal, now: new Date() });
};

testContract("example", {
  connector: example,
  read: readAs("plain"),
  kinds: ["principal", "membership"],
  readHostile: readAs("hostile"),
  secrets: [token],
  failures: {
    "a wrong token": readAs("wrong"),
    "a page of HTML": readAs("html"),
    "the same cursor twice": readAs("loop"),
    "a redirect": readAs("elsewhere"),
  },
});

it("is the connector that the guide shows", () => {
  const guide = readFileSync(
    path.resolve(import.meta.dirname, "../../../docs/connectors/writing-a-connector.md"),
    "utf8",
  );
  const code = readFileSync(path.resolve(import.meta.dirname, "connector.ts"), "utf8");
  expect(guide).toContain(`\`\`\`ts\n${code}\`\`\``);
});
