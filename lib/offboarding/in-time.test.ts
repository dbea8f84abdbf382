import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { renderMetrics } from "../operations/metrics";
import { makePeople, person, type World, worker } from "../requests/test-world";
import { dayMs, hourMs, minuteMs, now, plus, secondMs } from "../time";
import { getClockReport } from "./clock-queries";
import { startOffboarding } from "./start-offboarding";
import { runRow } from "./test-leaving-rows";
import { watchOffboardings } from "./watch-offboardings";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let people: World["people"];
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret that is long enough for links";
  resetEnv();
  database = await freshDatabase();
  people = await makePeople();
});
afterAll(async () => {
  delete process.env.SMTP_URL;
  resetEnv();
  await database.drop();
});
beforeEach(() => rows("truncate rehire_proposals, offboardings, offboarding_steps, offboarding_items"));

const who = (name: string) => person({ people } as World, name);

type Took = { containedMs?: number; completedMs?: number; agoMs?: number; kind?: string; manager?: string };

/** A run of somebody who was to be shut so long ago, wanted shut within a minute and complete within five days. */
async function ranRow({ containedMs, completedMs, agoMs = hourMs, kind = "person", manager }: Took): Promise<string> {
  const id = await runRow("waiting_for_people", manager ? who(manager).identityId : null);
  const shutAt = plus(now(), -agoMs);
  await db().offboarding.update({
    where: { id },
    data: {
      ...{ kind, shutAt, containBy: plus(shutAt, minuteMs), completeBy: plus(shutAt, 5 * dayMs) },
      containedAt: containedMs === undefined ? null : plus(shutAt, containedMs),
      completedAt: completedMs === undefined ? null : plus(shutAt, completedMs),
    },
  });
  return id;
}

const lateEvents = (id: string) =>
  rows<{ clock: string }>(
    "select details ->> 'clock' as clock from audit_events where action = 'offboarding.late' and target_id = $1 order by at",
    [id],
  );
const mails = (id: string, words: string) =>
  rows<{ recipient: string }>(
    "select recipient from deliveries where content ->> 'thread' like $1 and subject like $2 order by 1",
    [`%${id}%`, `%${words}%`],
  );

test("both clocks are reported over 90 days by kind, with how many met their target and how long it took", async () => {
  for (const seconds of [10, 20, 30]) await ranRow({ containedMs: seconds * secondMs, completedMs: hourMs / 2 });
  await ranRow({ containedMs: 10 * minuteMs });
  await ranRow({ agoMs: 6 * dayMs });
  await ranRow({ agoMs: 91 * dayMs, containedMs: 1 });
  await ranRow({ kind: "machine", agoMs: secondMs });
  await ranRow({ kind: "mover", agoMs: 9 * dayMs });
  const cancelled = await ranRow({ agoMs: 9 * dayMs });
  await db().offboarding.update({ where: { id: cancelled }, data: { state: "cancelled" } });

  const report = await getClockReport(who("sid"));
  expect(
    report.map(({ kind, clock, runs, met, missed, late, within }) => [kind, clock, runs, met, missed, late, within]),
  ).toEqual([
    ["person", "contain", 5, 3, 1, 1, 0],
    ["person", "complete", 5, 3, 0, 1, 1],
    ["machine", "contain", 1, 0, 0, 0, 1],
    ["machine", "complete", 1, 0, 0, 0, 1],
  ]);
  expect(report[0]).toMatchObject({ targetMs: minuteMs, p50Ms: 25 * secondMs });
  expect(report[0]?.p95Ms).toBeCloseTo(514.5 * secondMs, 0);
  expect(report[2]).toMatchObject({ p50Ms: null, p95Ms: null });

  const { text } = await renderMetrics();
  expect(text).toContain('rollcall_offboarding_runs{kind="person",clock="contain",standing="met"} 3');
  expect(text).toContain('rollcall_offboarding_runs{kind="person",clock="complete",standing="late"} 1');
  expect(text).toContain('rollcall_offboarding_seconds{kind="person",clock="contain",quantile="0.5"} 25');
  expect(text).toContain('rollcall_offboarding_target_seconds{kind="machine",clock="complete"} 432000');
});

test("the targets are the installation's own, and a run keeps those that it began with", async () => {
  const before = await ranRow({ agoMs: 3 * dayMs, containedMs: 45 * secondMs });
  Object.assign(process.env, { ROLLCALL_CONTAIN_SECONDS: "30", ROLLCALL_COMPLETE_DAYS: "2" });
  resetEnv();
  try {
    const report = await getClockReport(who("sid"));
    expect(report.map(({ targetMs }) => targetMs)).toEqual([30 * secondMs, 2 * dayMs]);
    expect(report.map(({ met, within }) => [met, within])).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const { id } = await startOffboarding(who("sid"), { identity: who("eve").identityId, reason: "left" });
    const run = await db().offboarding.findUniqueOrThrow({ where: { id } });
    expect(run.containBy).toEqual(plus(run.shutAt, 30 * secondMs));
    expect(run.completeBy).toEqual(plus(run.shutAt, 2 * dayMs));
    await watchOffboardings(worker);
    expect(await lateEvents(before)).toEqual([]);
  } finally {
    delete process.env.ROLLCALL_CONTAIN_SECONDS;
    delete process.env.ROLLCALL_COMPLETE_DAYS;
    resetEnv();
  }
});

test("a manager sees in the report only who reports to them", async () => {
  await ranRow({ containedMs: 1, manager: "bob" });
  await ranRow({ containedMs: 1 });
  expect((await getClockReport(who("bob"))).map(({ runs }) => runs)).toEqual([1, 1]);
  expect(await getClockReport(who("ann"))).toEqual([]);
});

test("what is not complete in time is told once, with an event, to whom it concerns and to security", async () => {
  const late = await ranRow({ agoMs: 6 * dayMs, containedMs: 1, manager: "bob" });
  const mover = await ranRow({ agoMs: 60 * dayMs, kind: "mover", manager: "bob" });
  const inTime = await ranRow({ agoMs: 4 * dayMs, containedMs: 1, manager: "bob" });
  // What they leave behind keeps the run open.
  for (const offboardingId of [late, mover, inTime])
    await db().offboardingStep.create({
      data: { offboardingId, kind: "access", name: "member on x", contains: false, position: 0, state: "needs_person" },
    });
  for (let time = 0; time < 2; time++) await watchOffboardings(worker);
  expect(await lateEvents(late)).toEqual([{ clock: "complete" }]);
  expect(await mails(late, "it is late")).toEqual([
    { recipient: "bob@acme.test" },
    { recipient: "sid@acme.test" },
    { recipient: "sue@acme.test" },
  ]);
  expect([...(await lateEvents(mover)), ...(await lateEvents(inTime)), ...(await mails(inTime, "late"))]).toEqual([]);
});

test("what is not contained in time is told once, with an event, though a run is late in both", async () => {
  const id = await ranRow({ agoMs: 6 * dayMs, manager: "bob" });
  await db().offboardingStep.create({
    data: { offboardingId: id, kind: "account", name: "x", contains: true, position: 0, state: "needs_person" },
  });
  for (let time = 0; time < 2; time++) await watchOffboardings(worker);
  expect(await lateEvents(id)).toEqual([{ clock: "contain" }, { clock: "complete" }]);
  expect(await mails(id, "not shut out everywhere")).toHaveLength(3);
});
