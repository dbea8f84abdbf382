import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { setClock } from "../time";
import { getEvent, listEventFilters, listEvents, tailEvents } from "./queries";
import { record, recordAttempt } from "./record";
import { sequenceEvents } from "./sequence-events";

const worker = system("worker");
const person = (name: string, roles: PersonActor["roles"]): PersonActor => ({
  type: "person",
  userId: `00000000-0000-7000-8000-0000000000${name.length}0`,
  identityId: null,
  name,
  email: null,
  roles,
  sessionId: null,
  tokenId: null,
  authenticatedBy: "test",
  scopes: null,
  requestId: "r-1",
});
const ann = person("Ann", ["auditor"]);
const start = new Date("2026-03-01T10:00:00Z");

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  for (let i = 0; i < 30; i++) {
    setClock(new Date(start.getTime() + Math.floor(i / 3) * 1000));
    const target = { type: "connection", id: `c${i % 2}`, name: i === 7 ? "100% needle_x" : `system ${i}` };
    await transaction((tx) =>
      record(tx, i % 5 ? worker : ann, { action: i % 2 ? "sync.finished" : "sync.started", target }),
    );
  }
  setClock(new Date(start.getTime() + 60_000));
  await recordAttempt(worker, { action: "connection.edit", outcome: "failed", details: { why: "no answer" } });
  setClock(null);
});
afterAll(() => database.drop());

test("paging by cursor shows every event once, newest first, even where many share a time", async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listEvents(ann, { limit: 4, ...(cursor ? { cursor } : {}) });
    seen.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor);
  const all = await rows<{ id: string }>("select id from audit_events order by at desc, id desc");
  expect(seen).toEqual(all.map((row) => row.id));
});

test("filters by who, action, outcome, target and time all narrow together", async () => {
  const page = await listEvents(ann, { who: ann.userId, action: "sync.started", target: "connection:c0" });
  expect(page.items.map((item) => item.target?.name)).toEqual(["system 20", "system 10", "system 0"]);
  const failed = await listEvents(ann, { outcome: "failed" });
  expect(failed.items.map((item) => item.action)).toEqual(["connection.edit"]);
  const early = await listEvents(ann, { from: start, to: new Date(start.getTime() + 1000) });
  expect(early.items).toHaveLength(3);
});

test("a text with pattern characters is found as it is written, and a number finds that event", async () => {
  expect((await listEvents(ann, { q: "100% needle_" })).items).toHaveLength(1);
  expect((await listEvents(ann, { q: "100%needle" })).items).toHaveLength(0);
  await sequenceEvents();
  const numbered = await listEvents(ann, { q: "5" });
  expect(numbered.items.map((item) => item.number)).toEqual([5]);
});

test("a rare text is looked for in a bounded stretch, and the page says how far", async () => {
  await rows(`insert into audit_events (at, actor_type, actor_name, actor, action, outcome)
    select timestamptz '2026-04-01' + make_interval(secs => i), 'system', 'test', '{}', 'test.noise', 'allowed'
    from generate_series(1, 20100) i`);
  const first = await listEvents(ann, { q: "needle" });
  expect(first.items).toHaveLength(0);
  expect(first.searchedTo).toEqual(new Date("2026-04-01T00:01:41Z"));
  const second = await listEvents(ann, { q: "needle", cursor: first.nextCursor ?? "" });
  expect(second.items).toHaveLength(1);
  expect(second.nextCursor).toBeNull();
});

test("the live tail gives each numbered event once and shows those that wait", async () => {
  const from = (await tailEvents(ann, { after: null })).last;
  const id = await transaction((tx) => record(tx, worker, { action: "test.tailed" }));
  const waiting = await tailEvents(ann, { after: from });
  expect(waiting.waiting.map((item) => item.id)).toEqual([id]);
  expect(waiting.numbered).toHaveLength(0);
  await sequenceEvents();
  const numbered = await tailEvents(ann, { after: from });
  expect(numbered.numbered.map((item) => item.id)).toEqual([id]);
  expect((await tailEvents(ann, { after: numbered.last })).numbered).toHaveLength(0);
});

test("the filters offered are the actions and actors of the record", async () => {
  const offered = await listEventFilters(ann);
  expect(offered.actions).toContain("sync.finished");
  expect(offered.actions).toContain("connection.edit");
  expect(offered.actors.map((actor) => actor.name)).toContain("Ann");
});

test("an event shows its hash once it has a place, and an unknown one is not found", async () => {
  const [item] = (await listEvents(ann, { q: "5" })).items;
  const event = await getEvent(ann, { id: item?.id ?? "" });
  expect(event.leafHash).toMatch(/^[0-9a-f]{64}$/);
  await expect(getEvent(ann, { id: "nonsense" })).rejects.toMatchObject({ code: "not_found" });
  await expect(listEvents(ann, { cursor: "zzz" })).rejects.toMatchObject({ code: "invalid", field: "cursor" });
});

test("a member may not read the record, and the attempt is in it", async () => {
  const mia = person("Mia!", ["member"]);
  await expect(listEvents(mia, {})).rejects.toMatchObject({ code: "forbidden" });
  await expect(tailEvents(mia, { after: null })).rejects.toMatchObject({ code: "forbidden" });
  const denied = await listEvents(ann, { outcome: "denied", who: mia.userId });
  expect(denied.items.map((item) => item.action)).toEqual(["activity.read", "activity.read"]);
});
