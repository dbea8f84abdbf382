import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asAdministrator, provisioner } from "../connectors/postgresql/test-provisioner";
import { db, rows } from "../db/client";
import { decideRequest } from "../requests/decide-request";
import { submitRequest } from "../requests/submit-request";
import { person, refusal, startWorld, sync, type World, worker } from "../requests/test-world";
import { dayMs, now, plus, setClock } from "../time";
import { cancelOffboarding, releaseOffboarding } from "./cancel-offboarding";
import { decideStep } from "./decide-step";
import { disposeItem, followSuggestions } from "./dispose-item";
import { startOffboarding } from "./start-offboarding";
import { itemsOf, runLeaving, runOf, stepsOf } from "./test-leaving";
import { watchOffboardings } from "./watch-offboardings";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await asAdministrator(world.server, async (client) => {
    // What the system's own people gave, apart from what Rollcall can take.
    await client.query(`grant rollcall_held to eve`).catch(() => undefined);
    await client.query(
      `create role billing; grant billing to "${provisioner}" with admin true, inherit false, set false`,
    );
    for (const account of ["ann", "eve"])
      await client.query(`grant "${account}" to "${provisioner}" with admin true, inherit false, set false`);
  });
  await asProvisioner(`grant billing to ann; grant select on invoices to ann`);
  await sync(world.connectionId);
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});
beforeEach(() => setClock(null));

async function asProvisioner(sql: string): Promise<void> {
  const client = await world.server.connect("postgres", provisioner, "provision-canary");
  await client.query(sql).finally(() => client.end());
}

async function loginOf(name: string): Promise<boolean> {
  return asAdministrator(world.server, async (client) => {
    const { rows: found } = await client.query("select rolcanlogin from pg_roles where rolname = $1", [name]);
    return found[0]?.rolcanlogin ?? false;
  });
}

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
async function give(name: string): Promise<void> {
  const { id } = await submitRequest(person(world, name), { items: [analysts], reason: "work", duration: "PT2H" });
  await decideRequest(person(world, "bob"), { id, decision: "approve" });
  await runLeaving();
}

test("a manager has somebody leave: shut out, sessions cut, everything taken and proven, and nothing left behind", async () => {
  await give("ann");
  const ann = await world.server.connect("postgres", "ann", "ann");
  const cut = new Promise((resolve) => ann.on("error", resolve));
  await db().session.create({
    data: {
      tokenHash: "canary",
      userId: person(world, "ann").userId,
      authenticatedBy: "test",
      expiresAt: plus(now(), dayMs),
    },
  });
  await db().identity.create({
    data: {
      name: "nightly-export",
      kind: "service_account",
      kindReason: "test",
      firstSeenAt: now(),
      ownerId: person(world, "ann").identityId,
    },
  });
  const { id } = await startOffboarding(person(world, "bob"), { identity: "ann@acme.test", reason: "resigned" });
  expect(await db().session.count({ where: { userId: person(world, "ann").userId } })).toBe(0);
  await runLeaving(id);
  await runLeaving(id);

  expect(String(await cut)).toMatch(/terminat/);
  await expect(world.server.connect("postgres", "ann", "ann")).rejects.toThrow();
  expect(await loginOf("ann")).toBe(false);
  for (const role of ["analysts", "billing"]) expect(await world.holds("ann", role)).toBe(false);
  const steps = await stepsOf(id);
  const settled = steps.filter(({ kind }) => kind !== "deletion");
  expect(settled.map(({ kind, state }) => `${kind} ${state}`)).toContain("account verified");
  expect(settled.filter(({ state }) => state !== "verified" && state !== "with_account")).toEqual([]);
  expect(settled.find(({ kind }) => kind === "account")?.detail).toMatch(/NOLOGIN.*sign-in was refused/s);
  const run = await runOf(id);
  expect(run.containedAt).not.toBeNull();
  expect(run.state).toBe("waiting_for_people");
  expect((await itemsOf(id)).map(({ kind, name, suggestedId }) => ({ kind, name, suggestedId }))).toEqual([
    { kind: "owned_identity", name: "nightly-export", suggestedId: person(world, "bob").identityId },
  ]);

  expect(await followSuggestions(person(world, "bob"), { id })).toEqual({ done: 1, refused: [] });
  expect(await runOf(id)).toMatchObject({ state: "closed", completedAt: expect.any(Date) });
  expect(await db().identity.findFirstOrThrow({ where: { name: "nightly-export" } })).toMatchObject({
    ownerId: person(world, "bob").identityId,
  });
  await sync(world.connectionId);
  await runLeaving(id);
  expect((await stepsOf(id)).filter(({ state }) => state === "resurrected")).toEqual([]);
});

test("an account is deleted only after its hold", async () => {
  const run = await db().offboarding.findFirstOrThrow({ where: { state: "closed" } });
  const [deletion] = await db().offboardingStep.findMany({ where: { offboardingId: run.id, kind: "deletion" } });
  expect(deletion).toMatchObject({ state: "planned", notBefore: plus(run.shutAt, 30 * dayMs) });
  setClock(plus(run.shutAt, 31 * dayMs));
  await watchOffboardings(worker);
  await rows("update graphile_worker._private_jobs set run_at = now() where key like 'step %'");
  await runLeaving(run.id);
  setClock(null);
  expect(await db().offboardingStep.findUniqueOrThrow({ where: { id: deletion?.id ?? "" } })).toMatchObject({
    state: "verified",
  });
  const found = await asAdministrator(world.server, (client) =>
    client.query("select 1 from pg_roles where rolname = 'ann'"),
  );
  expect(found.rowCount).toBe(0);
});

describe("a false alarm", () => {
  test("lets the account in again, gives back what was taken, and leaves grants over", async () => {
    await asProvisioner("grant billing to eve");
    await sync(world.connectionId);
    const { id } = await startOffboarding(person(world, "sid"), { identity: "eve@acme.test", reason: "a rumour" });
    await runLeaving(id);
    expect(await loginOf("eve")).toBe(false);
    expect(await world.holds("eve", "billing")).toBe(false);
    await cancelOffboarding(person(world, "sue"), { id, reason: "it was only a rumour" });
    await runLeaving(id);
    expect(await loginOf("eve")).toBe(true);
    expect(await world.holds("eve", "billing")).toBe(true);
    await (await world.server.connect("postgres", "eve", "eve")).end();
    expect(await db().user.findUniqueOrThrow({ where: { id: person(world, "eve").userId } })).toMatchObject({
      disabledAt: null,
    });
    expect(await db().identity.findUniqueOrThrow({ where: { id: person(world, "eve").identityId } })).toMatchObject({
      status: "active",
      leftAt: null,
    });
    expect((await stepsOf(id)).map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(
      expect.arrayContaining(["account restored", "access restored", "deletion dropped", "sign_in restored"]),
    );
  });

  test("before its time takes nothing at all", async () => {
    const { id } = await startOffboarding(person(world, "bob"), {
      identity: "eve@acme.test",
      at: plus(now(), dayMs).toISOString(),
    });
    await cancelOffboarding(person(world, "bob"), { id, reason: "stays after all" });
    setClock(plus(now(), 2 * dayMs));
    await watchOffboardings(worker);
    await runLeaving(id);
    setClock(null);
    expect(await stepsOf(id)).toEqual([]);
    expect(await loginOf("eve")).toBe(true);
  });
});

test("who comes back in the system after having left is said loudly", async () => {
  const { id } = await startOffboarding(person(world, "sid"), { identity: "eve@acme.test" });
  await runLeaving(id);
  await runLeaving(id);
  expect(await runOf(id)).toMatchObject({ state: "closed" });
  await asAdministrator(world.server, (client) => client.query("alter role eve login"));
  await sync(world.connectionId);
  await runLeaving(id);
  const account = (await stepsOf(id)).find(({ kind }) => kind === "account");
  expect(account).toMatchObject({ state: "resurrected", resurrectedAt: expect.any(Date) });
  expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
  expect(await db().auditEvent.count({ where: { action: "offboarding.came_back", targetId: id } })).toBe(1);
  await decideStep(person(world, "sid"), { id: account?.id ?? "", decision: "retry" });
  await runLeaving(id);
  expect(await loginOf("eve")).toBe(false);
  expect(await runOf(id)).toMatchObject({ state: "closed" });
});

describe("what is refused", () => {
  test.each([
    ["oneself", "bob", "bob@acme.test", /conflict: Nobody takes away their own access/],
    ["who does not report to one", "bob", "cara@acme.test", /forbidden: .*neither reports to you/],
    ["one's own manager", "bob", "dana@acme.test", /forbidden/],
    ["the last administrator", "sid", "adam@acme.test", /conflict: adam is the last administrator/],
    ["nobody", "sid", "nobody@acme.test", /not_found/],
  ])("%s", async (_, who, identity, message) => {
    expect(await refusal(startOffboarding(person(world, who), { identity }))).toMatch(message);
  });

  test("an account by which Rollcall itself signs in", async () => {
    const [own] = await rows<{ name: string }>(
      `select i.name from principals p join identities i on i.id = p.identity_id where p.name = '${provisioner}'`,
    );
    const message = await refusal(startOffboarding(person(world, "sid"), { identity: own?.name ?? "" }));
    expect(message).toMatch(/conflict: Rollcall itself signs in to warehouse/);
  });

  test("a second run of the same person while one is under way", async () => {
    const { id } = await startOffboarding(person(world, "sid"), { identity: "dana@acme.test" });
    expect(await refusal(startOffboarding(person(world, "sue"), { identity: "dana@acme.test" }))).toMatch(
      /conflict: dana is leaving already/,
    );
    // Bob reported to Dana, who has no manager: nobody is suggested, and the run waits.
    await runLeaving(id);
    const [report] = await itemsOf(id);
    expect(report).toMatchObject({ kind: "report", name: "bob", suggested: null });
    expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
    const disposing = disposeItem(person(world, "sid"), {
      id: report?.id ?? "",
      disposition: "hand_over",
      to: "ann@acme.test",
    });
    expect(await refusal(disposing)).toMatch(/invalid: Nobody who is here/);
    await disposeItem(person(world, "sid"), { id: report?.id ?? "", disposition: "hand_over", to: "cara@acme.test" });
    expect(await runOf(id)).toMatchObject({ state: "closed" });
  });
});

test("too many within an hour wait for a second person", async () => {
  const extra = await Promise.all(
    ["p1", "p2", "p3", "p4", "p5"].map((name) =>
      db().identity.create({
        data: { name, email: `${name}@acme.test`, kind: "human", kindReason: "test", firstSeenAt: now() },
      }),
    ),
  );
  const states: string[] = [];
  const ids: string[] = [];
  for (const { email } of extra) {
    const run = await startOffboarding(person(world, "sid"), { identity: email ?? "" });
    states.push(run.state);
    ids.push(run.id);
  }
  expect(states).toContain("paused_by_brake");
  const held = ids[states.indexOf("paused_by_brake")] ?? "";
  expect(await stepsOf(held)).toEqual([]);
  expect(await refusal(releaseOffboarding(person(world, "sid"), { id: held }))).toMatch(/forbidden: You ordered this/);
  await releaseOffboarding(person(world, "sue"), { id: held });
  await runLeaving(held);
  expect(await runOf(held)).toMatchObject({ state: "closed" });
});
