import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { resetEnv } from "../env";
import { person, refusal, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus, setClock } from "../time";
import { cancelOffboarding, releaseOffboarding } from "./cancel-offboarding";
import { getOffboarding } from "./queries";
import { startOffboarding } from "./start-offboarding";
import { runLeaving, runOf, stepsOf } from "./test-leaving";
import { watchOffboardings } from "./watch-offboardings";

let world: World;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret that is long enough for links";
  world = await startWorld();
  resetEnv();
  await asAdministrator(world.server, async (client) => {
    for (const name of ["ann", "eve"])
      await client.query(`grant "${name}" to "${provisioner}" with admin true, inherit false, set false`);
  });
  await sync(world.connectionId);
}, 120_000);
afterEach(() => setClock(null));
afterAll(async () => {
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});

const mayLogIn = (name: string) =>
  asAdministrator(world.server, async (client) => {
    const { rows: found } = await client.query("select rolcanlogin from pg_roles where rolname = $1", [name]);
    return found[0]?.rolcanlogin ?? null;
  });
const standing = async (name: string) => {
  const { identityId, userId } = person(world, name);
  const { status, leftAt } = await db().identity.findUniqueOrThrow({ where: { id: identityId ?? "" } });
  const { disabledAt } = await db().user.findUniqueOrThrow({ where: { id: userId } });
  return { status, leftAt, disabledAt };
};
const isHere = { status: "active", leftAt: null, disabledAt: null };

async function leave(name: string, holdDays: number | null): Promise<string> {
  await rows("update offboardings set created_at = created_at - interval '2 hours'");
  const { id } = await startOffboarding(person(world, "sid"), { identity: `${name}@acme.test`, holdDays });
  await runLeaving(id);
  await runLeaving(id);
  return id;
}

const messages = (word: string) =>
  rows<{ recipient: string }>("select recipient from deliveries where subject like $1", [`%${word}%`]);

test("where nothing is ever to be deleted, a false alarm is undone after the run closed too", async () => {
  const id = await leave("eve", null);
  expect(await runOf(id)).toMatchObject({ state: "closed" });
  expect(await mayLogIn("eve")).toBe(false);
  expect((await getOffboarding(person(world, "sid"), { id })).may).toMatchObject({ cancel: true, rehire: true });
  await cancelOffboarding(person(world, "sid"), { id, reason: "a rumour" });
  await runLeaving(id);
  expect(await mayLogIn("eve")).toBe(true);
  expect(await standing("eve")).toEqual(isHere);
});

test("who left and whose accounts are deleted is hired again, with what is left and nothing of what was taken", async () => {
  const id = await leave("ann", 30);
  setClock(plus((await runOf(id)).shutAt, 31 * dayMs));
  await watchOffboardings(worker);
  await rows("update graphile_worker._private_jobs set run_at = now() where key like 'step %'");
  await runLeaving(id);
  expect(await mayLogIn("ann")).toBe(null);
  const cancelling = cancelOffboarding(person(world, "sid"), { id, reason: "hired again" });
  expect(await refusal(cancelling)).toMatch(/conflict: Accounts are deleted already/);
  expect((await getOffboarding(person(world, "sid"), { id })).may).toMatchObject({ cancel: false, rehire: true });
  await cancelOffboarding(person(world, "sid"), { id, reason: "hired again", why: "rehired" });
  await runLeaving(id);
  expect(await standing("ann")).toEqual(isHere);
  const states = (await stepsOf(id)).map(({ kind, state }) => `${kind} ${state}`);
  expect(states).toEqual(expect.arrayContaining(["account verified", "deletion verified", "sign_in restored"]));
});

test("an earlier leaving cannot be undone once somebody left once more", async () => {
  const first = await leave("eve", null);
  await cancelOffboarding(person(world, "sid"), { id: first, reason: "hired again", why: "rehired" });
  await runLeaving(first);
  const second = await leave("eve", null);
  expect(second).not.toBe(first);
  // As one that was closed and never undone.
  await rows("update offboardings set state = 'closed' where id = $1", [first]);
  const undoing = cancelOffboarding(person(world, "sid"), { id: first, reason: "again", why: "rehired" });
  expect(await refusal(undoing)).toMatch(/conflict: eve has left once more since/);
  expect(await standing("eve")).toMatchObject({ status: "disabled", leftAt: expect.any(Date) });
});

test("whoever became the last administrator before their day is held, told of, and let go on only once another is there", async () => {
  const sid = person(world, "sid");
  const both = { roles: ["administrator", "security"], lastSignInAt: now() };
  await db().user.update({ where: { id: sid.userId }, data: both });
  const at = plus(now(), dayMs);
  const { id } = await startOffboarding(sid, { identity: "adam@acme.test", at: at.toISOString() });
  await db().user.update({ where: { id: sid.userId }, data: { roles: ["security"] } });
  setClock(plus(at, 1_000));
  await watchOffboardings(worker);
  await runLeaving(id);
  expect(await runOf(id)).toMatchObject({
    state: "paused_by_brake",
    because: expect.stringMatching(/adam is the last administrator/),
    begunAt: null,
  });
  expect(await standing("adam")).toEqual(isHere);
  expect(await messages("adam is held")).not.toEqual([]);
  expect(await refusal(releaseOffboarding(person(world, "sue"), { id }))).toMatch(/conflict: adam is the last admin/);
  await db().user.update({ where: { id: sid.userId }, data: both });
  await releaseOffboarding(person(world, "sue"), { id });
  await runLeaving(id);
  expect(await standing("adam")).toMatchObject({ status: "disabled", disabledAt: expect.any(Date) });
});
