import { afterAll, beforeAll, expect, test } from "vitest";
import { endpoints } from "@/app/api/v1/endpoints";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { type Reach, reachOf } from "@/lib/auth/authorize";
import { type Permission, permissions, roles, type Scope, scopeNames, scopes } from "@/lib/auth/permissions";
import { freshDatabase } from "@/lib/db/test-database";
import { actionsIn, filesIn, serverActions } from "./test-doors";

// Who may what, written down a second time by hand: a change of the table in lib/auth/permissions.ts must be made here
// too, by somebody who means it. a = on anything, o = on what is theirs, - = not at all; in the order of `roles`.
const matrix: Record<Permission, string> = {
  //                     administrator, security, auditor, member
  "identity:read": "aaao",
  "identity:edit": "aaoo",
  "identity:match": "aa--",
  "access:read": "aaao",
  "resource:read": "aaa-",
  "resource:edit": "aa--",
  "credential:read": "aaao",
  "connection:read": "aaa-",
  "connection:create": "a---",
  "connection:edit": "a---",
  "connection:remove": "a---",
  "connection:sync": "aa--",
  "sync:resolve": "aa--",
  "usage:read": "aaao",
  "usage:write": "a---",
  "activity:read": "aaa-",
  "record:export": "aaa-",
  "record:configure": "a---",
  "record:erase": "a---",
  "record:restore": "----",
  "person:read": "aaa-",
  "person:set_role": "a---",
  "person:disable": "aa--",
  "person:enable": "a---",
  "session:read": "aaoo",
  "session:end": "aaoo",
  "sign_in_link:create": "----",
  "passkey:add": "oooo",
  "passkey:remove": "aooo",
  "token:read": "aaao",
  "token:create": "a---",
  "token:revoke": "aaoo",
  "view:save": "aaaa",
  "view:share": "aa--",
  "inventory:export": "aaao",
  "policy:read": "aaa-",
  "policy:load": "a---",
  "policy:simulate": "aaa-",
  "request:create": "aaaa",
  "request:read": "aaao",
  "request:decide": "oooo",
  "request:cancel": "aooo",
  "delegation:create": "aooo",
  "catalogue:read": "aaaa",
  "grant:read": "aaao",
  "grant:revoke": "oaoo",
  "grant:retry": "aa--",
  "grant:collect": "oooo",
  "grant:confirm": "oooo",
  "break_glass:review": "oooo",
  "hand_task:read": "aaao",
  "hand_task:complete": "oaoo",
  "offboarding:read": "aaao",
  "offboarding:start": "aaoo",
  "offboarding:decide": "aaoo",
  "offboarding:cancel": "aaoo",
  "offboarding:release": "aa--",
  "offboarding:carry_out": "----",
  "grant:provision": "----",
  "installation:read": "a---",
  "message:read": "aaa-",
  "message:configure": "a---",
  "message:retry": "aa--",
  "message:choose": "oooo",
};

const scopeMatrix: Record<Scope, readonly Permission[]> = {
  "inventory:read": [
    "identity:read",
    "access:read",
    "resource:read",
    "credential:read",
    "connection:read",
    "usage:read",
    "inventory:export",
  ],
  "inventory:write": ["identity:edit", "identity:match", "resource:edit"],
  "connections:write": ["connection:create", "connection:edit", "connection:sync", "connection:remove", "sync:resolve"],
  "usage:write": ["usage:write"],
  "audit:read": ["activity:read", "record:export"],
  "audit:write": ["record:configure"],
  "audit:erase": ["record:erase"],
  "access:request": [
    "catalogue:read",
    "request:create",
    "request:read",
    "request:cancel",
    "grant:read",
    "grant:collect",
  ],
  "access:decide": ["request:read", "request:decide", "break_glass:review"],
  "access:revoke": ["grant:read", "grant:revoke", "grant:retry", "hand_task:read", "hand_task:complete"],
  "offboarding:read": ["offboarding:read"],
  "offboarding:write": ["offboarding:read", "offboarding:start", "offboarding:decide", "offboarding:cancel"],
  "policies:read": ["policy:read", "policy:simulate"],
  "people:read": ["person:read", "token:read", "session:read"],
  "messages:read": ["message:read"],
  "messages:write": ["message:configure", "message:retry"],
};

// Every route beside the API's table. null: open to everybody, and tells nothing of the inventory.
const routes: Record<string, Permission | "table" | null> = {
  "app/accounts/export/route.ts": "inventory:export",
  "app/activity/events/route.ts": "record:export",
  "app/activity/export/route.ts": "record:export",
  "app/activity/live/route.ts": "activity:read",
  "app/api/auth/[...nextauth]/route.ts": null,
  "app/api/health/route.ts": null,
  "app/api/v1/[...path]/route.ts": "table",
  "app/api/ready/route.ts": null,
  "app/connections/[id]/live/route.ts": "connection:read",
  "app/connections/import/preview/route.ts": "connection:create",
  "app/connections/import/route.ts": "connection:create",
  "app/credentials/export/route.ts": "inventory:export",
  "app/find/route.ts": "identity:read",
  "app/grants/export/route.ts": "inventory:export",
  "app/grants/unmanaged/export/route.ts": "inventory:export",
  "app/identities/[id]/picture/route.ts": "access:read",
  "app/identities/export/route.ts": "inventory:export",
  // For the bearer of METRICS_TOKEN, or this machine itself.
  "app/metrics/route.ts": null,
  "app/offboardings/[id]/live/route.ts": "offboarding:read",
  "app/offboardings/[id]/receipt/route.ts": "offboarding:read",
  "app/requests/export/route.ts": "inventory:export",
  "app/resources/export/route.ts": "inventory:export",
};

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test.each(Object.keys(permissions) as Permission[])(
  "%s is allowed to exactly the roles of the matrix",
  (permission) => {
    const letters = { all: "a", own: "o", none: "-" } as const satisfies Record<Reach, string>;
    const row = roles.map((role) => letters[reachOf(person([role]), permission)]).join("");
    expect(row).toBe(matrix[permission]);
  },
);

test("a person without a role reaches nothing but what is theirs", () => {
  for (const permission of Object.keys(permissions) as Permission[]) {
    expect(reachOf(person([]), permission)).not.toBe("all");
  }
});

test("several roles together give what each of them gives, and no more", () => {
  const rank = { none: 0, own: 1, all: 2 } as const;
  for (const permission of Object.keys(permissions) as Permission[]) {
    for (const one of roles) {
      for (const other of roles) {
        const [first, second] = [reachOf(person([one]), permission), reachOf(person([other]), permission)];
        const both = reachOf(person([one, other]), permission);
        expect(rank[both]).toBe(Math.max(rank[first], rank[second]));
      }
    }
  }
});

test.each(scopeNames)("the scope %s carries exactly its actions, for a program", (scope) => {
  expect(Object.keys(scopeMatrix).sort()).toEqual(Object.keys(scopes).sort());
  const carried = (Object.keys(permissions) as Permission[]).filter((it) => reachOf(program([scope]), it) === "all");
  expect([...carried].sort()).toEqual([...scopeMatrix[scope]].sort());
});

test("a personal token never reaches further than its person, nor than its scopes", () => {
  const rank = { none: 0, own: 1, all: 2 } as const;
  for (const role of roles) {
    for (const scope of scopeNames) {
      for (const permission of Object.keys(permissions) as Permission[]) {
        const token = rank[reachOf({ ...person([role]), scopes: [scope] }, permission)];
        expect(token).toBeLessThanOrEqual(rank[reachOf(person([role]), permission)]);
        expect(token).toBeLessThanOrEqual(rank[reachOf(program([scope]), permission)]);
      }
    }
  }
});

test("every server action has a row, and its command asks for that permission", () => {
  const found = actionsIn("app");
  expect(
    found.map(({ name }) => name).filter((name) => !Object.hasOwn(serverActions, name)),
    "add a row for it above",
  ).toEqual([]);
  for (const { name, source } of found) {
    const permission = serverActions[name];
    if (permission === "visitor") expect(source, name).toContain("visitorAction(");
    else expect(source, `${name} does not come near ${permission}`).toContain(`"${permission}"`);
  }
});

test("every route has a row", () => {
  const found = filesIn("app").filter((file) => file.endsWith("/route.ts"));
  expect(
    found.filter((file) => !Object.hasOwn(routes, file)),
    "add a row for it above",
  ).toEqual([]);
});

const randomId = "01980000-0000-7000-8000-000000000000";
const matchRule = { name: "x", field: "name", pattern: "x", template: "x", target: "email" };

const asked = {
  items: [{ connection: "x", permission: "member", resource: { type: "role", id: "x" } }],
  reason: "x",
  duration: "PT1H",
};

// For the endpoints that refuse an empty body before they look at who calls: one that they take.
const bodies: Record<string, object> = {
  "POST /access/evaluations": {
    evaluations: [
      {
        subject: { type: "account", id: "a" },
        action: { name: "SELECT" },
        resource: { type: "table", id: "t" },
        context: { connection: "c" },
      },
    ],
  },
  "POST /connections": { name: "x", connector: "postgresql", settings: {}, secrets: {} },
  "PATCH /identities/{id}": { purpose: "x" },
  "POST /identities/edits": { ids: [randomId], change: { purpose: "x" } },
  "POST /accounts/{id}/match": { to: "nobody" },
  "POST /resources/owner": { ids: [randomId], ownerId: null },
  "POST /match-rules": matchRule,
  "POST /match-rules/preview": matchRule,
  "POST /audit/destinations": { name: "x", kind: "webhook", url: "https://anchors.example.com/x" },
  "POST /channels": { name: "x", kind: "webhook", url: "https://hooks.example.com/x" },
  "POST /requests": asked,
  "POST /requests/preview": asked,
  "POST /requests/{id}/decisions": { decision: "deny" },
  "POST /requests/{id}/answers": { text: "x" },
  "POST /grants/{id}/extend": { duration: "PT1H", reason: "x" },
  "POST /delegations": { to: "x", endsAt: "2026-01-01T00:00:00Z" },
  "POST /break-glass-reviews/{id}/opinions": { opinion: "justified", comment: "xyz" },
  "POST /hand-tasks/{id}/complete": { evidence: "xyz" },
  "POST /audit/erasures": { texts: ["a name of nobody"], reason: "xyz" },
  "POST /offboardings": { identity: "x" },
  "POST /offboardings/preview": { identity: "x" },
  "POST /offboardings/{id}/cancel": { reason: "xyz" },
  "POST /offboardings/{id}/rehire-dismissal": { reason: "xyz" },
  "POST /offboarding-items/{id}/disposition": { disposition: "keep" },
  "POST /offboarding-steps/{id}/decision": { decision: "retry" },
  "POST /policies/simulate": { requester: "x", item: asked.items[0] },
  "POST /tokens": { name: "x", scopes: ["audit:read"] },
  "POST /usage": { connection: "x", events: [{ account: "a", at: "2026-01-01T00:00:00Z" }] },
};
const queries: Record<string, object> = { "DELETE /connections/{id}": { confirmName: "x" } };
const guarded = endpoints.filter((it) => it.permission !== null);

test.each(guarded.map((it) => [`${it.method} ${it.path}`, it] as const))(
  "%s refuses every role and scope that lacks its permission",
  async (name, { permission, run, params, query, body }) => {
    if (permission === null) return;
    const input = {
      params: params?.parse({ id: randomId }),
      query: query?.parse(queries[name] ?? {}),
      body: body?.parse(bodies[name] ?? {}),
    };
    const actors: Actor[] = [
      ...roles.map((role) => person([role])),
      person([]),
      ...scopeNames.map((it) => program([it])),
    ];
    for (const actor of actors.filter((it) => reachOf(it, permission) === "none")) {
      const call = Promise.resolve().then(() => run(actor, input));
      await expect(call, `${actor.name} got through`).rejects.toMatchObject({ code: "forbidden" });
    }
  },
);

function person(given: PersonActor["roles"]): PersonActor {
  const named = { userId: randomId, identityId: null, name: `a person with ${given.join() || "no role"}`, email: null };
  const none = { sessionId: null, tokenId: null, scopes: null, requestId: null };
  return { type: "person", ...named, ...none, roles: given, authenticatedBy: "oidc" };
}

function program(given: readonly Scope[]): Actor {
  return {
    type: "workload",
    tokenId: randomId,
    name: `a program with ${given.join()}`,
    scopes: given,
    requestId: null,
  };
}
