import { randomBytes, randomUUID } from "node:crypto";
import { db } from "../db/client";
import { now } from "../time";
import type { EndingState } from "./schema";

/** For tests of doors: that the database was found to be older, settled and seen by nobody; with endings that came to this. */
export async function makeRestoration(states: readonly EndingState[] = []): Promise<string> {
  const { id } = await db().restoration.create({
    data: {
      noticedAt: now(),
      had: 3,
      told: 5,
      source: "/x/endings.jsonl",
      anchorRoot: randomBytes(32),
      settledAt: now(),
    },
  });
  const common = {
    restorationId: id,
    at: now(),
    action: "grant.ended",
    kind: "grant",
    thingId: randomUUID(),
    facts: {},
  };
  await db().restoredEnding.createMany({
    data: states.map((state, n) => ({ ...common, eventId: randomUUID(), place: n, number: n + 4, state })),
  });
  return id;
}
