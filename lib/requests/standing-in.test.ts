import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "../db/client";
import { revokeGrant } from "../grants/end-grant";
import { dayMs, now, plus } from "../time";
import { decideRequest } from "./decide-request";
import { delegateApprovals, endDelegation } from "./delegate-approvals";
import type { SubmitRequestInput } from "./schema";
import { submitRequest } from "./submit-request";
import { grantsOf, person, refusal, runJobs, startWorld, type World } from "./test-world";

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world.drop());

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

describe("standing in", () => {
  test("a delegate decides in somebody's name, on what waits already too, and never on their own", async () => {
    const { id } = await asks("ann");
    expect(await openFor(id)).toEqual(["bob"]);
    const away = await delegateApprovals(person(world, "bob"), {
      to: "eve@acme.test",
      endsAt: plus(now(), 7 * dayMs).toISOString(),
    });
    expect(await openFor(id)).toEqual(["bob", "eve"]);
    await decideRequest(person(world, "eve"), { id, decision: "deny", comment: "not today" });
    const decision = await db().decision.findFirstOrThrow({ where: { requestId: id } });
    expect(decision.onBehalfOf).toBe(person(world, "bob").identityId);
    const own = await asks("eve");
    expect(await openFor(own.id)).toEqual(["bob"]);
    await endDelegation(person(world, "bob"), away);
    const later = await asks("ann");
    expect(await openFor(later.id)).toEqual(["bob"]);
    expect(
      await refusal(
        delegateApprovals(person(world, "ann"), {
          from: person(world, "bob").identityId,
          to: "ann@acme.test",
          endsAt: plus(now(), dayMs).toISOString(),
        }),
      ),
    ).toMatch(/^forbidden/);
  });
});

describe("a seat", () => {
  test("is taken in one step only, also by whoever stands in for the one who sat in it", async () => {
    const [bob, cara] = [person(world, "bob"), person(world, "cara")];
    const owns = (ownerId: string) =>
      db().connection.update({ where: { id: world.connectionId }, data: { ownerId }, select: { id: true } });
    await owns(bob.identityId);
    const { id } = await asks("ann", { items: [role("auditors")] });
    await decideRequest(bob, { id, decision: "approve" });
    const until = plus(now(), dayMs).toISOString();
    const away = await delegateApprovals(bob, { to: "dana@acme.test", endsAt: until });
    // Bob is the owner too, and the manager's step was his: neither he nor whoever stands in for him decides both.
    expect(await openFor(id)).toEqual(["sid", "sue"]);
    for (const name of ["dana", "bob"])
      expect(await refusal(decideRequest(person(world, name), { id, decision: "approve" }))).toMatch(/^conflict/);
    await decideRequest(person(world, "sid"), { id, decision: "approve" });
    expect(await db().request.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "approved" });
    await giveBack(id);

    // And the other way round: what was decided in his name was decided from his seat.
    const other = await asks("ann", { items: [role("auditors")] });
    await decideRequest(person(world, "dana"), { id: other.id, decision: "approve" });
    expect(await openFor(other.id)).toEqual(["sid", "sue"]);
    expect(await refusal(decideRequest(bob, { id: other.id, decision: "approve" }))).toMatch(/^conflict: .*count once/);
    await decideRequest(person(world, "sue"), { id: other.id, decision: "deny", comment: "no" });
    await endDelegation(bob, away);
    await owns(cara.identityId);
  });
});
