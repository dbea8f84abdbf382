import { expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { rows } from "../db/client";
import { startReceiver } from "../messages/test-receiver";
import { carryRecord } from "./carry-record";
import { pauseDestination, removeDestination, resumeDestination, testDestination } from "./change-destination";
import { createDestination } from "./create-destination";
import { happen, only, withDestinations, worker } from "./test-destinations";

const at = withDestinations();
const told = () =>
  rows<{ action: string; outcome: string }>(
    "select action, outcome from audit_events where action like 'record%' order by at, id",
  );

async function webhook(...answers: Parameters<typeof startReceiver>) {
  const receiver = await startReceiver(...answers);
  at.stops.push(receiver.stop);
  const { id } = await createDestination(worker, {
    kind: "webhook",
    name: "hook",
    url: receiver.url,
    allowPrivateHost: true,
  });
  return { id, received: receiver.received };
}

test("a test sends the newest checkpoint to an anchor once more, at once, also after a failure", async () => {
  const { id, received } = await webhook({ status: 200 }, { status: 200 }, { status: 500 }, { status: 200 });
  await expect(testDestination(worker, { id })).rejects.toMatchObject({ code: "conflict" });
  await happen(2);
  await carryRecord(worker);
  await carryRecord(worker);
  expect(received).toHaveLength(1);
  await testDestination(worker, { id });
  await carryRecord(worker);
  expect(received.map(({ body }) => JSON.parse(body).data.size)).toEqual([3, 3]);
  await testDestination(worker, { id });
  await carryRecord(worker);
  await carryRecord(worker);
  expect(await only("webhook")).toMatchObject({ failuresInRow: 1, behind: 1 });
  await testDestination(worker, { id });
  await carryRecord(worker);
  expect(received).toHaveLength(4);
  expect(await only("webhook")).toMatchObject({ failuresInRow: 0, behind: 0, position: 3 });
});

test("a test of a stream is an event that arrives there", async () => {
  const receiver = await startReceiver({ status: 200 });
  at.stops.push(receiver.stop);
  const place = { kind: "http", name: "siem", url: receiver.url, allowPrivateHost: true, format: "json" } as const;
  const { id } = await createDestination(worker, place);
  await testDestination(worker, { id });
  await happen(0);
  await carryRecord(worker);
  expect(receiver.received[0]?.body).toContain("record_destination.tested");
});

test("what is paused gets nothing, and when it goes on all that it lacks", async () => {
  const { id, received } = await webhook({ status: 200 }, { status: 200 });
  await pauseDestination(worker, { id });
  await happen(1);
  await happen(1);
  await carryRecord(worker);
  expect(received).toHaveLength(0);
  expect(await only("webhook")).toMatchObject({ behind: 2, pausedAt: expect.any(Date) });
  for (const refused of [testDestination, pauseDestination])
    await expect(refused(worker, { id })).rejects.toMatchObject({ code: "conflict" });
  await resumeDestination(worker, { id });
  await expect(resumeDestination(worker, { id })).rejects.toMatchObject({ code: "conflict" });
  await carryRecord(worker);
  expect(received).toHaveLength(2);
  expect((await told()).map(({ action }) => action)).toEqual([
    "record_destination.created",
    "record_destination.paused",
    "record_destination.resumed",
  ]);
});

test("what is removed gets nothing more, and its secrets are forgotten", async () => {
  const { id, received } = await webhook({ status: 200 });
  await removeDestination(worker, { id });
  await happen(1);
  await carryRecord(worker);
  expect(received).toHaveLength(0);
  expect(await rows("select secrets from audit_destinations where kind = 'webhook'")).toEqual([{ secrets: null }]);
  for (const refused of [testDestination, pauseDestination, resumeDestination, removeDestination])
    await expect(refused(worker, { id })).rejects.toMatchObject({ code: "not_found" });
});

test("the anchor file is not paused from here: who holds the pages could hide what it shows", async () => {
  await happen(1);
  await carryRecord(worker);
  const file = await only("file");
  await expect(pauseDestination(worker, { id: file?.id ?? "" })).rejects.toMatchObject({ code: "conflict" });
});

test("only an administrator changes a destination, and whoever tries is recorded", async () => {
  const { id } = await webhook();
  const security: PersonActor = {
    ...{ type: "person", userId: "00000000-0000-7000-8000-0000000000a1", identityId: null, name: "Sam" },
    ...{ email: "sam@example.com", roles: ["security", "auditor"], sessionId: null, tokenId: null },
    ...{ authenticatedBy: "test", scopes: null, requestId: null },
  };
  for (const refused of [testDestination, pauseDestination, resumeDestination, removeDestination])
    await expect(refused(security, { id })).rejects.toMatchObject({ code: "forbidden" });
  expect((await told()).filter(({ outcome }) => outcome === "denied")).toHaveLength(4);
  expect(await only("webhook")).toMatchObject({ pausedAt: null });
});
