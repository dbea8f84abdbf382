import type { Role } from "@/lib/auth/permissions";
import {
  type AccessRows,
  delegationOf,
  grantFor,
  handTaskOf,
  requestOf,
  reviewOf,
} from "@/lib/requests/test-access-rows";
import { hourMs, now, plus } from "@/lib/time";

// For tests: what the endpoints of asking, deciding and holding are called with.

/** Who calls: somebody with a role, or a program whose token has a scope that carries the endpoint. */
export type Caller = Role | "program";

/** How an endpoint is called, and what it answers to those whose answer does not follow from its permission. */
export type Example = {
  path?: string;
  query?: string;
  body?: () => unknown;
  /** To whom it is about what is their own. */
  ownStatus?: 200 | 201 | 403;
  status?: (who: Caller) => number | undefined;
};

const programs = (status: number) => (who: Caller) => (who === "program" ? status : undefined);
const nobody = () => 403;

const item = { connection: "own", permission: "member", resource: { type: "group", id: "analysts" } };
const asking = { items: [item], reason: "a test", duration: "PT2H" };

/** How each of these endpoints is called. */
export function accessExamples(world: () => AccessRows): Record<string, (who: Caller) => Example | Promise<Example>> {
  const request = async (rest = "") => `/requests/${await requestOf(world())}${rest}`;
  return {
    "GET /catalogue": () => ({ query: "?q=analysts&connection=own&limit=5" }),
    "POST /requests/preview": () => ({ body: () => asking, status: programs(403) }),
    "GET /requests": () => ({ query: "?limit=5&count=exact&state=pending", ownStatus: 200 }),
    "POST /requests": () => ({ body: () => asking, status: programs(403) }),
    "GET /requests/{id}": async () => ({ path: await request() }),
    "POST /requests/{id}/decisions": async () => ({
      path: await request("/decisions"),
      body: () => ({ decision: "approve" }),
      status: nobody,
    }),
    "POST /requests/{id}/cancel": async () => ({ path: await request("/cancel"), body: () => ({ reason: "a test" }) }),
    "POST /requests/{id}/answers": async () => ({
      path: await request("/answers"),
      body: () => ({ text: "a test" }),
      status: nobody,
    }),
    "POST /requests/{id}/retry": async () => ({
      path: `/requests/${await requestOf(world(), { state: "failed" })}/retry`,
    }),
    "POST /grants/{id}/extend": async (who) => ({
      path: `/grants/${await grantFor(world(), who)}/extend`,
      body: () => ({ duration: "PT1H", reason: "a test" }),
      status: programs(403),
    }),
    "GET /inbox": () => ({ query: "?limit=5", ownStatus: 200 }),
    "GET /requests/{id}/facts": async () => ({ path: await request("/facts"), status: programs(403) }),
    "GET /delegations": () => ({ ownStatus: 200 }),
    "POST /delegations": () => ({
      body: () => ({ to: "boss@example.com", endsAt: plus(now(), hourMs).toISOString() }),
      ownStatus: 201,
    }),
    "POST /delegations/{id}/end": async () => ({ path: `/delegations/${await delegationOf(world())}/end` }),
    "GET /break-glass-reviews": () => ({ ownStatus: 200 }),
    "POST /break-glass-reviews/{id}/opinions": async () => ({
      path: `/break-glass-reviews/${await reviewOf(world())}/opinions`,
      body: () => ({ opinion: "justified", comment: "a test" }),
      status: (who) => (who === "security" ? 200 : 403),
    }),
    "GET /grants": () => ({ query: "?limit=5&count=estimate&state=active,ended", ownStatus: 200 }),
    "GET /unmanaged-access": () => ({ query: "?limit=5&count=estimate&privileged=true", ownStatus: 200 }),
    "GET /grants/{id}": async () => ({ path: `/grants/${await grantFor(world(), "program")}` }),
    "POST /grants/{id}/revoke": async () => ({
      path: `/grants/${await grantFor(world(), "program")}/revoke`,
      body: () => ({ reason: "a test" }),
    }),
    "POST /grants/{id}/credential": async () => ({
      path: `/grants/${await grantFor(world(), "program")}/credential`,
      status: nobody,
    }),
    "POST /grants/{id}/retry": async () => ({ path: `/grants/${await grantFor(world(), "program")}/retry` }),
    "GET /hand-tasks": () => ({ ownStatus: 200 }),
    "POST /hand-tasks/{id}/complete": async () => ({
      path: `/hand-tasks/${await handTaskOf(world())}/complete`,
      body: () => ({ evidence: "see OPS-1" }),
      status: programs(403),
    }),
    "GET /policies": () => ({}),
    "POST /policies/load": () => ({}),
    "POST /policies/simulate": () => ({ body: () => ({ requester: "asker@example.com", item }) }),
  };
}
