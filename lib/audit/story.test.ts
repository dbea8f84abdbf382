import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { type EventInput, record } from "./record";
import { getStory } from "./story";

const worker = system("worker");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let ann: PersonActor;
const identity = "00000000-0000-7000-8000-00000000aaaa";
beforeAll(async () => {
  database = await freshDatabase();
  await db().identity.create({
    data: { id: identity, kind: "human", kindReason: "test", name: "Ann", status: "active", firstSeenAt: new Date(0) },
  });
  const user = await db().user.create({ data: { name: "Ann", identityId: identity } });
  const none = { email: null, sessionId: null, tokenId: null, scopes: null, requestId: null };
  ann = {
    type: "person",
    userId: user.id,
    identityId: identity,
    name: "Ann",
    roles: ["member"],
    authenticatedBy: "test",
    ...none,
  };
  const write = (by: PersonActor | typeof worker, event: EventInput) => transaction((tx) => record(tx, by, event));
  const grant = { type: "grant", id: "g1", name: "SELECT on billing" };
  await write(ann, { action: "request.submitted", target: { type: "request", id: "r1", name: "R-1001" } });
  await write(worker, { action: "grant.created", target: grant, details: { requestId: "r1", subjectId: identity } });
  await write(worker, { action: "grant.activated", target: grant });
  await write(worker, {
    action: "hand_task.completed",
    target: { type: "hand_task", id: "h1" },
    details: { grantId: "g1" },
  });
  await write(worker, { action: "grant.created", target: { type: "grant", id: "g2" }, details: { requestId: "r2" } });
  await write(worker, { action: "identity.edited", target: { type: "identity", id: identity, name: "Ann Example" } });
  await write(ann, { action: "view.saved", target: { type: "view", id: "v1" } });
});
afterAll(() => database.drop());

const told = async (type: string, id: string) =>
  (await getStory(worker, { type, id })).events.map((event) => event.action);

test("a request's story goes on with the grants that came of it", async () => {
  expect(await told("request", "r1")).toEqual(["request.submitted", "grant.created", "grant.activated"]);
  expect((await getStory(worker, { type: "request", id: "r1" })).name).toBe("R-1001");
});

test("a grant's story holds what was done by hand for it", async () => {
  expect(await told("grant", "g1")).toEqual(["grant.created", "grant.activated", "hand_task.completed"]);
});

test("an identity's story holds what was done to it, what it was given, and what its person did", async () => {
  expect(await told("identity", identity)).toEqual([
    "request.submitted",
    "grant.created",
    "grant.activated",
    "identity.edited",
    "view.saved",
  ]);
});

test("of what the record does not know there is no story, and a member is told none", async () => {
  expect(await getStory(worker, { type: "grant", id: "nothing" })).toEqual({ name: null, events: [], more: false });
  await expect(getStory(ann, { type: "grant", id: "g1" })).rejects.toMatchObject({ code: "forbidden" });
});
