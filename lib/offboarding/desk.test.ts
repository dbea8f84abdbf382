import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { makePeople, person, type World } from "../requests/test-world";
import { dayMs, now, plus } from "../time";
import { decideHeld, listHeld } from "./decide-held";
import { decideStep } from "./decide-step";
import { readDeciders } from "./decider-queries";
import { getProgress } from "./progress-queries";
import { getOffboarding } from "./queries";
import { itemRow, runRow, stepRow } from "./test-leaving-rows";
import { countDesk, listWaitingRuns } from "./waiting-queries";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let people: World["people"];
beforeAll(async () => {
  database = await freshDatabase();
  people = await makePeople();
});
afterAll(() => database.drop());
beforeEach(() => rows("truncate rehire_proposals, offboardings, offboarding_steps, offboarding_items"));

const who = (name: string) => person({ people } as World, name);
const idOf = (name: string) => who(name).identityId;

/** For how many of these people something waits; the count and the list say the same. */
async function waitsFor(...names: string[]): Promise<Record<string, number>> {
  const found = await Promise.all(
    names.map(async (name) => {
      const [{ value }, listed] = await Promise.all([countDesk(who(name)), listWaitingRuns(who(name))]);
      expect(listed).toHaveLength(value);
      return [name, value] as const;
    }),
  );
  return Object.fromEntries(found);
}

/** A run of somebody who moved from Bob to Cara, with one access that nobody has spoken for. */
async function moverRow(): Promise<string> {
  const id = await runRow("verifying", idOf("cara"));
  const moved = { fromManagerId: idOf("bob"), fromManager: "bob", toManagerId: idOf("cara"), toManager: "cara" };
  await db().offboarding.update({
    where: { id },
    data: { kind: "mover", moved: { ...moved, fromTeam: null, toTeam: null, between: [] } },
  });
  await db().offboardingStep.create({
    data: {
      ...{ offboardingId: id, kind: "access", name: "member on x", contains: false, position: 0, state: "planned" },
      notBefore: plus(now(), dayMs),
    },
  });
  return id;
}

test("what a leaver leaves behind waits for their managers at every level and those who see all, and for nobody else", async () => {
  await itemRow(idOf("bob"));
  expect(await waitsFor("bob", "dana", "sid", "adam", "cara", "ann")).toEqual({
    ...{ bob: 1, dana: 1, sid: 1, adam: 1 },
    ...{ cara: 0, ann: 0 },
  });
  await rows("update offboarding_items set settled_at = now()");
  expect(await waitsFor("bob", "sid")).toEqual({ bob: 0, sid: 0 });
});

test("what no system does by itself waits while the rest still goes, until it is settled", async () => {
  const step = await stepRow(idOf("bob"));
  await rows("update offboardings set state = 'executing'");
  expect(await waitsFor("bob", "cara")).toEqual({ bob: 1, cara: 0 });
  await rows("update offboarding_steps set state = 'kept', kept_until = now() + interval '1 day' where id = $1", [
    step,
  ]);
  expect(await waitsFor("bob")).toEqual({ bob: 0 });
  await rows("update offboarding_steps set kept_until = now() - interval '1 second' where id = $1", [step]);
  expect(await waitsFor("bob")).toEqual({ bob: 1 });
  await rows("update offboardings set state = 'cancelled'");
  expect(await waitsFor("bob", "sid")).toEqual({ bob: 0, sid: 0 });
});

test("a mover is a question to both managers; those who see all are asked where no manager is here", async () => {
  await moverRow();
  expect(await waitsFor("bob", "cara", "sid", "eve")).toEqual({ bob: 1, cara: 1, sid: 0, eve: 0 });
  await db().identity.updateMany({
    where: { id: { in: [idOf("bob"), idOf("cara")] } },
    data: { leftAt: now() },
  });
  expect(await waitsFor("sid", "eve")).toEqual({ sid: 1, eve: 0 });
  await db().identity.updateMany({ data: { leftAt: null } });
  await rows("update offboarding_steps set words = 'It ends now.'");
  expect(await waitsFor("bob", "cara", "sid")).toEqual({ bob: 0, cara: 0, sid: 0 });
});

test("a run that the brake holds waits for those who may let it go on, and not for whoever ordered it", async () => {
  const id = await runRow("paused_by_brake", idOf("bob"));
  await db().offboarding.update({ where: { id }, data: { orderedByIdentityId: idOf("sid") } });
  expect(await waitsFor("sue", "adam", "sid", "bob")).toEqual({ sue: 1, adam: 1, sid: 0, bob: 0 });
});

test("a run names for whom it waits: its own people first, and who may decide on anybody's", async () => {
  const ofItem = async (id: string) => (await db().offboardingItem.findUniqueOrThrow({ where: { id } })).offboardingId;
  const left = await ofItem(await itemRow(idOf("bob")));
  const everybody = { others: ["sid", "sue", "adam"], moreOthers: 0 };
  expect(await readDeciders(left)).toEqual({ own: ["bob"], ...everybody });
  expect((await getProgress(who("bob"), { id: left })).waitsFor).toMatchObject({ own: ["bob"] });
  await db().identity.update({ where: { id: idOf("bob") }, data: { leftAt: now() } });
  expect(await readDeciders(left)).toEqual({ own: ["dana"], ...everybody });
  await db().identity.updateMany({ data: { leftAt: null } });
  await rows("update offboarding_items set settled_at = now()");
  expect(await readDeciders(left)).toBe(null);

  const held = await runRow("paused_by_brake", idOf("bob"));
  await db().offboarding.update({ where: { id: held }, data: { orderedByIdentityId: idOf("sid") } });
  expect(await readDeciders(held)).toEqual({ own: [], others: ["sue", "adam"], moreOthers: 0 });
  expect(await readDeciders(await moverRow())).toEqual({ own: ["bob", "cara"], others: [], moreOthers: 0 });

  const machine = await runRow("waiting_for_people");
  const { identityId } = await db().offboarding.update({ where: { id: machine }, data: { kind: "machine" } });
  const owners = { kind: "bot", ownerId: idOf("cara"), backupOwnerId: idOf("eve") };
  await db().identity.update({ where: { id: identityId }, data: owners });
  const item = { kind: "caller", subjectId: "10.1.1.1", name: "10.1.1.1", foundAt: now() };
  await db().offboardingItem.create({ data: { offboardingId: machine, ...item } });
  expect(await readDeciders(machine)).toMatchObject({ own: ["cara", "eve"] });
});

test("what the brake holds is decided on together, each for itself, by those who may", async () => {
  const held = [await runRow("paused_by_brake"), await runRow("paused_by_brake"), await runRow("paused_by_brake")];
  const begun = await runRow("verifying");
  await db().offboarding.update({ where: { id: held[2] ?? "" }, data: { orderedByIdentityId: idOf("sid") } });
  const { runs, count } = await listHeld(who("sid"));
  expect([count, runs.map(({ id, own }) => [held.indexOf(id), own])]).toEqual([
    3,
    [
      [0, false],
      [1, false],
      [2, true],
    ],
  ]);
  expect(await listHeld(who("bob"))).toEqual({ runs: [], count: 0 });
  await expect(decideHeld(who("bob"), { ids: held, decision: "release" })).rejects.toMatchObject({ code: "forbidden" });

  const [first = "", second = "", third = ""] = held;
  const answer = await decideHeld(who("sid"), { ids: [first, third, third], decision: "release", reason: "all known" });
  expect(answer).toMatchObject({ done: 1, refused: [{ id: third, message: expect.stringContaining("yourself") }] });
  // What goes on already is not undone with the others.
  const undone = await decideHeld(who("sue"), {
    ids: [first, second, begun],
    decision: "cancel",
    reason: "a bad file",
  });
  expect(undone).toEqual({
    done: 1,
    refused: [first, begun].map((id) => ({ id, message: "It is held no longer." })),
  });
  const states = await db().offboarding.findMany({ orderBy: { id: "asc" }, select: { state: true, because: true } });
  expect(states.map(({ state }) => state)).toEqual([
    expect.not.stringMatching("held|cancelled"),
    "cancelled",
    "paused_by_brake",
    "verifying",
  ]);
  const told = await rows<{ action: string; reason: string }>(
    "select action, details ->> 'reason' as reason from audit_events where target_id = any($1) and action like 'offboarding.%ed' order by at",
    [[first, second]],
  );
  expect(told).toEqual(
    expect.arrayContaining([
      { action: "offboarding.released", reason: "all known" },
      { action: "offboarding.cancelled", reason: "a bad file" },
    ]),
  );
});

test("what could not be given back by a system waits for somebody, who has it tried again or did it by hand", async () => {
  const ofStep = async (id: string) => db().offboardingStep.findUniqueOrThrow({ where: { id } });
  const id = await stepRow(idOf("bob"));
  const { offboardingId } = await ofStep(id);
  await db().offboarding.update({ where: { id: offboardingId }, data: { state: "cancelled" } });
  expect(await waitsFor("sid", "bob")).toEqual({ sid: 0, bob: 0 });
  expect((await getOffboarding(who("bob"), { id: offboardingId })).may.decide).toBe(false);
  await expect(decideStep(who("bob"), { id, decision: "retry" })).rejects.toMatchObject({ code: "conflict" });

  await db().offboardingStep.update({ where: { id }, data: { wanted: "back" } });
  expect(await waitsFor("sid", "bob", "ann")).toEqual({ sid: 1, bob: 1, ann: 0 });
  expect(await readDeciders(offboardingId)).toMatchObject({ own: ["bob"] });
  expect((await getOffboarding(who("bob"), { id: offboardingId })).may.decide).toBe(true);
  await expect(decideStep(who("ann"), { id, decision: "retry" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(
    decideStep(who("bob"), { id, decision: "keep", reason: "later", until: plus(now(), dayMs).toISOString() }),
  ).rejects.toMatchObject({ code: "invalid", field: "decision" });
  expect(await decideStep(who("bob"), { id, decision: "retry" })).toEqual({ id, state: "planned" });
  expect(await waitsFor("sid", "bob")).toEqual({ sid: 0, bob: 0 });
  const ordered = "select 1 from graphile_worker._private_jobs where payload ->> 'stepId' = $1";
  expect(await rows(ordered, [id])).toHaveLength(1);

  await db().offboardingStep.update({ where: { id }, data: { state: "needs_person" } });
  const done = { id, decision: "by_hand" as const, reason: "TICKET-7 lets them in" };
  expect(await decideStep(who("sid"), done)).toEqual({ id, state: "by_hand" });
  expect(await ofStep(id)).toMatchObject({ words: "TICKET-7 lets them in", wordsBy: "sid" });
  expect(await waitsFor("sid", "bob")).toEqual({ sid: 0, bob: 0 });
});
