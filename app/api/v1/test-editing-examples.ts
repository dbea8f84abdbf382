import { randomUUID } from "node:crypto";
import { system } from "@/lib/auth/actor";
import { createConnection } from "@/lib/connections/create-connection";
import { saveMatchRule } from "@/lib/connections/save-match-rule";
import { accountRow, pausedRunRow } from "@/lib/connections/test-rows";
import type { Caller, Example } from "./test-access-examples";
import type { InventoryWorld } from "./test-examples";

// For tests: what the endpoints that edit the inventory are called with.

const tester = system("test");
const word = () => `w-${randomUUID().slice(0, 8)}`;

export function editingExamples(world: InventoryWorld): Record<string, (who: Caller) => Example | Promise<Example>> {
  const made = async (name: string) => (await createConnection(tester, connectionInput(world, name))).id;
  const paused = async () => pausedRunRow(await made(word()));
  return {
    "PATCH /identities/{id}": () => ({
      path: `/identities/${world.identity}`,
      body: () => ({ purpose: word(), criticality: "high" }),
    }),
    "POST /identities/edits": () => ({ body: () => ({ ids: [world.identity], change: { purpose: word() } }) }),
    "POST /accounts/{id}/match": async () => ({
      path: `/accounts/${await accountRow(await made(word()))}/match`,
      body: () => ({ to: "nobody" }),
    }),
    "POST /resources/owner": () => ({ body: () => ({ ids: [world.resource], ownerId: null }) }),
    "PATCH /connections/{id}": async () => ({
      path: `/connections/${await made(word())}`,
      body: () => ({ environment: "staging", ownerId: null }),
    }),
    "DELETE /connections/{id}": async () => {
      const name = word();
      return { path: `/connections/${await made(name)}`, query: `?confirmName=${name}` };
    },
    "POST /syncs/{id}/apply": async () => ({ path: `/syncs/${await paused()}/apply` }),
    "POST /syncs/{id}/discard": async () => ({ path: `/syncs/${await paused()}/discard` }),
    "GET /match-rules": () => ({}),
    "POST /match-rules": () => ({ body: () => rule(word()) }),
    "POST /match-rules/preview": () => ({ body: () => rule(word()) }),
    "DELETE /match-rules/{id}": async () => ({
      path: `/match-rules/${(await saveMatchRule(tester, rule(word()))).id}`,
    }),
  };
}

const rule = (name: string) =>
  ({ name, field: "name", pattern: "svc-(.+)", template: "\\1@example.com", target: "email" }) as const;

function connectionInput(world: InventoryWorld, name: string) {
  return { ...(world.ownConnection(name) as Parameters<typeof createConnection>[1]), syncNow: false };
}
