import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listIdentityAccess } from "../access/identity-access-queries";
import { db, rows } from "../db/client";
import { revokeGrant } from "../grants/end-grant";
import { getGrant } from "../grants/queries";
import { watchGrants } from "../grants/watch-grants";
import { hourMs, now, plus, setClock } from "../time";
import { cancelRequest } from "./cancel-request";
import { decideRequest } from "./decide-request";
import { extendRequest } from "./extend-request";
import { previewRequest } from "./preview-queries";
import type { SubmitRequestInput } from "./schema";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, sync, type World, worker } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});
beforeEach(() => setClock(null));

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const auditors = { connection: "warehouse", permission: "member", resource: { type: "role", id: "auditors" } };
const asks = (name: string, more: Partial<SubmitRequestInput> = {}) =>
  submitRequest(person(world, name), { items: [analysts], reason: "quarter end", duration: "PT2H", ...more });
const decides = (name: string, id: string, more: object = {}) =>
  decideRequest(person(world, name), { id, decision: "approve", ...more });
const stateOf = async (id: string) => (await db().request.findUniqueOrThrow({ where: { id } })).state;
const given = async (name: string, more: Partial<SubmitRequestInput> = {}) => {
  const { id } = await asks(name, more);
  await decides("bob", id);
  await runJobs();
  const [grant] = await grantsOf(id);
  if (!grant) throw new Error("no grant");
  return { id, grant };
};

test("access is asked for, approved, given in the real system, and gone when its time is over", async () => {
  const { id } = await asks("ann");
  expect(await stateOf(id)).toBe("pending");
  expect(await world.holds("ann", "analysts")).toBe(false);
  expect((await decides("bob", id)).state).toBe("approved");
  await runJobs();
  expect(await stateOf(id)).toBe("fulfilled");
  const [grant] = await grantsOf(id);
  expect(grant).toMatchObject({ state: "active" });
  expect((grant?.endsAt?.getTime() ?? 0) - (grant?.activatedAt?.getTime() ?? 0)).toBe(2 * hourMs);
  expect(await world.holds("ann", "analysts")).toBe(true);
  const held = await rows(
    `select 1 from memberships m join principals p on p.id = m.member_id join principals g on g.id = m.group_id
     where p.name = 'ann' and g.name = 'analysts' and m.removed_at is null`,
  );
  expect(held).toHaveLength(1);

  const ann = await world.server
    .connect("rollcall", "ann", "ann")
    .catch(() => world.server.connect("postgres", "ann", "ann"));
  const cut = new Promise((resolve) => ann.on("error", resolve));
  setClock(plus(now(), 3 * hourMs));
  await watchGrants(worker);
  setClock(null);
  await runJobs();
  expect(await world.holds("ann", "analysts")).toBe(false);
  expect(String(await cut)).toMatch(/terminat/);
  const over = await db().grant.findUniqueOrThrow({ where: { id: grant?.id ?? "" } });
  expect(over).toMatchObject({ state: "ended", endedBecause: "expired" });
  const receipt = await db().grantStep.findMany({ where: { grantId: over.id }, orderBy: { id: "asc" } });
  expect(receipt.map(({ step }) => step)).toEqual([
    "ordered",
    "done",
    "read_back",
    "end_ordered",
    "taken",
    "sessions_ended",
    "read_back",
    "proven",
  ]);
});

test("access says why it stands: the grant while that lasts, and nothing but the grant", async () => {
  const { grant } = await given("ann");
  const ann = person(world, "ann");
  const { items } = await listIdentityAccess(ann, {
    identityId: ann.identityId,
    permission: "SELECT",
    resource: "public.invoices",
    limit: 10,
  });
  const reasons = items.map(({ justifications }) => justifications);
  expect(reasons).toEqual([[{ type: "grant", id: grant.id, until: grant.endsAt?.toISOString() }]]);
  await revokeGrant(ann, { id: grant.id });
  await runJobs();
  const after = await listIdentityAccess(ann, {
    identityId: ann.identityId,
    permission: "SELECT",
    resource: "public.invoices",
    limit: 10,
  });
  expect(after.items).toEqual([]);
  const then = await listIdentityAccess(ann, {
    identityId: ann.identityId,
    permission: "SELECT",
    resource: "public.invoices",
    limit: 10,
    at: plus(grant.activatedAt ?? now(), 1),
  });
  expect(then.items.flatMap(({ justifications }) => justifications.map(({ id }) => id))).toContain(grant.id);
});

describe("overlapping grants", () => {
  test("the first to end removes nothing, the last removes it", async () => {
    const first = await given("ann");
    const second = await given("ann", { duration: "PT4H" });
    await revokeGrant(person(world, "ann"), { id: first.grant.id });
    await runJobs();
    expect(await world.holds("ann", "analysts")).toBe(true);
    expect((await grantsOf(first.id))[0]).toMatchObject({ state: "ended" });
    await revokeGrant(person(world, "ann"), { id: second.grant.id });
    await runJobs();
    expect(await world.holds("ann", "analysts")).toBe(false);
  });

  test("two that end at the same instant leave nothing behind", async () => {
    const first = await given("ann");
    const second = await given("ann");
    await Promise.all([first, second].map(({ grant }) => revokeGrant(person(world, "sid"), { id: grant.id })));
    await runJobs();
    expect(await world.holds("ann", "analysts")).toBe(false);
    for (const { id } of [first, second])
      expect((await grantsOf(id))[0]).toMatchObject({ state: "ended", endedBecause: "revoked" });
  });
});

describe("deciding", () => {
  test("nobody decides on their own request, whatever their role", async () => {
    const { id } = await asks("ann");
    expect(await refusal(decides("ann", id))).toMatch(/forbidden: Nobody decides on a request of their own/);
    await cancelRequest(person(world, "ann"), { id });
  });

  test("whoever was not asked is refused, also an administrator", async () => {
    const { id } = await asks("ann");
    for (const name of ["eve", "adam", "cara"])
      expect(await refusal(decides(name, id))).toMatch(/forbidden: .*does not wait for you/);
    await cancelRequest(person(world, "ann"), { id });
    expect(await stateOf(id)).toBe("cancelled");
  });

  test("of two who decide at the same instant one wins, and the other is told", async () => {
    await db().identity.update({ where: { id: person(world, "eve").identityId }, data: { managerId: null } });
    for (let round = 0; round < 5; round++) {
      const { id } = await asks("eve");
      const answers = await Promise.allSettled([
        decides("sid", id),
        decides("sue", id, { decision: "deny", comment: "no" }),
      ]);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await db().decision.count({ where: { requestId: id } })).toBe(1);
      await runJobs();
      for (const grant of await grantsOf(id)) await revokeGrant(person(world, "eve"), { id: grant.id });
      await runJobs();
    }
    await db().identity.update({
      where: { id: person(world, "eve").identityId },
      data: { managerId: person(world, "bob").identityId },
    });
    expect(await world.holds("eve", "analysts")).toBe(false);
  });

  test("two steps need two people, and the first does not do for the second", async () => {
    const { id } = await asks("ann", { items: [auditors] });
    expect((await decides("bob", id)).state).toBe("pending");
    expect(await refusal(decides("bob", id))).toMatch(/conflict: You have decided/);
    expect((await decides("cara", id)).state).toBe("approved");
    await runJobs();
    expect(await world.holds("ann", "auditors")).toBe(true);
    for (const grant of await grantsOf(id)) await revokeGrant(person(world, "cara"), { id: grant.id });
    await runJobs();
    expect(await world.holds("ann", "auditors")).toBe(false);
  });

  test("an approver may shorten, never lengthen", async () => {
    const { id } = await asks("ann");
    expect(await refusal(decides("bob", id, { duration: "PT3H" }))).toMatch(/invalid: An approver may shorten/);
    await decides("bob", id, { duration: "PT1H" });
    await runJobs();
    const [grant] = await grantsOf(id);
    expect((grant?.endsAt?.getTime() ?? 0) - (grant?.activatedAt?.getTime() ?? 0)).toBe(hourMs);
    await revokeGrant(person(world, "ann"), { id: grant?.id ?? "" });
    await runJobs();
  });

  test("what the decider was shown is frozen, and a stale look is refused", async () => {
    const { id } = await asks("ann");
    expect(await refusal(decides("bob", id, { seen: "of another day" }))).toMatch(
      /conflict: What this opens has changed/,
    );
    await decides("bob", id, { decision: "deny", comment: "not now" });
    const decision = await db().decision.findFirstOrThrow({ where: { requestId: id } });
    expect(decision.facts).toMatchObject({ items: [{ resource: "analysts", opens: { count: 1 } }] });
    expect(decision.factsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(await stateOf(id)).toBe("denied");
  });

  test("after it expired an answer gives nothing", async () => {
    const { id } = await asks("ann");
    setClock(plus(now(), 15 * 24 * hourMs));
    expect(await refusal(decides("bob", id))).toMatch(/conflict: Too late/);
    setClock(null);
    await cancelRequest(person(world, "ann"), { id });
  });
});

describe("what is refused at once", () => {
  test.each([
    [
      "a duration beyond what the policies allow, naming the longest",
      { duration: "P60D" },
      /invalid: member on analysts can be had for 30 d at most, and 60 d were asked for/,
    ],
    ["a break-glass for too long", { duration: "PT5H", breakGlass: true }, /invalid: .* for 4 h at most, and 5 h were/],
    ["a start too far ahead", { startsAt: "2199-01-01T00:00:00Z" }, /invalid: The start lies more than 90 days ahead/],
    ["a start in the past", { startsAt: "2020-01-01T00:00:00Z" }, /invalid: The start lies in the past/],
    [
      "an unknown connection",
      { items: [{ ...analysts, connection: "nowhere" }] },
      /invalid: There is no connection nowhere/,
    ],
    [
      "an unknown role",
      { items: [{ ...analysts, resource: { type: "role", id: "kings" } }] },
      /invalid: warehouse has no member on role kings/,
    ],
    ["somebody else's access", { for: "cara@acme.test" }, /forbidden: You may ask for yourself/],
  ])("%s", async (_, more, message) => {
    expect(await refusal(asks("ann", more as Partial<SubmitRequestInput>))).toMatch(message);
  });

  test("what nobody could approve", async () => {
    const nobodyInSecurity = (at: Date | null) =>
      db().user.updateMany({ where: { roles: { has: "security" } }, data: { disabledAt: at } });
    await nobodyInSecurity(now());
    expect(await refusal(asks("dana", { give: "credential" }))).toMatch(/invalid: Nobody could approve this/);
    await nobodyInSecurity(null);
    expect((await asks("dana", { give: "credential" })).state).toBe("pending");
  });

  test("the longest time that is named is allowed, and a minute more is not", async () => {
    const longest = (await previewRequest(person(world, "ann"), { items: [analysts], duration: "P60D" })).maxSeconds;
    expect(longest).toBe(30 * 86_400);
    const asking = (seconds: number) =>
      previewRequest(person(world, "ann"), { items: [analysts, auditors], reason: "r", duration: `PT${seconds}S` });
    // Of several things together the shortest: writing in production may last a week.
    const { maxSeconds, allowed } = await asking(3_600);
    expect([maxSeconds, allowed]).toEqual([7 * 86_400, true]);
    expect((await asking(7 * 86_400)).allowed).toBe(true);
    const { obstacles } = await asking(7 * 86_400 + 60);
    expect(obstacles).toEqual([expect.objectContaining({ field: "duration", remedy: expect.stringContaining("P7D") })]);
  });

  test("somebody without an account there is told what to do instead", async () => {
    expect(await refusal(asks("bob"))).toMatch(/invalid: bob has no account in warehouse/);
  });
});

test("more time is given without a gap", async () => {
  const { grant } = await given("ann");
  const { id } = await extendRequest(person(world, "ann"), {
    grantId: grant.id,
    duration: "PT2H",
    reason: "not done yet",
  });
  expect((await getGrant(person(world, "ann"), grant.id)).moreTime).toMatchObject({ id });
  await decides("bob", id);
  await runJobs();
  expect((await getGrant(person(world, "ann"), grant.id)).moreTime).toBeNull();
  const longer = await db().grant.findUniqueOrThrow({ where: { id: grant.id } });
  expect((longer.endsAt?.getTime() ?? 0) - (grant.endsAt?.getTime() ?? 0)).toBe(2 * hourMs);
  setClock(plus(grant.endsAt ?? now(), 60_000));
  await watchGrants(worker);
  setClock(null);
  await runJobs();
  expect(await world.holds("ann", "analysts")).toBe(true);
  await revokeGrant(person(world, "ann"), { id: grant.id });
  await runJobs();
});

test("a grant whose subject leaves before it begins never begins", async () => {
  const { id } = await asks("ann", { startsAt: plus(now(), 24 * hourMs).toISOString() });
  await decides("bob", id);
  await runJobs();
  expect((await grantsOf(id))[0]).toMatchObject({ state: "scheduled" });
  await db().identity.update({ where: { id: person(world, "ann").identityId }, data: { status: "disabled" } });
  await watchGrants(worker);
  await runJobs();
  await db().identity.update({ where: { id: person(world, "ann").identityId }, data: { status: "active" } });
  expect((await grantsOf(id))[0]).toMatchObject({ state: "ended", endedBecause: "subject_left" });
  expect(await stateOf(id)).toBe("withdrawn");
});

describe("by hand in the system meanwhile", () => {
  const asAdministrator = async (sql: string) => {
    const client = await world.server.connect();
    await client.query(sql).finally(() => client.end());
  };

  test("access that was taken away is seen and shown, and not given again", async () => {
    const { grant } = await given("ann");
    await asAdministrator(`revoke analysts from ann granted by rollcall_gives`);
    await sync(world.connectionId);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "active",
      drift: "taken_away",
    });
    expect(await world.holds("ann", "analysts")).toBe(false);
    await revokeGrant(person(world, "ann"), { id: grant.id });
    await runJobs();
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({ state: "ended" });
  });

  test("access that comes back after it was proven gone is said loudly", async () => {
    const { grant } = await given("ann");
    await revokeGrant(person(world, "ann"), { id: grant.id });
    await runJobs();
    await asAdministrator("grant analysts to ann");
    await sync(world.connectionId);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "resurrected",
      drift: "came_back",
    });
    await asAdministrator("revoke analysts from ann");
    await sync(world.connectionId);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({ state: "ended" });
  });
});
