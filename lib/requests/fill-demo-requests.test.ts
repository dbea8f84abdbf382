import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { loadPolicies } from "../policies/load-policies";
import { now } from "../time";
import { fillDemoRequests } from "./fill-demo-requests";
import { getDecisionView, listInbox } from "./inbox-queries";
import { previewRequest } from "./preview-queries";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  database = await freshDatabase();
  const make = async (name: string, managerId: string | null, department = "Engineering") => {
    const facts = {
      name,
      email: `${name}@nordwind.example`,
      kind: "human",
      kindReason: "test",
      department,
    };
    const { id } = await db().identity.create({
      data: { ...facts, managerId, firstSeenAt: now() },
      select: { id: true },
    });
    return id;
  };
  const chief = await make("zoe.chief", null);
  const leads = [await make("ada.lead", chief), await make("ben.lead", chief)];
  await make("sam.security", null, "Security");
  for (let n = 0; n < 12; n++) await make(`dev${String(n).padStart(2, "0")}`, leads[n % 2] ?? null);
});
afterAll(async () => {
  await database.drop();
});

test("people have asked, decided, held and given back for six weeks, and something waits for whoever looks", async () => {
  expect(await fillDemoRequests(system("demo"))).toBe(true);
  const states = await rows<{ state: string; count: number }>("select state, count(*)::int from requests group by 1");
  const count = Object.fromEntries(states.map(({ state, count }) => [state, count]));
  expect(count.fulfilled).toBeGreaterThan(20);
  expect(count.denied).toBeGreaterThan(1);
  expect(count.pending).toBeGreaterThan(3);
  const grants = await rows<{ state: string }>("select distinct state from grants order by 1");
  expect(grants.map(({ state }) => state)).toEqual(["active", "ended"]);
  const waiting = await rows(
    `select 1 from request_approvers a join users u on u.identity_id = a.identity_id where a.open and 'administrator' = any(u.roles)`,
  );
  expect(waiting.length).toBeGreaterThan(0);
  const [given] = await rows<{ instant: number }>(
    "select count(*)::int as instant from grants g join requests r on r.id = g.request_id where g.activated_at <= r.decided_at",
  );
  expect(given?.instant).toBe(0);
  const late = await rows("select ended_words from grants where state = 'ended' and ended_words like '%late%'");
  expect(late).toEqual([]);
  const proven = await rows(
    "select 1 from grants g where g.state = 'ended' and not exists (select 1 from grant_steps s where s.grant_id = g.id and s.step = 'proven')",
  );
  expect(proven).toEqual([]);
  expect(await fillDemoRequests(system("demo"))).toBe(false);
}, 300_000);

test("a conflict of duties is there to be seen: by whoever asks for both, and by whoever decides what is older", async () => {
  const [host] = await rows<{ id: string; userId: string }>(
    `select identity_id as id, id as "userId" from users where 'administrator' = any(roles)`,
  );
  const actor: PersonActor = {
    ...{
      type: "person",
      userId: host?.userId ?? "",
      identityId: host?.id ?? "",
      name: "host",
      email: "host@nordwind.example",
    },
    ...{
      roles: ["administrator"],
      sessionId: null,
      tokenId: null,
      authenticatedBy: "test",
      scopes: null,
      requestId: null,
    },
  };
  const waiting = (await listInbox(actor)).items.filter(({ items }) => items[0]?.resource === "nordwind_owners");
  expect(waiting).toHaveLength(1);
  expect((await getDecisionView(actor, waiting[0]?.id ?? "")).conflicts).toEqual(["enter-and-own"]);
  const item = (id: string) => ({ connection: "invoicing", permission: "member", resource: { type: "role", id } });
  const items = [item("nordwind_clerks"), item("nordwind_owners")];
  const preview = await previewRequest(actor, { items, duration: "PT1H", reason: "both", give: "credential" });
  expect(preview.allowed).toBe(false);
  expect(preview.items.map(({ conflicts }) => conflicts)).toEqual([["enter-and-own"], ["enter-and-own"]]);
  expect((await loadPolicies(system("worker"))).changed).toBe(false);
});
