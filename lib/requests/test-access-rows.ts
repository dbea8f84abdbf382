import { system } from "../auth/actor";
import { roles } from "../auth/permissions";
import { db } from "../db/client";
import { loadPolicies } from "../policies/load-policies";
import { hourMs, now, plus } from "../time";

// For tests of doors: requests, grants and what hangs on them, as rows in any state, without a system behind them.

/** Rows to call about: people with accounts, and a group to be asked for. */
export type AccessRows = {
  connectionId: string;
  groupId: string;
  people: Record<string, { id: string; accountId: string }>;
};

/** A person of the inventory with an account for each role, a manager of all of them, and somebody who has asked. */
export async function makeAccessRows(connectionId: string): Promise<AccessRows> {
  await loadPolicies(system("test"));
  const common = { connectionId, contentHash: "", firstSeenAt: now() };
  const group = { ...common, type: "group", externalId: "role analysts", name: "analysts", search: "analysts" };
  const { id: groupId } = await db().principal.create({ data: group, select: { id: true } });
  const people: AccessRows["people"] = {};
  for (const name of ["boss", "asker", ...roles]) {
    const email = `${name}@example.com`;
    const managerId = people.boss?.id ?? null;
    const facts = { name, email, managerId, kind: "human", kindReason: "test", firstSeenAt: now() };
    const { id } = await db().identity.create({ data: facts, select: { id: true } });
    await db().user.upsert({ where: { email }, create: { email, name, identityId: id }, update: { identityId: id } });
    const account = { ...common, type: "account", externalId: name, name, identityId: id };
    people[name] = { id, accountId: (await db().principal.create({ data: account, select: { id: true } })).id };
  }
  return { connectionId, groupId, people };
}

function personOf(world: AccessRows, who: string): { id: string; accountId: string } {
  const found = world.people[who] ?? world.people.asker;
  if (!found) throw new Error(`there is no ${who}`);
  return found;
}

export async function grantFor(world: AccessRows, who: string): Promise<string> {
  const { id: subjectId, accountId } = personOf(world, who);
  const access = { permission: "member", resourceType: "group", resourceExternalId: "role analysts" };
  const { id } = await db().grant.create({
    data: {
      ...access,
      resourceName: "analysts",
      privilege: 1,
      subjectId,
      accountId,
      connectionId: world.connectionId,
      groupId: world.groupId,
      give: "assignment",
      state: "active",
      durationSeconds: 3_600,
      createdAt: now(),
      startsAt: now(),
      activatedAt: now(),
      endsAt: plus(now(), hourMs),
      policyVersion: 1,
    },
    select: { id: true },
  });
  return id;
}

export async function requestOf(
  world: AccessRows,
  facts: { state?: string; breakGlass?: boolean } = {},
): Promise<string> {
  const { id: requesterId } = personOf(world, "program");
  const times = { createdAt: now(), expiresAt: plus(now(), hourMs) };
  const asked = { give: "assignment", reason: "a test", durationSeconds: 3_600, policyVersion: 1, state: "pending" };
  const data = { ...asked, ...times, ...facts, requesterId, subjectId: requesterId };
  return (await db().request.create({ data, select: { id: true } })).id;
}

export async function handTaskOf(world: AccessRows): Promise<string> {
  const { connectionId, groupId } = world;
  const { accountId } = personOf(world, "program");
  const edge = { connectionId, accountId, groupId };
  const known = await db().managedAccess.findFirst({ where: edge, select: { id: true } });
  const access =
    known ?? (await db().managedAccess.create({ data: { ...edge, state: "absent" }, select: { id: true } }));
  const grantId = await grantFor(world, "program");
  await db().handTask.updateMany({ where: { accessId: access.id, doneAt: null }, data: { cancelledAt: now() } });
  const task = { accessId: access.id, grantId, connectionId, kind: "give", askedAt: now() };
  return (await db().handTask.create({ data: task, select: { id: true } })).id;
}

export async function reviewOf(world: AccessRows): Promise<string> {
  const grantRequestId = await requestOf(world, { state: "fulfilled", breakGlass: true });
  const owed = { grantRequestId, subjectId: personOf(world, "program").id, dueAt: plus(now(), hourMs), needed: 2 };
  return (await db().breakGlassReview.create({ data: owed, select: { id: true } })).id;
}

export async function delegationOf(world: AccessRows): Promise<string> {
  const [fromId, toId] = [personOf(world, "program").id, world.people.boss?.id ?? ""];
  const dates = { startsAt: now(), endsAt: plus(now(), hourMs) };
  return (await db().delegation.create({ data: { fromId, toId, ...dates, createdBy: "test" }, select: { id: true } }))
    .id;
}
