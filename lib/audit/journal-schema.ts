import { z } from "zod";
import { endingKinds } from "./schema";

const word = z.string().regex(/^[a-z_]{1,40}$/);
const time = z.iso.datetime();

/** What was taken back (`over`), or given again afterwards, in ids and fixed words. */
export const endingFacts = z.strictObject({
  kind: z.enum(endingKinds),
  /** Of the thing itself; of a leaving, whose. */
  id: z.string().regex(/^[\w-]{0,64}$/),
  over: z.boolean(),
  /** Of a grant: why it ended. */
  because: word.optional().catch(undefined),
  /** Of a leaving. */
  run: z.uuid().optional(),
  startsAt: time.optional(),
  shutAt: time.optional(),
  holdDays: z.number().int().min(0).max(3_650).nullable().optional(),
  /** Of a person's roles: those that stayed, and whether somebody set them here. */
  roles: z.array(word).max(20).optional(),
  setHere: z.boolean().optional(),
});
export type EndingFacts = z.infer<typeof endingFacts>;

/** A line of the journal without its seal: which event of which log says so. */
export const journalEntry = z.strictObject({
  v: z.literal(1),
  log: z.string().min(1).max(300),
  number: z.number().int().min(1),
  event: z.uuid(),
  at: time,
  action: z.string().regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/),
  ending: endingFacts,
});
export type JournalEntry = z.infer<typeof journalEntry>;
