import { expect, test } from "vitest";
import type { EventItem } from "@/lib/audit/schema";
import { joinEvents } from "./join-events";

const event = (id: string, second: number, number: number | null): EventItem => ({
  id,
  number,
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  actor: { type: "system", id: null, name: "worker", identityId: null },
  onBehalfOf: null,
  action: "test.done",
  target: null,
  outcome: "allowed",
  details: null,
});

test("an event that waited and then got its number appears once, with the number, newest first", () => {
  const joined = joinEvents(
    [event("b", 2, null), event("a", 1, 1)],
    [event("b", 2, 2), event("c", 3, 3)],
    [event("d", 4, null), event("c", 3, null)],
  );
  expect(joined.map((item) => [item.id, item.number])).toEqual([
    ["d", null],
    ["c", 3],
    ["b", 2],
    ["a", 1],
  ]);
});

test("events of one moment keep the order of their ids", () => {
  expect(joinEvents([event("b", 1, 2), event("a", 1, 1)], [], []).map((item) => item.id)).toEqual(["b", "a"]);
});
