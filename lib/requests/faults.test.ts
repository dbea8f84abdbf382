import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { startServer18 } from "../db/test-clusters";
import { revokeGrant } from "../grants/end-grant";
import { watchGrants } from "../grants/watch-grants";
import { dayMs, hourMs, now, plus, setClock, shiftClock } from "../time";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { dueJobs, type Fate, runDue, runJob, type Sleeper } from "./test-hands";
import { behindOutage } from "./test-outage";
import { grantsOf, person, startWorld, type World, worker } from "./test-world";

let world: World;
let setAway: (away: boolean) => void = () => undefined;
beforeAll(async () => {
  world = await startWorld(async () => {
    const outage = await behindOutage(await startServer18());
    setAway = outage.setAway;
    return outage.server;
  });
}, 120_000);
afterAll(async () => {
  setClock(null);
  await world.drop();
});
beforeEach(() => setClock(now()));
afterEach(() => setClock(null));

const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
const ways = ["assignment", "credential"] as const;
type Way = (typeof ways)[number];

async function approved(give: Way, name = "ann"): Promise<string> {
  const { id } = await submitRequest(person(world, name), {
    items: [analysts],
    reason: "quarter end",
    duration: "PT2H",
    give,
  });
  await decideRequest(person(world, "bob"), { id, decision: "approve" });
  const [grant] = await grantsOf(id);
  return grant?.id ?? "";
}

const grantOf = (id: string) => db().grant.findUniqueOrThrow({ where: { id } });
const revoke = (id: string) => revokeGrant(person(world, "ann"), { id });

/** Who holds analysts by Rollcall, and which short-lived accounts there are, as the server says. */
async function atTarget(): Promise<string[]> {
  const client = await world.server.connect();
  try {
    const { rows } = await client.query<{ holder: string }>(
      `select m.member::regrole::text as holder from pg_auth_members m where m.roleid = 'analysts'::regrole
         and m.grantor = 'rollcall_gives'::regrole and m.member <> 'rollcall_gives'::regrole
       union select rolname from pg_roles where rolname like 'rc\\_%' order by 1`,
    );
    return rows.map(({ holder }) => holder);
  } finally {
    await client.end();
  }
}

async function later(ms: number): Promise<void> {
  setClock(plus(now(), ms));
  await runDue();
}

/** Runs the due jobs in turn, each `fate` for the nth that has such a task. @returns the points that were passed */
async function runWith(task: string, fate: Fate | null) {
  const passed: string[] = [];
  let died: string | null = null;
  for (let [job] = await dueJobs(); job; [job] = await dueJobs()) {
    const went = await runJob(job, job.task === task && died === null ? fate : null);
    if (job.task === task && died === null) {
      passed.push(...went.points);
      died = went.died;
    }
  }
  return { passed, died };
}

async function sleepIn(task: string, at: string): Promise<Sleeper> {
  for (let [job] = await dueJobs(); job; [job] = await dueJobs()) {
    const { asleep } = await runJob(job, job.task === task ? { at, end: "sleep" } : null);
    if (asleep) return asleep;
  }
  throw new Error("nobody fell asleep");
}

const begun = ["grant.ordered", "grant.began", "grant.activated"];
const receiptOf = async (grantId: string) =>
  (await db().grantStep.findMany({ where: { grantId }, orderBy: { id: "asc" } })).map(({ step }) => step);
const eventsOf = async (grantId: string) =>
  (await rows<{ action: string }>("select action from audit_events where target_id = $1 order by id", [grantId])).map(
    ({ action }) => action,
  );

describe.each(ways)("a worker that is killed between any two of its steps, giving by %s", (give) => {
  const task = give === "assignment" ? "converge-access" : "converge-credential";
  const holder = async (grantId: string) =>
    give === "assignment" ? "ann" : ((await grantOf(grantId)).issuedName ?? "");

  test("gives once, and takes wholly", async () => {
    let at = 0;
    for (let dead = true; dead; at++) {
      const grantId = await approved(give);
      dead = (await runWith(task, { at, end: "die" })).died !== null;
      await later(3 * 60_000);
      expect(await grantOf(grantId)).toMatchObject({ state: "active" });
      expect(await atTarget()).toEqual([await holder(grantId)]);
      const steps = await receiptOf(grantId);
      expect(
        steps.filter((step) => step === "done"),
        `killed at ${at}`,
      ).toHaveLength(1);
      expect(await eventsOf(grantId)).toEqual(["grant.ordered", "grant.began", "grant.activated"]);
      await revoke(grantId);
      await later(3 * 60_000);
      expect(await atTarget()).toEqual([]);
    }
    expect(at).toBeGreaterThan(4);
    for (let at = 0, dead = true; dead; at++) {
      const grantId = await approved(give);
      await runDue();
      await revoke(grantId);
      dead = (await runWith(task, { at, end: "die" })).died !== null;
      await later(3 * 60_000);
      expect(await atTarget(), `killed at ${at}`).toEqual([]);
      expect(await grantOf(grantId)).toMatchObject({ state: "ended", endedBecause: "revoked" });
      const steps = await receiptOf(grantId);
      expect(steps.at(-1)).toBe("proven");
      expect(steps.filter((step) => step === "proven")).toHaveLength(1);
      expect((await eventsOf(grantId)).slice(3)).toEqual(["grant.end_ordered", "grant.ended"]);
    }
  });

  test("that slept while another did its work, its late change is refused and undone at once", async () => {
    const grantId = await approved(give);
    const sleeper = await sleepIn(task, give === "assignment" ? "before grant" : "before issue");
    await runDue();
    await revoke(grantId);
    await runDue();
    expect(await grantOf(grantId)).toMatchObject({ state: "ended" });
    await sleeper.wake();
    await runDue();
    expect(await atTarget()).toEqual([]);
    expect(await grantOf(grantId)).toMatchObject({ state: "ended" });
    expect((await receiptOf(grantId)).filter((step) => step === "proven")).toHaveLength(1);
  });
});

test.each(ways)(
  "our database stopping in the middle of any transaction changes nothing twice, giving by %s",
  async (give) => {
    const task = give === "assignment" ? "converge-access" : "converge-credential";
    for (let at = 0, cut = true; cut; at++) {
      const grantId = await approved(give);
      const { passed } = await runWith(task, { at, end: "cut" });
      cut = at < passed.length;
      await later(10 * 60_000);
      expect(await grantOf(grantId), `cut at ${at}`).toMatchObject({ state: "active" });
      expect((await atTarget()).length).toBe(1);
      const moves = (await eventsOf(grantId)).filter((action) => action !== "grant.activation_failed");
      expect(moves).toEqual(["grant.ordered", "grant.began", "grant.activated"]);
      await revoke(grantId);
      await runWith(task, { at, end: "cut" });
      await later(10 * 60_000);
      expect(await atTarget(), `cut at ${at}`).toEqual([]);
      expect((await eventsOf(grantId)).filter((action) => action === "grant.ended")).toHaveLength(1);
    }
  },
);

test.each(ways)(
  "a target that is away when access ends is tried for ever, in sight, and then it is gone: %s",
  async (give) => {
    const grantId = await approved(give);
    await runDue();
    setAway(true);
    setClock(plus(now(), 3 * hourMs));
    await watchGrants(worker);
    for (let tries = 0; tries < 40; tries++) {
      await later(6 * 60_000);
      const { state, nextTryAt } = await grantOf(grantId);
      expect(state).toBe("ending_failed");
      if (give === "credential") expect(nextTryAt?.getTime() ?? 0).toBeLessThan(now().getTime() + 6 * 60_000);
    }
    expect(await eventsOf(grantId)).toEqual([...begun, "grant.end_ordered", "grant.ending_failed"]);
    setAway(false);
    await later(6 * 60_000);
    expect(await atTarget()).toEqual([]);
    expect(await grantOf(grantId)).toMatchObject({ state: "ended", endedBecause: "expired" });
    expect((await receiptOf(grantId)).at(-1)).toBe("proven");
  },
);

test("after an outage what is over is taken first, before anything is given, and it is said how late", async () => {
  const over = await approved("assignment");
  await runDue();
  const next = await approved("credential", "eve");
  setClock(plus(now(), 5 * hourMs));
  await watchGrants(worker);
  const order = (await dueJobs()).map(({ task }) => task);
  expect(order.indexOf("converge-access")).toBe(0);
  expect(order.indexOf("activate-grant")).toBeGreaterThan(0);
  await runDue();
  expect(await grantOf(over)).toMatchObject({ state: "ended", endedWords: expect.stringMatching(/over 3 h ago/) });
  const [event] = await rows<{ details: object }>(
    "select details from audit_events where target_id = $1 and action = 'grant.end_ordered'",
    [over],
  );
  expect(event?.details).toMatchObject({ lateSeconds: 3 * 3600 });
  await revokeGrant(person(world, "eve"), { id: next });
  await runDue();
});

test.each([dayMs, -dayMs])(
  "a worker whose own clock is %i ms off begins and ends nothing early, and ends nothing late",
  async (off) => {
    setClock(null);
    shiftClock(off);
    try {
      const held = [await approved("assignment"), await approved("credential")];
      await runDue();
      for (const id of held) {
        const [left] = await rows<{ seconds: number }>(
          "select extract(epoch from ends_at - clock_timestamp())::int as seconds from grants where id = $1 and state = 'active'",
          [id],
        );
        // Not by a day; how long the test itself takes does not matter.
        expect(Math.abs((left?.seconds ?? 0) - 7_200)).toBeLessThan(3_600);
      }
      const later = await approved("assignment", "eve");
      await rows("update grants set starts_at = clock_timestamp() + interval '3 hours' where id = $1", [later]);
      await watchGrants(worker);
      await runDue();
      expect(await grantOf(later)).toMatchObject({ state: "scheduled", activatedAt: null });
      await revokeGrant(person(world, "eve"), { id: later });
      await runDue();
      expect(await atTarget()).toHaveLength(2);
      await rows("update grants set ends_at = clock_timestamp() where id = any($1::uuid[])", [held]);
      await rows("update justifications set until = clock_timestamp() where grant_id = any($1::uuid[])", [held]);
      await watchGrants(worker);
      await runDue();
      expect(await atTarget()).toEqual([]);
    } finally {
      shiftClock(0);
    }
  },
);

test("what a sleeping worker takes away too late is given again at once", async () => {
  const first = await approved("assignment");
  await runDue();
  await revoke(first);
  const asleep = await sleepIn("converge-access", "before revokeAll");
  await runDue();
  const second = await approved("assignment");
  await runDue();
  expect(await atTarget()).toEqual(["ann"]);
  await asleep.wake();
  await runDue();
  expect(await atTarget()).toEqual(["ann"]);
  await revoke(second);
  await later(hourMs);
  expect(await atTarget()).toEqual([]);
});

test("a short-lived account whose end is ordered while it is made never stood, and is taken", async () => {
  const grantId = await approved("credential");
  const maker = await sleepIn("converge-credential", "after issue");
  await revoke(grantId);
  await maker.wake();
  await runDue();
  expect(await atTarget()).toEqual([]);
  expect(await grantOf(grantId)).toMatchObject({ state: "ended", activatedAt: null });
  expect(await receiptOf(grantId)).not.toContain("done");
  expect(await db().justification.count({ where: { grantId, endedAt: null } })).toBe(0);
});
