import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { now } from "../time";
import { type PersonActor, system } from "./actor";
import { assertStanding } from "./assert-standing";
import { disablePerson, enablePerson } from "./disable-person";
import { endOtherSessions, endSession, endSessionsOf, signOut } from "./end-session";
import type { Role } from "./permissions";
import { getPerson, listPeople, listSessions } from "./queries";
import { personActor, readSession, startSession } from "./session";
import { releaseRoles, setRoles } from "./set-roles";

const visitor = { ip: "192.0.2.7", userAgent: "Firefox/130 Windows", requestId: null, heldToken: null };
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await db().user.deleteMany();
});
afterAll(() => database.drop());

test("an administrator sets another's roles, which the single sign-on then leaves alone", async () => {
  const { actor } = await person("administrator");
  const { actor: other } = await person("member");
  await setRoles(actor, { userId: other.userId, roles: ["auditor", "member"] });
  expect(await getPerson(actor, other.userId)).toMatchObject({ roles: ["auditor", "member"], roleSource: "person" });
  const event = await db().auditEvent.findFirstOrThrow({ where: { targetId: other.userId } });
  expect(event).toMatchObject({
    action: "person.roles_changed",
    details: { from: ["member"], to: ["auditor", "member"] },
  });
  await releaseRoles(actor, { userId: other.userId });
  expect(await getPerson(actor, other.userId)).toMatchObject({ roleSource: "claims" });
});

test("a changed role counts at the very next request", async () => {
  const { actor } = await person("administrator");
  const { actor: other, token } = await person("security");
  await setRoles(actor, { userId: other.userId, roles: ["member"] });
  expect(await readSession(token)).toMatchObject({ roles: ["member"] });
});

test.each<Role[]>([["administrator"], ["administrator", "security"], []])(
  "an administrator who changes their own roles is refused, whatever to: %j",
  async (...roles) => {
    await person("administrator");
    const { actor } = await person("administrator");
    const own = setRoles(actor, { userId: actor.userId, roles });
    await expect(own).rejects.toMatchObject({ code: "forbidden", message: "Nobody changes their own roles." });
    const release = releaseRoles(actor, { userId: actor.userId });
    await expect(release).rejects.toMatchObject({ code: "forbidden" });
    const denied = { actorId: actor.userId, action: "person.set_role", outcome: "denied" };
    expect(await db().auditEvent.count({ where: denied })).toBe(2);
  },
);

test("nobody but an administrator sets roles", async () => {
  const { actor: other } = await person("member");
  for (const role of ["security", "auditor", "member"] as const) {
    const { actor } = await person(role);
    await expect(setRoles(actor, { userId: other.userId, roles: [] })).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("the last administrator keeps the role and cannot be disabled", async () => {
  const { actor: last } = await person("administrator");
  const { actor: security } = await person("security");
  await expect(disablePerson(security, { userId: last.userId })).rejects.toMatchObject({ code: "conflict" });
  const removed = setRoles(system("test"), { userId: last.userId, roles: ["member"] });
  await expect(removed).rejects.toMatchObject({ code: "conflict" });
});

test("an administrator who is disabled, or never came, is none that could stay", async () => {
  const { actor: last } = await person("administrator");
  const { actor: gone } = await person("administrator");
  await db().user.update({ where: { id: gone.userId }, data: { disabledAt: now() } });
  await db().user.create({ data: { name: "Never came", roles: ["administrator"] } });
  const disabled = disablePerson(system("test"), { userId: last.userId });
  await expect(disabled).rejects.toMatchObject({ code: "conflict" });
});

test("two administrators who disable each other at the same moment cannot both succeed", async () => {
  for (let round = 0; round < 10; round++) {
    await db().user.deleteMany();
    const [one, other] = [await person("administrator"), await person("administrator")];
    await Promise.allSettled([
      disablePerson(one.actor, { userId: other.actor.userId }),
      disablePerson(other.actor, { userId: one.actor.userId }),
      setRoles(system("test"), { userId: one.actor.userId, roles: [] }),
    ]);
    const left = await db().user.count({ where: { roles: { has: "administrator" }, disabledAt: null } });
    expect(left).toBeGreaterThan(0);
  }
});

test("disabling a person ends their sessions at once, and enabling them gives none back", async () => {
  const { actor } = await person("administrator");
  const { actor: other, token } = await person("member");
  expect(await disablePerson(actor, { userId: other.userId })).toEqual({ ended: 1 });
  expect(await readSession(token)).toBeNull();
  await enablePerson(actor, { userId: other.userId });
  expect(await readSession(token)).toBeNull();
  expect(await disablePerson(actor, { userId: other.userId })).toEqual({ ended: 0 });
});

test("nobody disables themself", async () => {
  await person("administrator");
  const { actor } = await person("administrator");
  await expect(disablePerson(actor, { userId: actor.userId })).rejects.toMatchObject({ code: "conflict" });
});

test("security disables, but does not enable again", async () => {
  const { actor } = await person("security");
  const { actor: other } = await person("member");
  await disablePerson(actor, { userId: other.userId });
  await expect(enablePerson(actor, { userId: other.userId })).rejects.toMatchObject({ code: "forbidden" });
});

test("a member sees and ends their own sessions, and nobody else's", async () => {
  const { actor, token } = await person("member");
  const { actor: other, token: others } = await person("member");
  expect(await listSessions(actor, { userId: other.userId })).toMatchObject([{ id: actor.sessionId, isCurrent: true }]);
  const foreign = endSession(actor, { id: other.sessionId ?? "" });
  await expect(foreign).rejects.toMatchObject({ code: "forbidden" });
  expect(await readSession(others)).not.toBeNull();
  expect(await signOut(actor)).toEqual({ ended: 1 });
  expect(await readSession(token)).toBeNull();
});

test("ending all others leaves the session that asked", async () => {
  const { actor, token } = await person("member");
  const second = await transaction((tx) =>
    startSession(tx, { userId: actor.userId, authenticatedBy: "link", visitor }),
  );
  expect(await endOtherSessions(actor)).toEqual({ ended: 1 });
  expect(await readSession(second.token)).toBeNull();
  expect(await readSession(token)).not.toBeNull();
});

test("security ends another's sessions, and each is an event that names whose", async () => {
  const { actor } = await person("security");
  const { actor: other, token } = await person("member");
  await endSessionsOf(actor, { userId: other.userId });
  expect(await readSession(token)).toBeNull();
  const event = await db().auditEvent.findFirstOrThrow({ where: { action: "session.ended", actorId: actor.userId } });
  expect(event.details).toEqual({ of: other.userId });
});

test("an answer that stays open is refused its next part once the session ended or the person was disabled", async () => {
  const one = await person("member");
  await assertStanding(one.actor);
  await signOut(one.actor);
  await expect(assertStanding(one.actor)).rejects.toMatchObject({ code: "unauthenticated" });
  const other = await person("member");
  await db().user.update({ where: { id: other.actor.userId }, data: { disabledAt: now() } });
  await expect(assertStanding(other.actor)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("signing in anew in the same browser ends the session it had", async () => {
  const { actor, token } = await person("member");
  const start = {
    userId: actor.userId,
    authenticatedBy: "passkey",
    visitor: { ...visitor, heldToken: token },
  } as const;
  const next = await transaction((tx) => startSession(tx, start));
  expect(await readSession(token)).toBeNull();
  expect(await readSession(next.token)).not.toBeNull();
});

test("a token planted in the browser beforehand is never the one that is signed in", async () => {
  const { actor } = await person("member");
  const planted = "planted-by-somebody-else";
  const start = { userId: actor.userId, authenticatedBy: "oidc", visitor: { ...visitor, heldToken: planted } } as const;
  const started = await transaction((tx) => startSession(tx, start));
  expect(started.token).not.toBe(planted);
  expect(await readSession(planted)).toBeNull();
});

test("people are listed by page, by role, by state and by name", async () => {
  const { actor } = await person("administrator");
  for (let i = 0; i < 4; i++) await person("member");
  const first = await listPeople(actor, { limit: 3 });
  const second = await listPeople(actor, { limit: 3, cursor: first.nextCursor ?? "" });
  expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5);
  expect(second.nextCursor).toBeNull();
  expect((await listPeople(actor, { limit: 10, role: "administrator" })).items).toHaveLength(1);
  expect((await listPeople(actor, { limit: 10, status: "disabled" })).items).toHaveLength(0);
  expect((await listPeople(actor, { limit: 10, q: "%" })).items).toHaveLength(0);
});

test("a member is not told who else is here", async () => {
  const { actor } = await person("member");
  await expect(listPeople(actor, { limit: 3 })).rejects.toMatchObject({ code: "forbidden" });
  await expect(getPerson(actor, actor.userId)).rejects.toMatchObject({ code: "forbidden" });
});

async function person(role: Role): Promise<{ actor: PersonActor; token: string }> {
  const user = await db().user.create({ data: { name: `A ${role}`, roles: [role] } });
  const start = { userId: user.id, authenticatedBy: "oidc", visitor } as const;
  const session = await transaction((tx) => startSession(tx, start));
  const row = { ...user, userId: user.id, sessionId: session.id, authenticatedBy: "oidc" };
  return { actor: personActor(row, null), token: session.token };
}
