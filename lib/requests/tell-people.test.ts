import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { recordAll } from "../audit/record";
import { sequenceEvents } from "../audit/sequence-events";
import { db, rows, transaction } from "../db/client";
import { resetEnv } from "../env";
import { revokeGrant } from "../grants/end-grant";
import { currentPolicies } from "../policies/current-policies";
import { dayMs, minuteMs, now, plus, setClock } from "../time";
import { answerRequest, cancelRequest } from "./cancel-request";
import { decideRequest } from "./decide-request";
import { extendRequest } from "./extend-request";
import { listInbox } from "./inbox-queries";
import { reviewBreakGlass } from "./review-break-glass";
import { submitRequest } from "./submit-request";
import { tellPeople } from "./tell-people";
import { grantsOf, person, runJobs, startWorld, type World, worker } from "./test-world";
import { watchRequests } from "./watch-requests";

let world: World;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret of this test alone";
  world = await startWorld();
  resetEnv();
  await sequenceEvents();
  await tellPeople(worker);
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});

const tellAll = async () => {
  await sequenceEvents();
  await Promise.all([tellPeople(worker), tellPeople(worker)]);
  await tellPeople(worker);
};
const told = async (since: Date) => {
  const rows = await db().delivery.findMany({ where: { createdAt: { gte: since } }, orderBy: { id: "asc" } });
  return rows.map(({ recipient, event }) => `${recipient} ${event}`);
};
// The last mail of a kind to somebody, without marks of direction.
const saidTo = async (recipient: string, event: string) => {
  const { content } = await db().delivery.findFirstOrThrow({ where: { recipient, event }, orderBy: { id: "desc" } });
  return z
    .object({ text: z.string() })
    .parse(content)
    .text.replace(/[\u2068\u2069]/g, "");
};

test("everybody concerned is told, each once, from the question to the proven end", async () => {
  const from = now();
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const { id } = await submitRequest(person(world, "ann"), {
    items: [asked],
    reason: "<b>audit</b>",
    duration: "PT2H",
  });
  await tellAll();
  expect(await told(from)).toEqual(["bob@acme.test request.waiting"]);
  expect(await saidTo("bob@acme.test", "request.waiting")).toMatch(
    /^Opens: +SELECT on public\.invoices\nHow long: +2 hours\nWhy: +<b>audit<\/b>$/m,
  );
  await decideRequest(person(world, "bob"), { id, decision: "approve", comment: "fine", duration: "PT1H" });
  await runJobs();
  await tellAll();
  expect(await saidTo("ann@acme.test", "request.decided")).toMatch(
    /^bob has approved the request\.\n\nIt is being set up now(.|\n)*\nHow long: +1 hour\nAsked for: +2 hours\nAnswer: +fine$/m,
  );
  expect((await told(from)).slice(1)).toEqual(["ann@acme.test request.decided", "ann@acme.test access.ready"]);
  let [grant] = await grantsOf(id);
  const more = await extendRequest(person(world, "ann"), {
    grantId: grant?.id ?? "",
    reason: "more",
    duration: "PT1H",
  });
  await tellAll();
  expect(await saidTo("bob@acme.test", "request.waiting")).toMatch(
    /asks for more time on access(.|\n)*\nHeld already: +all of it, but only until .*\nHow long: +1 hour more\nEnds now: .*\nWould end: /,
  );
  const { items } = await listInbox(person(world, "bob"));
  expect(items).toMatchObject([{ id: more.id, sameKey: expect.stringMatching(/ 3600 assignment more$/) }]);
  await decideRequest(person(world, "bob"), { id: more.id, decision: "approve" });
  await tellAll();
  expect(await saidTo("ann@acme.test", "request.decided")).toMatch(/The access lasts until .* now; nothing was taken/);
  [grant] = await grantsOf(id);
  setClock(plus(grant?.endsAt ?? now(), -10 * minuteMs));
  await tellPeople(worker);
  await tellPeople(worker);
  setClock(null);
  expect(await told(from)).toContain("ann@acme.test access.ending_soon");
  await revokeGrant(person(world, "ann"), { id: grant?.id ?? "" });
  await runJobs();
  await tellAll();
  const all = await told(from);
  expect(all).toContain("ann@acme.test access.ended");
  expect(all).toHaveLength(7);
});

test("a break-glass is told to its owner and to security, and shows what it opened", async () => {
  const from = plus(now(), -1);
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  const { id } = await submitRequest(person(world, "ann"), {
    items: [asked],
    reason: "fire",
    duration: "PT1H",
    breakGlass: true,
  });
  await runJobs();
  await tellAll();
  const all = await told(from);
  for (const name of ["cara", "sid", "sue"]) expect(all).toContain(`${name}@acme.test break_glass.used`);
  expect(await world.holds("ann", "analysts")).toBe(true);
  for (const grant of await grantsOf(id)) await revokeGrant(person(world, "sid"), { id: grant.id });
  await runJobs();
  const review = await db().breakGlassReview.findFirstOrThrow({ where: { grantRequestId: id } });
  const reminded = async (at: Date) => {
    const before = await told(from);
    setClock(at);
    for (let times = 0; times < 2; times++) await watchRequests(worker);
    setClock(null);
    return (await told(from)).slice(before.length).sort();
  };
  const due = (name: string) => `${name}@acme.test break_glass.review_due`;
  expect(await reminded(plus(review.dueAt, -2 * dayMs))).toEqual([]);
  expect(await reminded(plus(review.dueAt, -dayMs / 2))).toEqual([due("cara"), due("sid"), due("sue")]);
  await reviewBreakGlass(person(world, "sid"), { id: review.id, opinion: "justified", comment: "it burned" });
  expect(await reminded(plus(review.dueAt, minuteMs))).toEqual([due("cara"), due("sue")]);
  expect(await saidTo("sue@acme.test", "break_glass.review_due")).toMatch(/^Reviews so far: +1 of 2$/m);
  await reviewBreakGlass(person(world, "cara"), { id: review.id, opinion: "justified", comment: "it did" });
  expect(await reminded(plus(review.dueAt, dayMs))).toEqual([]);
});

test("whoever decides is told in time, also while nobody can say what it opens", async () => {
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "auditors" } };
  const { id } = await submitRequest(person(world, "eve"), { items: [asked], reason: "october", duration: "PT1H" });
  await transaction(async (tx) => {
    await tx.$executeRaw`lock table group_closure in access exclusive mode`;
    await tellAll();
  });
  const said = await saidTo("bob@acme.test", "request.waiting");
  expect(said).toContain("october");
  expect(said).not.toContain("Opens:");
  await cancelRequest(person(world, "eve"), { id });
}, 60_000);

test("a conflict of duties is said to whoever decides, first of all", async () => {
  const asked = { connection: "warehouse", permission: "member", resource: { type: "role", id: "auditors" } };
  const { id } = await submitRequest(person(world, "eve"), { items: [asked], reason: "november", duration: "PT1H" });
  // The rule came after the request, which it would have refused.
  const { rules } = await currentPolicies();
  const between = [[{ ...anything, resource: "auditors" }], [{ ...anything, resource: "admins" }]];
  rules.conflicts.push({ name: "audit and <i>administer</i>", because: "both at once", between });
  await rows(`insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
    select g.connection_id, m.id, g.id, true, true, false, now() from principals g join principals m on m.name = 'eve' and m.type = 'account'
    where g.name = 'admins'`);
  await tellAll();
  rules.conflicts.pop();
  expect(await saidTo("bob@acme.test", "request.waiting")).toContain(
    "\n\nIt would break a separation of duties: audit and <i>administer</i>.\n",
  );
  await cancelRequest(person(world, "eve"), { id });
});

test("whoever asked back is told the answer", async () => {
  const { id } = await submitRequest(person(world, "ann"), { items: [analysts], reason: "why", duration: "PT1H" });
  await decideRequest(person(world, "bob"), { id, decision: "ask", comment: "which <i>tables</i>?" });
  await tellAll();
  expect(await saidTo("ann@acme.test", "request.decided")).toMatch(/^Question: +which <i>tables<\/i>\?$/m);
  await answerRequest(person(world, "ann"), { id, text: "invoices" });
  await tellAll();
  expect(await saidTo("bob@acme.test", "request.waiting")).toContain("Your question was answered: invoices\n");
  await cancelRequest(person(world, "ann"), { id });
});

test("who is asked besides is told why, and whoever asked is told that nobody answered", async () => {
  const from = now();
  const { id } = await submitRequest(person(world, "ann"), { items: [analysts], reason: "late", duration: "PT1H" });
  setClock(plus(now(), 3 * dayMs));
  await watchRequests(worker);
  await tellAll();
  expect(await saidTo("sid@acme.test", "request.escalated")).toContain(
    "bob did not answer in time, and you can decide",
  );
  expect((await told(from)).filter((it) => it.startsWith("bob"))).not.toContain("bob@acme.test request.escalated");
  setClock(plus(now(), 15 * dayMs));
  await watchRequests(worker);
  await tellAll();
  setClock(null);
  const said = await saidTo("ann@acme.test", "request.decided");
  expect(said).toMatch(
    /^Nobody answered while they could, and nothing was given\.(.|\n)*\nBecause: +Nobody answered in time\.$/m,
  );
  expect(await db().request.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "expired" });
});

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const anything = { connection: "*", permission: "*", resource: "*" };

test("telling takes its time while much access waits to be changed, and leaves nothing out", async () => {
  await tellAll();
  await rows(
    "select graphile_worker.add_job('end-grant', '{}'::json, job_key := 'much ' || n) from generate_series(1, 60) n",
  );
  const events = Array.from({ length: 30 }, (_, n) => ({ action: "thing.happened", details: { n } }));
  await transaction((tx) => recordAll(tx, worker, events));
  await sequenceEvents();
  expect(await tellPeople(worker)).toBe(20);
  await rows("select graphile_worker.remove_job('much ' || n) from generate_series(1, 60) n");
  expect(await tellPeople(worker)).toBe(10);
});
