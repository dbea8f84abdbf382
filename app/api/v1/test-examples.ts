import { randomUUID } from "node:crypto";
import { pauseDestination } from "@/lib/audit/change-destination";
import { createDestination } from "@/lib/audit/create-destination";
import { sequenceEvents } from "@/lib/audit/sequence-events";
import { signCheckpoint } from "@/lib/audit/sign-checkpoint";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { createChannel } from "@/lib/messages/create-channel";
import { sendTest } from "@/lib/messages/send-test";
import { makeRestoration } from "@/lib/restoration/test-rows";
import type { Caller, Example } from "./test-access-examples";

// For tests: what the endpoints of the inventory and of the installation are called with.

export type InventoryWorld = {
  connection: string;
  run: string;
  identity: string;
  account: string;
  resource: string;
  connectionName: string;
  ownConnection(name: string): object;
};

/** How each endpoint is called, beside those of access. An endpoint that is in neither fails the tests. */
export function allExamples(world: InventoryWorld): Record<string, (who: Caller) => Example | Promise<Example>> {
  return {
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
    "POST /connections": () => ({
      body: () => ({ ...world.ownConnection(`c-${randomUUID().slice(0, 8)}`), syncNow: false }),
    }),
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
    "GET /audit/checkpoint": async () => {
      await signed();
      return {};
    },
    "GET /audit/proof": async () => {
      await signed();
      return { query: "?number=1" };
    },
    "POST /audit/erasures/preview": () => ({ body: () => ({ texts: ["a name of nobody"] }) }),
    "POST /audit/erasures": () => ({ body: () => ({ texts: ["a name of nobody"], reason: "a test" }) }),
    "GET /audit/destinations": () => ({}),
    "POST /audit/destinations": () => ({
      body: () => ({ kind: "webhook", name: randomUUID(), url: "https://anchors.example.com/x" }),
    }),
    "POST /audit/destinations/{id}/pause": async () => ({ path: `${await aDestination()}/pause` }),
    "POST /audit/destinations/{id}/resume": async () => ({ path: `${await aDestination("paused")}/resume` }),
    "POST /audit/destinations/{id}/test": async () => {
      await signed();
      return { path: `${await aDestination()}/test` };
    },
    "DELETE /audit/destinations/{id}": async () => ({ path: await aDestination() }),
    "GET /audit/restorations": () => ({}),
    "GET /audit/restorations/{id}": async () => ({
      path: `/audit/restorations/${await makeRestoration(["taken", "failed"])}`,
    }),
    "POST /audit/restorations/{id}/seen": async () => ({ path: `/audit/restorations/${await makeRestoration()}/seen` }),
    "GET /tokens": () => ({ query: "?limit=5", ownStatus: 200 }),
    "POST /tokens": () => ({ body: () => ({ name: "made by a test", scopes: ["audit:read"], expiresInDays: 1 }) }),
    "POST /tokens/{id}/revoke": async () => {
      const made = await createApiToken(system("test"), { name: "to revoke", scopes: ["audit:read"] });
      return { path: `/tokens/${made.id}/revoke` };
    },
    "GET /channels": () => ({}),
    "POST /channels": () => ({
      body: () => ({
        name: randomUUID(),
        kind: "webhook",
        url: "https://hooks.example.com/x",
        events: ["access.ready"],
      }),
    }),
    "POST /channels/{id}/test": async () => ({ path: `/channels/${await channelId()}/test` }),
    "GET /deliveries": () => ({ query: "?limit=5&state=waiting" }),
    "GET /deliveries/{id}": async () => ({ path: `/deliveries/${await deliveryId()}` }),
    "POST /deliveries/{id}/retry": async () => ({ path: `/deliveries/${await deliveryId()}/retry` }),
    "GET /openapi.json": () => ({ ownStatus: 200 }),
  };
}

async function channelId(): Promise<string> {
  const input = { name: randomUUID(), kind: "webhook", url: "https://hooks.example.com/x" } as const;
  return (await createChannel(system("test"), input)).id;
}

async function deliveryId(): Promise<string> {
  const { deliveries } = await sendTest(system("test"), { channelId: await channelId() });
  return deliveries[0] ?? "";
}

async function aDestination(state?: "paused"): Promise<string> {
  const place = { kind: "webhook", name: randomUUID(), url: "https://anchors.example.com/x" } as const;
  const { id } = await createDestination(system("test"), place);
  if (state === "paused") await pauseDestination(system("test"), { id });
  return `/audit/destinations/${id}`;
}

async function signed(): Promise<void> {
  await sequenceEvents();
  await signCheckpoint("atOnce");
}
