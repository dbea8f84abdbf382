import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { system } from "@/lib/auth/actor";
import { createApiToken } from "@/lib/auth/create-api-token";
import { db, rows } from "@/lib/db/client";
import { runJobs, startWorld, type World } from "@/lib/requests/test-world";
import { setClock } from "@/lib/time";
import { GET, POST } from "./[...path]/route";

let world: World;
const tokens = new Map<string, string>();
beforeAll(async () => {
  world = await startWorld();
  for (const name of ["ann", "bob", "eve", "cara", "sid", "sue", "adam", "dana"])
    tokens.set(name, (await createApiToken(system("test"), { name, for: `${name}@acme.test` })).token);
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});
beforeEach(() => setClock(null));

/** What the tests look at of the answers. */
type Body = {
  id: string;
  status: string;
  reason: string;
  endsAt: string;
  seen: string;
  closed: boolean;
  secret: string;
  facts: Record<string, string>;
  items: { id: string }[];
  grants: { id: string }[];
  receipt: { step: string }[];
  review: { id: string };
};

async function call(who: string, method: "GET" | "POST", path: string, body?: unknown, headers = {}) {
  const init = {
    method,
    headers: { authorization: `Bearer ${tokens.get(who) ?? who}`, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  const response = await (method === "GET" ? GET : POST)(new Request(`http://rollcall.test/api/v1${path}`, init));
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const asking = (more: object = {}) => ({
  for: "me",
  items: [analysts],
  reason: "quarter end",
  duration: "PT2H",
  startsAt: null,
  give: "assignment",
  ...more,
});
const ask = async (who: string, more: object = {}, headers = {}) =>
  call(who, "POST", "/requests", asking(more), headers);
const decide = (who: string, id: string, more: object = {}, headers = {}) =>
  call(who, "POST", `/requests/${id}/decisions`, { decision: "approve", comment: "", ...more }, headers);

async function given(more: object = {}): Promise<{ id: string; grantId: string }> {
  const { body } = await ask("ann", more);
  expect(await decide("bob", body.id)).toMatchObject({ status: 200, body: { status: "approved" } });
  await runJobs();
  const answer = await call("ann", "GET", `/requests/${body.id}`);
  expect(answer.body).toMatchObject({ status: "fulfilled", grants: [{ status: "active" }] });
  const [grant] = answer.body.grants;
  return { id: body.id, grantId: grant?.id ?? "" };
}

test("access is asked for, approved, held, and ended with a receipt, all by the API", async () => {
  const asked = await ask("ann", { ticket: "OPS-12" });
  expect(asked).toMatchObject({
    status: 201,
    body: {
      status: "pending",
      steps: [{ who: "manager or role:security", needed: 1, decisions: [] }],
      grants: [],
      waitsFor: ["bob"],
      duration: "PT2H",
      ticket: "OPS-12",
      may: { cancel: true, decide: false },
    },
  });
  const { id } = asked.body;
  expect((await call("bob", "GET", "/inbox")).body).toMatchObject({ items: [{ id, becauseOf: "manager" }] });
  const { body: shown } = await call("bob", "GET", `/requests/${id}/facts`);
  expect(shown).toMatchObject({ facts: { items: [{ resource: "analysts" }] }, seat: { needsPasskey: false } });
  const decided = await decide("bob", id, { seen: shown.seen, duration: "PT1H", comment: "for today" });
  expect(decided).toMatchObject({
    status: 200,
    body: { status: "approved", duration: "PT1H", steps: [{ decisions: [{ by: "bob", decision: "approve" }] }] },
  });
  await runJobs();
  const [grant] = (await call("ann", "GET", "/grants?mine=true&state=active")).body.items;
  expect((await call("ann", "GET", "/grants?mine=true&status=active")).body.items).toEqual([grant]);
  expect((await call("ann", "GET", "/grants?mine=true&status=ended")).body.items).toEqual([]);
  expect((await call("ann", "GET", "/grants?status=ended&state=active")).status).toBe(422);
  const { body: held } = await call("ann", "GET", `/grants/${grant?.id}`);
  expect(held).toMatchObject({ status: "active", requestId: id, may: { revoke: true, extend: true } });
  expect(held.receipt.map(({ step }) => step)).toEqual(["ordered", "done", "read_back"]);
  expect(await world.holds("ann", "analysts")).toBe(true);

  expect(await call("ann", "POST", `/grants/${grant?.id}/revoke`)).toMatchObject({
    status: 202,
    body: { id: grant?.id, status: "ending" },
  });
  await runJobs();
  const { body: over } = await call("ann", "GET", `/grants/${grant?.id}`);
  expect(over).toMatchObject({ status: "ended", endedBecause: "revoked" });
  expect(over.receipt.map(({ step }) => step)).toContain("sessions_ended");
  expect(await world.holds("ann", "analysts")).toBe(false);
});

test("a credential is handed to its subject alone and once, works, and is kept nowhere", async () => {
  const { grantId } = await given({ give: "credential" });
  for (const name of ["bob", "sid", "adam"])
    expect([name, (await call(name, "POST", `/grants/${grantId}/credential`)).status]).toEqual([name, 403]);
  const key = { "idempotency-key": randomUUID() };
  const made = await call("ann", "POST", `/grants/${grantId}/credential`, undefined, key);
  expect(made.status).toBe(201);
  const { facts, secret } = made.body;
  const user = Object.values(facts).find((value) => value.includes("ann")) ?? "";
  const client = await world.server.connect("postgres", user, secret);
  await client.query("select * from invoices").finally(() => client.end());
  expect((await call("ann", "POST", `/grants/${grantId}/credential`, undefined, key)).status).toBe(409);
  for (const table of ["grants", "grant_steps", "audit_events", "idempotency_keys", "principals"])
    expect(JSON.stringify(await rows(`select t::text from ${table} t`))).not.toContain(secret);
  await call("ann", "POST", `/grants/${grantId}/revoke`, { reason: "done" });
  await runJobs();
  await expect(world.server.connect("postgres", user, secret)).rejects.toThrow();
});

describe("deciding", () => {
  test("nobody decides on their own, nor on what does not wait for them, nor with a forged token", async () => {
    const { body } = await ask("ann");
    for (const name of ["ann", "eve", "adam", "sid", "cara"])
      expect([name, (await decide(name, body.id)).status]).toEqual([name, 403]);
    const token = tokens.get("bob") ?? "";
    const forged = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    expect((await decide(forged, body.id)).status).toBe(401);
    const program = await createApiToken(system("test"), { name: "program", scopes: ["access:decide"] });
    expect((await decide(program.token, body.id)).status).toBe(403);
    expect((await call("eve", "GET", `/requests/${body.id}`)).status).toBe(403);
    expect(await db().decision.count({ where: { requestId: body.id } })).toBe(0);
    expect((await call("ann", "POST", `/requests/${body.id}/cancel`)).body).toMatchObject({ status: "cancelled" });
  });

  test("a token that was narrowed to asking decides nothing, whoever it acts as", async () => {
    const narrow = await createApiToken(system("test"), {
      name: "n",
      for: "bob@acme.test",
      scopes: ["access:request"],
    });
    const { body } = await ask("ann");
    expect((await decide(narrow.token, body.id)).status).toBe(403);
    await call("ann", "POST", `/requests/${body.id}/cancel`, {});
  });

  test("a decision that is sent again is answered again, and decides nothing twice", async () => {
    const { body } = await ask("ann");
    const key = { "idempotency-key": randomUUID() };
    const first = await decide("bob", body.id, { decision: "deny", comment: "not now" }, key);
    const again = await decide("bob", body.id, { decision: "deny", comment: "not now" }, key);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
    expect(await decide("bob", body.id)).toMatchObject({ status: 409, body: { code: "conflict" } });
    expect(await db().decision.count({ where: { requestId: body.id } })).toBe(1);
  });

  test("what a decider asks back is answered, and only by those it concerns", async () => {
    const { body } = await ask("ann");
    expect((await decide("bob", body.id, { decision: "ask", comment: "which tables?" })).body).toMatchObject({
      awaitsAnswer: true,
      notes: [{ by: "bob", text: "which tables?" }],
    });
    expect((await call("eve", "POST", `/requests/${body.id}/answers`, { text: "mine" })).status).toBe(403);
    expect((await call("ann", "POST", `/requests/${body.id}/answers`, { text: "invoices" })).body).toMatchObject({
      awaitsAnswer: false,
    });
    await call("ann", "POST", `/requests/${body.id}/cancel`);
  });

  test("whoever stands in decides in that one's name, until it is ended", async () => {
    const endsAt = new Date(Date.now() + 86_400_000).toISOString();
    const made = await call("bob", "POST", "/delegations", { to: "dana@acme.test", endsAt });
    expect(made.status).toBe(201);
    expect((await call("dana", "GET", "/delegations")).body).toMatchObject({ items: [{ from: "bob", mine: false }] });
    const { body } = await ask("ann");
    expect((await decide("dana", body.id, { decision: "deny" })).body).toMatchObject({
      steps: [{ decisions: [{ by: "dana", onBehalfOf: "bob" }] }],
    });
    expect((await call("eve", "POST", `/delegations/${made.body.id}/end`)).status).toBe(403);
    expect((await call("bob", "POST", `/delegations/${made.body.id}/end`)).status).toBe(200);
    expect((await call("bob", "GET", "/delegations")).body).toMatchObject({ items: [] });
  });
});

test("more time is asked for on a grant of one's own, and its end moves", async () => {
  const { grantId } = await given();
  const before = (await call("ann", "GET", `/grants/${grantId}`)).body.endsAt;
  const more = { duration: "PT1H", reason: "not done" };
  expect((await call("eve", "POST", `/grants/${grantId}/extend`, more)).status).toBe(403);
  const asked = await call("ann", "POST", `/grants/${grantId}/extend`, more);
  expect(asked).toMatchObject({ status: 201, body: { status: "pending", extendsGrantId: grantId } });
  expect((await decide("bob", asked.body.id)).body).toMatchObject({ status: "fulfilled" });
  const after = (await call("ann", "GET", `/grants/${grantId}`)).body.endsAt;
  expect(Date.parse(after) - Date.parse(before)).toBe(3_600_000);
  expect((await call("bob", "POST", `/grants/${grantId}/revoke`, {})).status).toBe(202);
  await runJobs();
});

test("a break-glass is given at once, owes a review by two people, and lets no second through before", async () => {
  const broken = await ask("ann", { breakGlass: true, duration: "PT1H", reason: "the shop is down" });
  expect(broken).toMatchObject({ status: 201, body: { status: "approved", breakGlass: true, review: { needed: 2 } } });
  await runJobs();
  expect(await world.holds("ann", "analysts")).toBe(true);
  expect((await ask("ann", { breakGlass: true, duration: "PT1H" })).status).toBe(422);
  const reviewId = broken.body.review.id;
  const opinion = { opinion: "justified", comment: "it was down" };
  expect((await call("ann", "POST", `/break-glass-reviews/${reviewId}/opinions`, opinion)).status).toBe(403);
  expect((await call("sid", "GET", "/break-glass-reviews")).body).toMatchObject({
    items: [{ id: reviewId, given: 0 }],
  });
  const answers = [];
  for (const name of ["sid", "cara"])
    answers.push((await call(name, "POST", `/break-glass-reviews/${reviewId}/opinions`, opinion)).body.closed);
  expect(answers).toEqual([false, true]);
  const [grant] = broken.body.grants;
  await call("ann", "POST", `/grants/${grant?.id}/revoke`);
  await runJobs();
});

describe("hostile input", () => {
  test("the same key asks once, however often it is sent", async () => {
    const key = { "idempotency-key": randomUUID() };
    const before = await db().request.count();
    const [first, again] = [await ask("ann", {}, key), await ask("ann", {}, key)];
    expect(again.body).toEqual(first.body);
    expect(await db().request.count()).toBe(before + 1);
    expect((await ask("ann", { reason: "another" }, key)).status).toBe(409);
    await call("ann", "POST", `/requests/${first.body.id}/cancel`);
  });

  test("a ticket or a reason that is too long is refused by its name", async () => {
    for (const [field, length] of [
      ["ticket", 10_000],
      ["reason", 10_000],
    ] as const) {
      const answer = await ask("ann", { [field]: "x".repeat(length) });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ field }] } });
      expect(JSON.stringify(answer.body).length).toBeLessThan(1_000);
    }
  });

  test("HTML in a reason stays text", async () => {
    const reason = `<img src=x onerror=alert(1)><script>alert(1)</script>&lt;b&gt; "'\u202e`;
    const { body, headers } = await ask("ann", { reason });
    expect(body.reason).toBe(reason);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    await call("ann", "POST", `/requests/${body.id}/cancel`);
  });

  test("a duration or a start that cannot be is refused", async () => {
    for (const duration of ["2h", "PT0S", "P2Y", "-PT1H", "PT99999999999H", 7_200, null, {}])
      expect([duration, (await ask("ann", { duration })).status]).toEqual([duration, 422]);
    for (const startsAt of ["yesterday", "2020-01-01T00:00:00Z", 0])
      expect([startsAt, (await ask("ann", { startsAt })).status]).toEqual([startsAt, 422]);
  });
});
