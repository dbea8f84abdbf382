import { z } from "zod";
import { endingKinds } from "../audit/schema";

/** What became of an ending that an older database did not know. */
export const endingStates = ["waiting", "taken", "already", "unknown", "overtaken", "by_hand", "failed"] as const;
export type EndingState = (typeof endingStates)[number];

/** Lines that were not believed, by why: how many, and the first places in the file. */
export const doubtsShape = z.partialRecord(
  z.enum(["unreadable", "foreign", "forged", "gap"]),
  z.object({ count: z.number().int(), places: z.array(z.number().int()) }),
);

export const restorationRef = z.strictObject({ id: z.uuid() });

/** That the database was found to be older than what was written outside it, and what became of that. */
export const restorationShape = z.object({
  id: z.uuid(),
  noticedAt: z.date(),
  had: z.number().int().meta({ description: "How many events the database had." }),
  told: z.number().int().meta({ description: "The last event that it was told of from outside." }),
  toldAt: z.date().nullable(),
  source: z.string(),
  sessionsEnded: z.number().int(),
  linksEnded: z.number().int(),
  endings: z.partialRecord(z.enum(endingStates), z.number().int()),
  doubts: doubtsShape,
  settledAt: z.date().nullable(),
  seenAt: z.date().nullable(),
  seenBy: z.string().nullable(),
});
export type RestorationItem = z.infer<typeof restorationShape>;

/** One thing that had been taken back, and what became of it. */
export const restoredEndingShape = z.object({
  eventId: z.uuid(),
  number: z.number().int(),
  at: z.date(),
  action: z.string(),
  kind: z.enum(endingKinds),
  thingId: z.string(),
  name: z.string().nullable(),
  state: z.enum(endingStates),
  detail: z.string(),
  doneAt: z.date().nullable(),
});
export type RestoredEndingItem = z.infer<typeof restoredEndingShape>;
