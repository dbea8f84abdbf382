import { expect, test } from "vitest";
import type { LoggedEvent } from "./leaf";
import { ocsfOf } from "./ocsf";
import { ocsfFaults, ocsfFolder } from "./test-ocsf";

const event: LoggedEvent = {
  id: "01980000-0000-7000-8000-000000000000",
  at: "2026-03-01T10:00:00.123456Z",
  actorType: "person",
  actorId: "01980000-0000-7000-8000-000000000001",
  actorName: "Ann Example",
  actor: {},
  onBehalfOf: { id: "x", name: "Bo" },
  action: "grant.revoked",
  targetType: "grant",
  targetId: "01980000-0000-7000-8000-000000000002",
  targetName: "SELECT on billing",
  outcome: "allowed",
  why: { because: "left" },
  beforeDigest: null,
  afterDigest: "00",
  details: { a: [1, { b: null }] },
  requestId: "r-1",
  salts: Buffer.alloc(48),
  erased: null,
};
const cases: Partial<LoggedEvent>[] = [
  {},
  { actorType: "system", actorId: "worker", actorName: "worker", requestId: null },
  { actorType: "workload", actorId: null },
  { targetType: null, targetId: null, targetName: null, details: null, why: null, onBehalfOf: null },
  { targetName: null },
  { targetId: null },
  { action: "activity.read", outcome: "denied" },
  { action: "sync.finished", outcome: "failed" },
  { action: "channel.created" },
  { action: "record_destination.failing" },
  { action: "person.role_set" },
  { erased: { who: "00" }, actorName: "[erased]" },
];

if (!ocsfFolder) test.skip("OCSF: skipped, the schema of the sample data is not here", () => undefined);
else
  test.each(cases)("an event with %j is valid OCSF", (change) => {
    expect(ocsfFaults(ocsfOf({ ...event, ...change }, 7, "rollcall.internal/record/00000000"))).toEqual([]);
  });

if (ocsfFolder)
  test("the validator finds what is missing, unknown, of another type or no value of its list", () => {
    const good = ocsfOf(event, 7, "x");
    const { time: _, ...late } = good;
    expect(ocsfFaults(late)).toEqual(["event.time is required"]);
    expect(ocsfFaults({ ...good, extra: 1 })).toEqual(["event.extra is not in the schema"]);
    expect(ocsfFaults({ ...good, time: "now" })).toHaveLength(1);
    expect(ocsfFaults({ ...good, activity_id: 42 })).toHaveLength(1);
    expect(ocsfFaults({ ...good, entity: {} })).toHaveLength(1);
    expect(ocsfFaults({ ...good, metadata: { version: "1" } })).toEqual(["event.metadata.product is required"]);
  });

test("what was done, whether it was let, and by whom stand where a SIEM looks for them", () => {
  expect(ocsfOf(event, 7, "x")).toMatchObject({
    class_uid: 3004,
    type_uid: 300409,
    activity_name: "Disable",
    status_id: 1,
    time: 1772359200123,
    actor: { user: { uid: event.actorId, name: "Ann Example" } },
    entity: { type: "grant", uid: event.targetId },
    metadata: { sequence: 7, uid: event.id },
  });
  expect(ocsfOf({ ...event, outcome: "denied" }, 7, "x")).toMatchObject({ status_id: 2, status_code: "denied" });
});
