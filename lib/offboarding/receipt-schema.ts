import { z } from "zod";
import { dispositions, itemKinds, outlivesShape, runKinds, stepKinds } from "./schema";
import { offboardingStates, stepStates } from "./states";

const time = z.iso.datetime();
const clock = z.object({ orderedAt: time, dueAt: time.nullable(), verifiedAt: time.nullable() });

/** One path that a run took away: when that was ordered, acknowledged and verified, and what lives on. */
export const receiptLine = z.object({
  line: z.number().int(),
  id: z.uuid(),
  kind: z.enum(stepKinds),
  name: z.string(),
  system: z.string().nullable().meta({ description: "Null: Rollcall itself." }),
  status: z.enum(stepStates),
  orderedAt: time.nullable(),
  acknowledgedAt: time.nullable(),
  verifiedAt: time.nullable(),
  probedAt: time.nullable(),
  signIn: z.enum(["refused", "not_tried"]).nullable(),
  endsAt: time.nullable().meta({ description: "When it is to go, where that is later." }),
  outlives: outlivesShape,
  keptUntil: time.nullable(),
  words: z.string().nullable(),
  wordsBy: z.string().nullable(),
  detail: z.string(),
  event: z
    .number()
    .int()
    .nullable()
    .meta({ description: "Number of the event of the record that tells how it ended." }),
});
export type ReceiptLine = z.infer<typeof receiptLine>;

/** What a run did, as a statement that can be handed on. */
export const receiptFacts = z.object({
  form: z.literal("rollcall receipt 1"),
  id: z.uuid(),
  number: z.number().int(),
  kind: z.enum(runKinds),
  identity: z.object({ id: z.uuid(), name: z.string(), kind: z.string() }),
  status: z.enum(offboardingStates),
  reason: z.string(),
  orderedBy: z.string(),
  createdAt: time,
  contain: clock,
  complete: clock,
  closedAt: time.nullable(),
  cancelledAt: time.nullable(),
  because: z.string().nullable(),
  takenAt: time,
  takenBy: z.string(),
  lines: z.array(receiptLine),
  leftBehind: z.array(
    z.object({
      kind: z.enum(itemKinds),
      name: z.string(),
      status: z.enum(["open", "settled"]),
      disposition: z.enum(dispositions).nullable(),
      to: z.string().nullable(),
      words: z.string().nullable(),
      until: time.nullable(),
      decidedBy: z.string().nullable(),
      decidedAt: time.nullable(),
    }),
  ),
});
export type ReceiptFacts = z.infer<typeof receiptFacts>;

/** A receipt with what proves it: its digest, the events of the run with their paths, and what they are under. */
export const receiptShape = z.object({
  receipt: receiptFacts,
  digest: z.string().meta({
    description:
      "SHA-256 in hex over the canonical JSON (RFC 8785) of the receipt. An event of the record says the same.",
  }),
  events: z.array(
    z.object({
      number: z.number().int(),
      leaf: z.record(z.string(), z.unknown()),
      salts: z.record(z.string(), z.string().nullable()),
      values: z.record(z.string(), z.unknown()),
      withheld: z.array(z.string()).optional(),
      path: z.array(z.string()),
    }),
  ),
  end: z.object({
    count: z.number().int(),
    origin: z.string(),
    size: z.number().int(),
    checkpoint: z.string().meta({ description: "A signed note: https://c2sp.org/tlog-checkpoint" }),
    keys: z.array(z.object({ verifierKey: z.string(), endorsement: z.string().nullable() })),
    consistency: z.record(z.string(), z.array(z.string())),
  }),
});
export type Receipt = z.infer<typeof receiptShape>;
