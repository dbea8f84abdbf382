import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createApiToken } from "../auth/create-api-token";
import { disablePerson, enablePerson } from "../auth/disable-person";
import { revokeApiToken } from "../auth/revoke-api-token";
import { setRoles } from "../auth/set-roles";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { revokeGrant } from "../grants/end-grant";
import { startOffboarding } from "../offboarding/start-offboarding";
import { runLeaving } from "../offboarding/test-leaving";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { startWorkerProcess, type WorkerProcess } from "../requests/test-worker-process";
import { person, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus } from "../time";
import { getRestoration, listRestorations } from "./queries";
import { backUp, carry, outside } from "./test-restored";

// The product's database is restored to how it was in mid-history, and the product's own worker is started on it.

let world: World;
const files = outside();
let backup: Awaited<ReturnType<typeof backUp>>;
let started: WorkerProcess | undefined;
beforeAll(async () => {
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    for (const account of ["ann", "eve"])
      await client.query(`grant "${account}" to "${provisioner}" with admin true, inherit false, set false`);
  });
}, 120_000);
afterAll(async () => {
  // Whatever failed before, nothing of it goes on.
  await Promise.race([started?.end("SIGKILL"), started?.ended]);
  await backup?.drop();
  await world?.drop();
  files.remove();
});

async function approve(name: string, role: string): Promise<string> {
  const item = { connection: "warehouse", permission: "member", resource: { type: "role", id: role } };
  const { id } = await submitRequest(person(world, name), { items: [item], reason: "work", duration: "PT2H" });
  // The mightier it is, the more people decide.
  for (const decider of ["bob", "cara", "sid", "sue"]) {
    if ((await db().request.findUniqueOrThrow({ where: { id } })).state !== "pending") break;
    await decideRequest(person(world, decider), { id, decision: "approve" }).catch(() => undefined);
  }
  return (await db().grant.findFirstOrThrow({ where: { requestId: id } })).id;
}

async function session(name: string): Promise<void> {
  const { userId } = person(world, name);
  const data = { tokenHash: randomBytes(8).toString("hex"), userId, authenticatedBy: "test" };
  await db().session.create({ data: { ...data, expiresAt: plus(now(), dayMs) } });
}

async function mayLogIn(name: string): Promise<boolean> {
  return asAdministrator(world.server, async (client) => {
    const { rows: found } = await client.query("select rolcanlogin from pg_roles where rolname = $1", [name]);
    return found[0]?.rolcanlogin ?? false;
  });
}

test("what was taken back since the backup is taken back again, at the systems and here, before anything is given", async () => {
  const held = await approve("ann", "analysts");
  await runLeaving();
  const kept = await approve("eve", "auditors");
  await runLeaving();
  const token = await createApiToken(worker, { name: "pipeline", scopes: ["inventory:read"] });
  await session("dana");
  // Its job waits in the queue that is backed up.
  const waiting = await approve("ann", "auditors");
  await carry();
  backup = await backUp();

  await runLeaving();
  expect(await world.holds("ann", "auditors")).toBe(true);
  for (const id of [held, waiting]) await revokeGrant(person(world, "sid"), { id, reason: "canary words" });
  await startOffboarding(person(world, "sid"), { identity: "eve@acme.test", reason: "canary words", holdDays: null });
  await runLeaving();
  expect(await mayLogIn("eve")).toBe(false);
  await revokeApiToken(worker, { id: token.id });
  await setRoles(worker, { userId: person(world, "sue").userId, roles: ["member"] });
  const [adam, cara] = [person(world, "adam").userId, person(world, "cara").userId];
  await disablePerson(worker, { userId: cara });
  await enablePerson(worker, { userId: cara });
  // As the database itself would: the last administrator is not spared.
  await db().user.update({
    where: { id: person(world, "dana").userId },
    data: { roles: ["administrator"], lastSignInAt: now() },
  });
  await disablePerson(worker, { userId: adam });
  const later = await approve("ann", "admins");
  await runLeaving();
  for (const role of ["analysts", "auditors"]) expect(await world.holds("ann", role)).toBe(false);
  await carry();

  await backup.restore();
  expect(await db().grant.findUniqueOrThrow({ where: { id: held } })).toMatchObject({ state: "active" });
  // The system was restored too: what Rollcall gave there is there again.
  await asAdministrator(world.server, (client) => client.query("alter role eve login"));
  const giver = await world.server.connect("postgres", provisioner, "provision-canary");
  await giver.query("grant analysts to ann; grant auditors to eve").finally(() => giver.end());
  started = startWorkerProcess();
  await vi.waitFor(
    async () => {
      expect((await listRestorations(worker))[0]?.settledAt).toBeInstanceOf(Date);
      for (const id of [held, waiting, kept])
        expect(await db().grant.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "ended" });
      expect(await mayLogIn("eve")).toBe(false);
      expect((await db().offboarding.findFirstOrThrow({ where: { cause: "restored" } })).containedAt).toBeInstanceOf(
        Date,
      );
    },
    { timeout: 120_000, interval: 200 },
  );
  await started.end("SIGTERM");

  for (const [name, role] of [
    ["ann", "analysts"],
    ["ann", "auditors"],
    ["eve", "auditors"],
  ] as const)
    expect(await world.holds(name, role)).toBe(false);
  expect(await db().grant.findUniqueOrThrow({ where: { id: held } })).toMatchObject({
    endedBecause: "revoked",
    endedWords: expect.stringMatching(
      /^Taken back again, because .* first at 20\d\d-.*Z, event \d+ of the record before/,
    ),
  });
  expect(await db().session.count()).toBe(0);
  expect((await db().apiToken.findUniqueOrThrow({ where: { id: token.id } })).revokedAt).toBeInstanceOf(Date);
  const user = (name: string) => db().user.findUniqueOrThrow({ where: { id: person(world, name).userId } });
  expect(await user("sue")).toMatchObject({ roles: ["member"], roleSource: "person" });
  expect((await user("adam")).disabledAt).toBeInstanceOf(Date);
  expect((await user("eve")).disabledAt).toBeInstanceOf(Date);
  expect((await user("cara")).disabledAt).toBeNull();

  const [restoration] = await listRestorations(worker);
  expect(restoration).toMatchObject({ sessionsEnded: 1, doubts: {}, source: files.journal });
  const { list } = await getRestoration(worker, { id: restoration?.id ?? "" });
  expect(list.filter(({ state }) => state === "failed" || state === "waiting")).toEqual([]);
  expect(new Set(list.filter(({ state }) => state === "taken").map(({ kind }) => kind))).toEqual(
    new Set(["person", "roles", "token", "leaving", "grant"]),
  );
  const events = await rows<{ action: string }>(
    "select distinct action from audit_events where action like 'record.%' or (action = 'grant.end_ordered' and details ->> 'words' like 'Taken back again%')",
  );
  expect(events.map(({ action }) => action).sort()).toEqual([
    "grant.end_ordered",
    "record.restoration_settled",
    "record.restored",
  ]);

  // What was given after the backup is nobody's here, and the next sync shows it so.
  expect(await db().grant.findUnique({ where: { id: later } })).toBeNull();
  await sync(world.connectionId);
  expect(await world.holds("ann", "admins")).toBe(true);
}, 300_000);
