import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "../db/client";
import { resetEnv } from "../env";
import { revokeGrant } from "../grants/end-grant";
import { watchGrants } from "../grants/watch-grants";
import { loadPolicies } from "../policies/load-policies";
import { dayMs, hourMs, now, plus, setClock } from "../time";
import { decideRequest } from "./decide-request";
import { delegateApprovals, endDelegation } from "./delegate-approvals";
import { extendRequest } from "./extend-request";
import { reviewBreakGlass } from "./review-break-glass";
import type { SubmitRequestInput } from "./schema";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, sync, type World, worker } from "./test-world";
import { watchRequests } from "./watch-requests";

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld();
  folder = await mkdtemp(path.join(tmpdir(), "rules-"));
}, 120_000);
afterAll(async () => {
  setClock(null);
  delete process.env.ROLLCALL_POLICIES;
  resetEnv();
  await world.drop();
  await rm(folder, { recursive: true });
});

const role = (id: string) => ({ connection: "warehouse", permission: "member", resource: { type: "role", id } });
const asks = (name: string, more: Partial<SubmitRequestInput> = {}) =>
  submitRequest(person(world, name), { items: [role("analysts")], reason: "needed", duration: "PT1H", ...more });
const openFor = async (id: string) => {
  const rows = await db().requestApprover.findMany({ where: { requestId: id, open: true } });
  const names = Object.values(world.people);
  return rows.map(({ identityId }) => names.find((it) => it.identityId === identityId)?.name ?? "?").sort();
};
const giveBack = async (id: string) => {
  for (const grant of await grantsOf(id)) await revokeGrant(person(world, "sid"), { id: grant.id });
  await runJobs();
};

describe("break-glass", () => {
  test("opens at once, owes a review by two others, and until then there is no second", async () => {
    const { id, state } = await asks("ann", { breakGlass: true, reason: "the warehouse burns" });
    expect(state).toBe("approved");
    await runJobs();
    expect(await world.holds("ann", "analysts")).toBe(true);
    expect((await grantsOf(id))[0]).toMatchObject({ state: "active", breakGlass: true });
    expect(await refusal(asks("ann", { breakGlass: true, reason: "it burns again" }))).toMatch(
      /break-glass of yours has not been reviewed/,
    );
    const review = await db().breakGlassReview.findFirstOrThrow({ where: { grantRequestId: id } });
    expect(review.dueAt.getTime() - now().getTime()).toBeGreaterThan(71 * hourMs);
    const opine = (name: string) =>
      reviewBreakGlass(person(world, name), { id: review.id, opinion: "justified", comment: "I saw the fire" });
    expect(await refusal(opine("ann"))).toMatch(/^forbidden: Nobody reviews their own/);
    expect(await refusal(opine("eve"))).toMatch(/^forbidden/);
    const away = await delegateApprovals(person(world, "cara"), {
      to: "dana@acme.test",
      endsAt: plus(now(), dayMs).toISOString(),
    });
    expect(await refusal(opine("dana"))).toMatch(/^forbidden/);
    await endDelegation(person(world, "cara"), away);
    expect(await opine("cara")).toMatchObject({ closed: false });
    expect(await refusal(opine("cara"))).toMatch(/^conflict/);
    expect(await opine("sid")).toMatchObject({ closed: true });
    await giveBack(id);
    const again = await asks("ann", { breakGlass: true, reason: "another fire" });
    expect(again.state).toBe("approved");
    await runJobs();
    await giveBack(again.id);
  });

  test("of two at the same instant one passes", async () => {
    const eve = { breakGlass: true, reason: "both hands on the glass" };
    const answers = await Promise.allSettled([asks("eve", eve), asks("eve", eve), asks("eve", eve)]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await runJobs();
    for (const { id } of await db().request.findMany({ where: { subjectId: person(world, "eve").identityId } }))
      await giveBack(id);
  });
});

describe("time", () => {
  test("a step that nobody answers goes to a wider circle, and the request expires in the end", async () => {
    const { id } = await asks("ann", { reason: "slow" });
    setClock(plus(now(), 3 * dayMs));
    await watchRequests(worker);
    expect(await openFor(id)).toEqual(["bob", "sid", "sue"]);
    setClock(plus(now(), 15 * dayMs));
    await watchRequests(worker);
    setClock(null);
    expect(await db().request.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "expired" });
    expect(await openFor(id)).toEqual([]);
  });

  test("when whoever was asked leaves, somebody else is asked", async () => {
    const { id } = await asks("ann", { reason: "who now" });
    const bob = person(world, "bob").identityId;
    await db().identity.update({ where: { id: bob }, data: { status: "disabled" } });
    await watchRequests(worker);
    expect(await openFor(id)).toEqual(["dana"]);
    await db().identity.update({ where: { id: bob }, data: { status: "active" } });
    await decideRequest(person(world, "dana"), { id, decision: "deny", comment: "no" }).catch(() => undefined);
  });
});

describe("what is not there", () => {
  const asAdministrator = async (sql: string) => {
    const client = await world.server.connect();
    await client.query(sql).finally(() => client.end());
    await sync(world.connectionId);
  };

  test("an account that is nobody's, somebody else's or not there is refused before anybody is asked", async () => {
    await asAdministrator("create role stray login");
    for (const account of ["stray", "eve", "nobody"])
      expect(await refusal(asks("ann", { items: [{ ...role("analysts"), account }] }))).toBe(
        `invalid: ann has no account ${account} in warehouse that the inventory knows.`,
      );
  });

  test("a request for what went from its system is withdrawn; where only a part went, that is left out", async () => {
    await asAdministrator("create role fleeting");
    const [alone, both] = [
      await asks("ann", { items: [role("fleeting")] }),
      await asks("ann", {
        items: [role("fleeting"), role("analysts")],
      }),
    ];
    await asAdministrator("drop role fleeting");
    const approve = (id: string, drop: string[] = []) =>
      decideRequest(person(world, "bob"), { id, decision: "approve", drop });
    for (const { id } of [alone, both]) expect(await refusal(approve(id))).toMatch(/^conflict: .*gone from its system/);
    await watchRequests(worker);
    const stateOf = (id: string) =>
      db().request.findUniqueOrThrow({ where: { id }, select: { state: true, because: true } });
    expect(await stateOf(alone.id)).toEqual({
      state: "withdrawn",
      because: "What it asks for is gone from its system.",
    });
    expect(await openFor(alone.id)).toEqual([]);
    expect(await stateOf(both.id)).toMatchObject({ state: "pending" });
    const items = await db().requestItem.findMany({ where: { requestId: both.id, resourceName: "fleeting" } });
    expect(
      await approve(
        both.id,
        items.map(({ id }) => id),
      ),
    ).toMatchObject({ state: "approved" });
    await runJobs();
    await giveBack(both.id);
  });
});

describe("separation of duties", () => {
  const source = (name: string) => readFile(path.join(process.cwd(), "lib/policies/default", name), "utf8");
  beforeAll(async () => {
    const conflict = [
      "conflicts:",
      "  - name: analyse and audit",
      "    between:",
      "      - [{ connection: warehouse, resource: analysts }]",
      "      - [{ connection: warehouse, resource: auditors }]",
    ].join("\n");
    await writeFile(path.join(folder, "rules.yaml"), (await source("rules.yaml")).replace("conflicts: []", conflict));
    await writeFile(path.join(folder, "access.cedar"), await source("access.cedar"));
    process.env.ROLLCALL_POLICIES = folder;
    resetEnv();
    expect((await loadPolicies(worker)).faults).toEqual([]);
  });

  test("what conflicts with what is held, granted, pending or asked for together is refused by name", async () => {
    expect(await refusal(asks("eve", { items: [role("analysts"), role("auditors")] }))).toMatch(/separation of duties/);
    await db().request.updateMany({ where: { state: "pending" }, data: { state: "cancelled" } });
    const pending = await asks("eve");
    expect(await refusal(asks("eve", { items: [role("auditors")] }))).toMatch(/separation of duties/);
    await decideRequest(person(world, "bob"), { id: pending.id, decision: "approve" });
    await runJobs();
    expect(await refusal(asks("eve", { items: [role("auditors")] }))).toMatch(/separation of duties/);
    await giveBack(pending.id);
    const free = await asks("eve", { items: [role("auditors")] });
    expect(free.state).toBe("pending");
  });

  test("a conflict that came up meanwhile keeps an approved grant from beginning", async () => {
    await db().request.updateMany({ where: { state: "pending" }, data: { state: "cancelled" } });
    const planned = await asks("ann", { startsAt: plus(now(), hourMs).toISOString() });
    await decideRequest(person(world, "bob"), { id: planned.id, decision: "approve" });
    await runJobs();
    const client = await world.server.connect();
    await client.query("grant auditors to ann").finally(() => client.end());
    await db()
      .$executeRaw`insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
      select a.connection_id, a.id, g.id, true, true, false, now() from principals a join principals g on g.name = 'auditors' where a.name = 'ann'`;
    await db().$executeRaw`update grants set starts_at = now() where request_id = ${planned.id}::uuid`;
    await db().$executeRaw`update graphile_worker._private_jobs set run_at = now() where key like 'activate%'`;
    await runJobs();
    expect((await grantsOf(planned.id))[0]).toMatchObject({ state: "ended", endedBecause: "eligibility_lost" });
    expect(await world.holds("ann", "analysts")).toBe(false);
  });

  test("access that conflicts by now gets no more time, whoever approves it", async () => {
    const first = await asks("eve");
    await decideRequest(person(world, "bob"), { id: first.id, decision: "approve" });
    await runJobs();
    const [grant] = await grantsOf(first.id);
    const more = await extendRequest(person(world, "eve"), {
      ...{ grantId: grant?.id ?? "", duration: "PT1H", reason: "not done" },
    });
    await db()
      .$executeRaw`insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
      select a.connection_id, a.id, g.id, true, true, false, now() from principals a join principals g on g.name = 'auditors' where a.name = 'eve'`;
    const approve = () => decideRequest(person(world, "bob"), { id: more.id, decision: "approve" });
    expect(await refusal(approve())).toMatch(/^conflict: This access may not last longer.*separation of duties/);
    expect((await grantsOf(first.id))[0]?.endsAt).toEqual(grant?.endsAt);
    await db()
      .$executeRaw`update memberships set removed_at = now() where group_id = (select id from principals where name = 'auditors')`;
    expect((await approve()).state).toBe("fulfilled");
  });

  test("access on an account that turns out to be somebody else's is taken", async () => {
    expect(await world.holds("eve", "analysts")).toBe(true);
    const give = (name: string) =>
      db().principal.updateMany({
        where: { name: "eve", type: "account" },
        data: { identityId: person(world, name).identityId },
      });
    await give("dana");
    await watchGrants(worker);
    await runJobs();
    expect(await world.holds("eve", "analysts")).toBe(false);
    await give("eve");
    const lost = await db().grant.findFirst({
      where: { endedBecause: "eligibility_lost", permission: "member" },
      orderBy: { id: "desc" },
    });
    expect(lost).toMatchObject({ state: "ended", endedWords: "Its account is somebody else's now." });
  });
});
