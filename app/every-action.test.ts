import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { pauseDestination } from "@/lib/audit/change-destination";
import { createDestination } from "@/lib/audit/create-destination";
import { type Actor, type PersonActor, system } from "@/lib/auth/actor";
import { reachOf } from "@/lib/auth/authorize";
import { createApiToken } from "@/lib/auth/create-api-token";
import { type Role, roles } from "@/lib/auth/permissions";
import { startSession } from "@/lib/auth/session";
import { TestAuthenticator } from "@/lib/auth/test-authenticator";
import { createConnection } from "@/lib/connections/create-connection";
import { saveMatchRule } from "@/lib/connections/save-match-rule";
import { db, transaction } from "@/lib/db/client";
import { freshDatabase } from "@/lib/db/test-database";
import type { ActionResult } from "@/lib/errors";
import { createChannel } from "@/lib/messages/create-channel";
import { sendTest } from "@/lib/messages/send-test";
import { itemRow, leaverRow, rehireRow, runRow, stepRow } from "@/lib/offboarding/test-leaving-rows";
import { loadPolicies } from "@/lib/policies/load-policies";
import { makeRestoration } from "@/lib/restoration/test-rows";
import { dayMs, now, plus } from "@/lib/time";
import { actionsIn, serverActions } from "./test-doors";

// Every server action is carried out as each role, against a real database, through the very function that the page
// calls. Of the framework only the request is stood in for: its headers and its cookies.
const browser = { cookie: "", headers: new Headers() };
vi.mock("next/headers", () => ({
  headers: async () => browser.headers,
  cookies: async () => ({
    get: (name: string) => (browser.cookie && name === "rollcall" ? { value: browser.cookie } : undefined),
    set: () => undefined,
  }),
}));
vi.mock("next/cache", () => ({ refresh: () => undefined }));

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  database = await freshDatabase();
});
afterAll(() => database.drop());

const visitor = { ip: null, userAgent: null, requestId: null, heldToken: null };
const tester = system("test");
const name = () => `n-${randomUUID().slice(0, 8)}`;

async function person(given: readonly Role[]): Promise<{ actor: PersonActor; token: string }> {
  const user = await db().user.create({ data: { name: given.join() || "no role", roles: [...given] } });
  return transaction((tx) => startSession(tx, { userId: user.id, authenticatedBy: "oidc", visitor }));
}

const connection = async () => (await createConnection(tester, { ...ownDatabase(), name: name(), syncNow: false })).id;

function ownDatabase() {
  const url = new URL(database.url);
  const place = { host: url.hostname, port: Number(url.port), user: url.username, database: url.pathname.slice(1) };
  const settings = { ...place, databases: "one", sslmode: "disable" };
  return { connector: "postgresql", settings, secrets: { password: decodeURIComponent(url.password) } };
}

async function pausedRun() {
  const checkpoint = { ended: [], coverage: {}, visibility: [] };
  const data = { connectionId: await connection(), state: "paused", requestedBy: "test", checkpoint };
  return { runId: (await db().syncRun.create({ data })).id };
}

async function identity(ownerId?: string | null) {
  const owner = ownerId ? { ownerId } : {};
  const data = { name: name(), kind: "bot", kindReason: "the test says so", firstSeenAt: now(), ...owner };
  return (await db().identity.create({ data })).id;
}

async function account() {
  const facts = { type: "account", externalId: name(), name: name(), contentHash: "", firstSeenAt: now() };
  return (await db().principal.create({ data: { connectionId: await connection(), ...facts } })).id;
}

async function resource() {
  const facts = { type: "table", externalId: name(), name: name(), contentHash: "", firstSeenAt: now() };
  return (await db().resource.create({ data: { connectionId: await connection(), ...facts } })).id;
}

const session = async (userId: string) =>
  (await transaction((tx) => startSession(tx, { userId, authenticatedBy: "oidc", visitor }))).id;

async function passkey(userId: string) {
  const data = { id: name(), userId, name: "key", publicKey: new Uint8Array(8) };
  return (await db().passkey.create({ data })).id;
}

async function apiToken(userId: string) {
  const email = `${name()}@acme.test`;
  await db().user.update({ where: { id: userId }, data: { email } });
  return (await createApiToken(tester, { name: name(), for: email })).id;
}

async function ceremony(actor: PersonActor) {
  const { beginPasskey } = await import("@/lib/auth/add-passkey");
  const { challengeId, options } = await beginPasskey(actor);
  const here = { origin: "http://localhost:3000", rpId: "localhost", challenge: options.challenge };
  return { challengeId, name: "key", answer: new TestAuthenticator().register(here) };
}

async function view(userId: string | null) {
  const data = { page: "identities", name: name(), query: "", userId };
  return { id: (await db().savedView.create({ data })).id };
}

const rule = () => ({ name: name(), field: "name", pattern: "x(.*)", template: "\\1", target: "email" }) as const;
const hook = () => ({ name: name(), kind: "webhook", url: "https://hooks.example.com/x" }) as const;
const destination = async () => (await createDestination(tester, { ...hook(), kind: "http", format: "json" })).id;
const channel = async () => (await createChannel(tester, hook())).id;
const delivery = async () => (await sendTest(tester, { channelId: await channel() })).deliveries[0] ?? "";

// Access: somebody who asks, a group to ask for, and whoever decides.
async function human(id: string | null = null) {
  const email = `${name()}@acme.test`;
  const facts = { kind: "human", email };
  if (id) return db().identity.update({ where: { id }, data: facts });
  const made = { ...facts, name: email, kindReason: "test", firstSeenAt: now() };
  const identity = await db().identity.create({ data: made });
  await db().user.create({ data: { name: email, email, roles: ["member"], identityId: identity.id } });
  return identity;
}

async function group(ownerId: string | null = null) {
  const connectionId = await connection();
  if (ownerId) await db().connection.update({ where: { id: connectionId }, data: { ownerId } });
  const facts = { type: "group", externalId: name(), name: name(), contentHash: "", firstSeenAt: now() };
  return db().principal.create({ data: { connectionId, ...facts } });
}

const policyVersion = async () => (await loadPolicies(tester)).version;
const itemOf = (it: { connectionId: string; name: string }) => ({
  connection: it.connectionId,
  permission: "member",
  resource: { type: "role", id: it.name },
});

/** What the caller may ask for: a group in a system where they have an account, with a manager who decides. */
async function askable(caller: PersonActor) {
  await policyVersion();
  const me = await human(caller.identityId);
  await db().identity.update({ where: { id: me.id }, data: { managerId: (await human()).id } });
  const asked = await group();
  const facts = { type: "account", externalId: name(), name: name(), contentHash: "", firstSeenAt: now() };
  const holder = { connectionId: asked.connectionId, identityId: me.id, ...facts };
  await db().principal.create({ data: holder });
  return { items: [itemOf(asked)], reason: "the test says so", duration: "PT1H" };
}

async function request(
  requesterId: string,
  decides: string | null = null,
  state = "pending",
  ownerId: string | null = null,
) {
  const asked = await group(ownerId);
  const times = { createdAt: now(), expiresAt: plus(now(), dayMs) };
  const facts = { requesterId, subjectId: requesterId, give: "credential", reason: "x", durationSeconds: 3600, state };
  const made = await db().request.create({ data: { ...facts, ...times, policyVersion: await policyVersion() } });
  const access = { permission: "member", resourceType: "group", resourceExternalId: asked.externalId, privilege: 1 };
  const item = { requestId: made.id, position: 0, groupId: asked.id, connectionId: asked.connectionId, ...access };
  await db().requestItem.create({ data: { ...item, resourceName: asked.name } });
  const decider = decides ?? (await human()).email;
  const late = { do: "remind" };
  const rule = {
    name: "s",
    stage: 0,
    who: [`person:${decider}`],
    prefer: null,
    ownerId: null,
    needed: 1,
    withinSeconds: null,
    late,
  };
  await db().requestStep.create({
    data: { requestId: made.id, position: 0, name: "s", rule, needed: 1, state: "open" },
  });
  return made.id;
}

async function grant(subjectId: string, give = "credential") {
  const [held, holder] = [await group(), await account()];
  const facts = { permission: "member", resourceType: "group", resourceExternalId: held.externalId, privilege: 1 };
  const times = { createdAt: now(), startsAt: now(), activatedAt: now(), endsAt: plus(now(), dayMs) };
  const rest = {
    subjectId,
    connectionId: held.connectionId,
    groupId: held.id,
    resourceName: held.name,
    state: "active",
  };
  const data = { ...facts, ...times, ...rest, give, durationSeconds: 3600, policyVersion: await policyVersion() };
  return (await db().grant.create({ data: { ...data, accountId: give === "assignment" ? holder : null } })).id;
}

async function handTask() {
  const grantId = await grant((await human()).id, "assignment");
  const { connectionId, accountId, groupId } = await db().grant.findUniqueOrThrow({ where: { id: grantId } });
  const access = await db().managedAccess.create({
    data: { connectionId, accountId: accountId ?? "", groupId, state: "absent" },
  });
  const task = { accessId: access.id, grantId, connectionId, kind: "give", askedAt: now() };
  return { id: (await db().handTask.create({ data: task })).id, evidence: "the ticket says so" };
}

async function brokenGlass(caller: PersonActor) {
  const subjectId = (await human()).id;
  await human(caller.identityId);
  const grantRequestId = await request(subjectId, null, "fulfilled", caller.identityId);
  const review = { grantRequestId, subjectId, dueAt: plus(now(), dayMs), needed: 2 };
  return { id: (await db().breakGlassReview.create({ data: review })).id, opinion: "justified", comment: "I looked" };
}

async function delegation(fromId: string) {
  const times = { startsAt: now(), endsAt: plus(now(), dayMs) };
  const data = { fromId, toId: (await human()).id, createdBy: "test", ...times };
  return { id: (await db().delegation.create({ data })).id };
}

const idOf = async (caller: PersonActor) => caller.identityId ?? (await human()).id;
const toDecide = async (caller: PersonActor) => request((await human()).id, (await human(caller.identityId)).email);
const somebodys = async (state = "pending") => request((await human()).id, null, state);
const soon = () => plus(now(), dayMs).toISOString();

type Input = (caller: PersonActor) => unknown;
/** The input of an action on somebody else's thing, and on the caller's own where there is such a thing. */
type Example = { others?: Input; own?: Input };

const other = async () => (await person(["member"])).actor.userId;
const edit = (ids: string[]) => ({ ids, change: { purpose: name() } });
const own = (input: Input): Example => ({ own: input });
const others = (input: Input): Example => ({ others: input });

const examples: Record<string, Example> = {
  "app/accounts/actions.ts#matchAccountAction": others(async () => ({ accountId: await account(), to: "nobody" })),
  "app/accounts/rules/actions.ts#deleteRule": others(async () => ({ id: (await saveMatchRule(tester, rule())).id })),
  "app/accounts/rules/actions.ts#saveRule": others(rule),
  "app/accounts/rules/actions.ts#tryRule": others(rule),
  "app/destinations/actions.ts#create": others(() => hook()),
  "app/destinations/actions.ts#pause": others(async () => ({ id: await destination() })),
  "app/destinations/actions.ts#remove": others(async () => ({ id: await destination() })),
  "app/destinations/actions.ts#resume": others(async () => {
    const id = await destination();
    await pauseDestination(tester, { id });
    return { id };
  }),
  "app/destinations/actions.ts#test": others(async () => ({ id: await destination() })),
  "app/activity/erase/actions.ts#erase": others(() => ({ texts: [name()], reason: "asked to be forgotten" })),
  "app/activity/erase/actions.ts#preview": others(() => ({ texts: [name()] })),
  "app/ask/actions.ts#preview": own(askable),
  "app/ask/actions.ts#search": own(() => ({ q: "x" })),
  "app/ask/actions.ts#submit": own(askable),
  "app/connections/actions.ts#applyPaused": others(pausedRun),
  "app/connections/actions.ts#check": others(() => ownDatabase()),
  "app/connections/actions.ts#connect": others(() => ({ ...ownDatabase(), name: name(), syncNow: false })),
  "app/connections/actions.ts#discardPaused": others(pausedRun),
  "app/connections/actions.ts#edit": others(async () => ({ id: await connection(), environment: "staging" })),
  "app/connections/actions.ts#remove": others(async () => {
    const id = await connection();
    return { id, confirmName: (await db().connection.findUniqueOrThrow({ where: { id } })).name };
  }),
  "app/connections/actions.ts#setupSteps": others(() => ({ connector: "postgresql" })),
  "app/connections/actions.ts#syncNow": others(async () => ({ id: await connection() })),
  "app/grants/actions.ts#beginConfirm": others(async () => ({ id: await grant((await human()).id) })),
  "app/grants/actions.ts#collect": others(async () => ({ id: await grant((await human()).id) })),
  "app/grants/actions.ts#confirm": others(async () => ({ id: await grant((await human()).id), proof: {} })),
  "app/grants/actions.ts#extend": own(async (caller) => {
    const [wanted] = (await askable(caller)).items;
    const held = await db().principal.findFirstOrThrow({ where: { name: wanted?.resource.id ?? "" } });
    const { connectionId, id: groupId, externalId } = held;
    const accounts = await db().principal.findMany({ where: { connectionId, type: "account" } });
    const grantId = await grant(await idOf(caller), "assignment");
    const data = { connectionId, groupId, accountId: accounts[0]?.id ?? null, resourceExternalId: externalId };
    await db().grant.update({ where: { id: grantId }, data });
    return { grantId, duration: "PT1H", reason: "not done yet" };
  }),
  "app/grants/actions.ts#goes": own(async (caller) => ({ ids: [await grant(await idOf(caller))] })),
  "app/grants/actions.ts#retry": others(async () => ({ id: await grant((await human()).id) })),
  "app/grants/actions.ts#revoke": {
    others: async () => ({ id: await grant((await human()).id) }),
    own: async (caller) => ({ id: await grant(await idOf(caller)) }),
  },
  "app/grants/actions.ts#revokeMany": {
    others: async () => ({ ids: [await grant((await human()).id)] }),
    own: async (caller) => ({ ids: [await grant(await idOf(caller))] }),
  },
  "app/identities/actions.ts#editIdentitiesAction": {
    others: async () => edit([await identity()]),
    own: async (caller) => edit([await identity(caller.identityId)]),
  },
  "app/identities/actions.ts#previewIdentityEditAction": {
    others: async () => edit([await identity()]),
    own: async (caller) => edit([await identity(caller.identityId)]),
  },
  "app/inbox/actions.ts#begin": own(async (caller) => {
    await passkey(caller.userId);
    return { id: randomUUID() };
  }),
  "app/inbox/actions.ts#completeTask": others(handTask),
  "app/inbox/actions.ts#decide": {
    others: async () => ({ id: await somebodys(), decision: "deny" }),
    own: async (caller) => ({ id: await toDecide(caller), decision: "deny" }),
  },
  "app/inbox/actions.ts#decideMany": {
    others: async () => ({ ids: [await somebodys()], decision: "deny" }),
    own: async (caller) => ({ ids: [await toDecide(caller)], decision: "deny" }),
  },
  "app/inbox/actions.ts#endStandIn": {
    others: async () => delegation((await human()).id),
    own: async (caller) => delegation(await idOf(caller)),
  },
  "app/inbox/actions.ts#review": own(brokenGlass),
  "app/inbox/actions.ts#standIn": {
    others: async () => ({ from: (await human()).id, to: (await human()).email, endsAt: soon() }),
    own: async () => ({ to: (await human()).email, endsAt: soon() }),
  },
  "app/list-actions.ts#removeViewAction": own((caller) => view(caller.userId)),
  "app/list-actions.ts#saveViewAction": own(() => ({ page: "identities", name: name(), query: "" })),
  "app/messages/actions.ts#choose": own(() => ({ event: "access.ready", email: false })),
  "app/messages/actions.ts#create": others(() => hook()),
  "app/messages/actions.ts#edit": others(async () => ({ id: await channel(), name: name() })),
  "app/messages/actions.ts#giveUp": others(async () => ({ id: await delivery() })),
  "app/messages/actions.ts#remove": others(async () => ({ id: await channel() })),
  "app/messages/actions.ts#retry": others(async () => ({ id: await delivery() })),
  "app/messages/actions.ts#rotate": others(async () => ({ id: await channel() })),
  "app/messages/actions.ts#test": others(async () => ({ channelId: await channel() })),
  "app/my-sessions/actions.ts#end": {
    others: async () => ({ id: await session(await other()) }),
    own: async (caller) => ({ id: await session(caller.userId) }),
  },
  "app/my-sessions/actions.ts#endOthers": own(() => ({})),
  "app/my-sessions/actions.ts#remove": {
    others: async () => ({ id: await passkey(await other()) }),
    own: async (caller) => ({ id: await passkey(caller.userId) }),
  },
  "app/my-sessions/actions.ts#rename": {
    others: async () => ({ id: await passkey(await other()), name: "x" }),
    own: async (caller) => ({ id: await passkey(caller.userId), name: "x" }),
  },
  "app/my-sessions/actions.ts#revoke": {
    others: async () => ({ id: await apiToken(await other()) }),
    own: async (caller) => ({ id: await apiToken(caller.userId) }),
  },
  "app/offboardings/actions.ts#cancel": {
    others: async () => ({ id: await runRow("ordered"), reason: "a rumour" }),
    own: async (caller) => ({ id: await runRow("ordered", await idOf(caller)), reason: "a rumour" }),
  },
  "app/offboardings/actions.ts#decide": {
    others: async () => ({ id: await stepRow(), decision: "by_hand", reason: "see OPS-1" }),
    own: async (caller) => ({ id: await stepRow(await idOf(caller)), decision: "by_hand", reason: "see OPS-1" }),
  },
  "app/offboardings/actions.ts#decideHeld": others(async () => ({
    ids: [await runRow("paused_by_brake")],
    decision: "release" as const,
  })),
  "app/offboardings/actions.ts#dismiss": {
    others: async () => ({ id: await rehireRow(), reason: "the list is old" }),
    own: async (caller) => ({ id: await rehireRow(await idOf(caller)), reason: "the list is old" }),
  },
  "app/offboardings/actions.ts#dispose": {
    others: async () => ({ id: await itemRow(), disposition: "cancel" }),
    own: async (caller) => ({ id: await itemRow(await idOf(caller)), disposition: "cancel" }),
  },
  "app/offboardings/actions.ts#followAll": {
    others: async () => ({ id: await runRow() }),
    own: async (caller) => ({ id: await runRow(undefined, await idOf(caller)) }),
  },
  "app/offboardings/actions.ts#release": others(async () => ({ id: await runRow("paused_by_brake") })),
  "app/offboardings/actions.ts#start": {
    others: async () => ({ identity: await leaverRow() }),
    own: async (caller) => ({ identity: await leaverRow(await idOf(caller)) }),
  },
  "app/people/actions.ts#changeRoles": others(async () => ({ userId: await other(), roles: ["auditor"] })),
  "app/people/actions.ts#disable": others(async () => ({ userId: await other() })),
  "app/people/actions.ts#enable": others(async () => ({ userId: await other() })),
  "app/people/actions.ts#endAll": others(async () => ({ userId: await other() })),
  "app/people/actions.ts#endOne": {
    others: async () => ({ id: await session(await other()) }),
    own: async (caller) => ({ id: await session(caller.userId) }),
  },
  "app/people/actions.ts#leaveRolesToSignOn": others(async () => ({ userId: await other() })),
  "app/people/actions.ts#revoke": {
    others: async () => ({ id: await apiToken(await other()) }),
    own: async (caller) => ({ id: await apiToken(caller.userId) }),
  },
  "app/policies/actions.ts#find": own(() => ({ q: "x" })),
  "app/policies/actions.ts#load": others(() => ({})),
  "app/policies/actions.ts#simulate": others(async () => {
    await policyVersion();
    return { requester: (await human()).id, item: itemOf(await group()) };
  }),
  "app/requests/actions.ts#answer": own(async (caller) => ({ id: await request(await idOf(caller)), text: "because" })),
  "app/requests/actions.ts#cancel": {
    others: async () => ({ id: await somebodys(), reason: "not needed" }),
    own: async (caller) => ({ id: await request(await idOf(caller)) }),
  },
  "app/requests/actions.ts#retry": others(async () => ({ id: await somebodys("failed") })),
  "app/resources/actions.ts#previewOwner": others(async () => ({ ids: [await resource()], ownerId: null })),
  "app/resources/actions.ts#setOwner": others(async () => ({ ids: [await resource()], ownerId: null })),
  "app/restorations/actions.ts#see": others(async () => ({ id: await makeRestoration() })),
  "app/tokens/actions.ts#make": others(() => ({ name: name(), scopes: ["audit:read"] })),
  "app/tokens/actions.ts#revoke": {
    others: async () => ({ id: await apiToken(await other()) }),
    own: async (caller) => ({ id: await apiToken(caller.userId) }),
  },
  "app/sign-in/actions.ts#keepPasskey": own(ceremony),
  "app/sign-in/actions.ts#signInByLink": own(() => ({ token: "x".repeat(43) })),
  "app/sign-in/actions.ts#signInByPasskey": own(() => ({
    challengeId: randomUUID(),
    answer: new TestAuthenticator().authenticate({
      origin: "http://localhost:3000",
      rpId: "localhost",
      challenge: "x",
    }),
  })),
  "app/sign-in/actions.ts#signOut": own(() => undefined),
  "app/sign-in/actions.ts#startPasskey": own(() => ({})),
  "app/sign-in/actions.ts#startPasskeySignIn": own(() => ({})),
};

async function run(action: string, token: string, input: unknown): Promise<string> {
  const [file = "", exported = ""] = action.split("#");
  const module: Record<string, (input: unknown) => Promise<ActionResult<unknown>>> = await import(
    /* @vite-ignore */ path.resolve(file)
  );
  browser.cookie = token;
  browser.headers = new Headers({ origin: "http://localhost:3000", host: "localhost:3000" });
  try {
    const answer = await module[exported]?.(input);
    return answer?.ok ? "done" : (answer?.refusal.code ?? "no answer");
  } catch (error) {
    return String((error as { digest?: string }).digest ?? error).split(";")[0] ?? "";
  }
}

const denied = (actor: Actor) =>
  db().auditEvent.count({ where: { outcome: "denied", actorId: actor.type === "person" ? actor.userId : "" } });

test("every server action has an example here, and every example an action", () => {
  const found = actionsIn("app").map((action) => action.name);
  expect(Object.keys(examples).sort()).toEqual(found.sort());
});

const asked = Object.entries(serverActions).flatMap(([action, permission]) =>
  permission === "visitor" || action.endsWith("#signOut") ? [] : [{ action, permission }],
);

describe.each(asked)("$action", ({ action, permission }) => {
  test.each([...roles, null])(`as %s does what ${permission} gives, and no more`, async (role) => {
    const { actor: signedIn, token } = await person(role === null ? [] : [role]);
    const identityId = await identity();
    await db().user.update({ where: { id: signedIn.userId }, data: { identityId } });
    const caller = { ...signedIn, identityId };
    const reach = reachOf(caller, permission);
    const example = examples[action];
    if (example?.own) {
      expect(await run(action, token, await example.own(caller))).toBe(reach === "none" ? "forbidden" : "done");
    }
    if (!example?.others) return;
    const before = await denied(caller);
    const answer = await run(action, token, await example.others(caller));
    if (reach === "all") return expect(answer).toBe("done");
    // Of what is somebody else's, one may be told that it is not there.
    expect(reach === "own" ? ["forbidden", "not_found"] : ["forbidden"]).toContain(answer);
    if (answer === "forbidden") expect(await denied(caller)).toBe(before + 1);
  });

  test("is refused to whoever is not signed in, whose session has ended, and whose role is not known", async () => {
    const { actor, token } = await person(["administrator"]);
    const input = await (examples[action]?.others ?? examples[action]?.own)?.(actor);
    expect(await run(action, "", input)).toBe("unauthenticated");
    await db().session.deleteMany({ where: { userId: actor.userId } });
    expect(await run(action, token, input)).toBe("unauthenticated");
  });
});

test("what is for visitors answers them, and lets nobody in without a proof", async () => {
  const call = async (action: string) => run(action, "", await examples[action]?.own?.((await person([])).actor));
  expect(await call("app/sign-in/actions.ts#startPasskeySignIn")).toBe("done");
  expect(await call("app/sign-in/actions.ts#signInByPasskey")).toBe("unauthenticated");
  expect(await call("app/sign-in/actions.ts#signInByLink")).toBe("unauthenticated");
  expect(await call("app/sign-in/actions.ts#signOut")).toBe("NEXT_REDIRECT");
});

test("signing out ends the session that is used, and no other", async () => {
  const { actor, token } = await person(["member"]);
  const kept = await session(actor.userId);
  await run("app/sign-in/actions.ts#signOut", token, undefined);
  const left = await db().session.findMany({ where: { userId: actor.userId }, select: { id: true } });
  expect(left).toEqual([{ id: kept }]);
});

test("a view that everybody sees is made and removed by administrators and security alone", async () => {
  for (const role of roles) {
    const { token } = await person([role]);
    const expected = role === "administrator" || role === "security" ? "done" : "forbidden";
    const shared = { page: "identities", name: name(), query: "", shared: true };
    expect([role, await run("app/list-actions.ts#saveViewAction", token, shared)]).toEqual([role, expected]);
    expect([role, await run("app/list-actions.ts#removeViewAction", token, await view(null))]).toEqual([
      role,
      expected,
    ]);
    const anothers = await view(await other());
    expect(await run("app/list-actions.ts#removeViewAction", token, anothers)).toBe("not_found");
  }
});

test("a fault of ours shows its reference and nothing else, and nothing is carried out", async () => {
  const { action: make } = await import("./action");
  const { z } = await import("zod");
  const { token, actor } = await person(["administrator"]);
  const broken = make(z.strictObject({}), async () => {
    await transaction(async (tx) => {
      await tx.savedView.create({ data: { page: "identities", name: "half", query: "", userId: actor.userId } });
      throw new TypeError("the secret recipe at /srv/rollcall/lib/kitchen.ts");
    });
  });
  browser.cookie = token;
  const answer = await broken({});
  expect(answer).toMatchObject({
    ok: false,
    refusal: { code: "bug", reference: expect.stringMatching(/^[0-9a-f]{8}$/) },
  });
  expect(JSON.stringify(answer)).not.toMatch(/secret|kitchen|TypeError/);
  expect(await db().savedView.count({ where: { userId: actor.userId } })).toBe(0);
  expect(await broken(JSON.parse('{"__proto__": {"role": "administrator"}, "role": 1}'))).toMatchObject({
    ok: false,
    refusal: { code: "invalid" },
  });
});
