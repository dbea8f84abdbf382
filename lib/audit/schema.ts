import { z } from "zod";

export const outcomes = ["allowed", "denied", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

/** What can be taken back. `by_hand`: what only a person can do again. */
export const endingKinds = [
  "person",
  "roles",
  "token",
  "passkey",
  "leaving",
  "grant",
  "request",
  "delegation",
  "connection",
  "channel",
  "destination",
  "by_hand",
] as const;
export type EndingKind = (typeof endingKinds)[number];

const listOf = <T extends z.ZodType<string>>(value: T) =>
  z.preprocess(
    (given) => (typeof given === "string" ? given.split(",").filter(Boolean) : given),
    z.array(value).max(50),
  );

/** Which events to list. `at` runs backwards: the newest first. */
export const listEventsInput = z.object({
  /** Ids of actors. */
  who: listOf(z.string().max(200)).optional(),
  /** Whole actions: `sync.finished`. */
  action: listOf(z.string().max(100)).optional(),
  outcome: listOf(z.enum(outcomes)).optional(),
  /** `type:id` of what it was done to. */
  target: z
    .string()
    .max(300)
    .regex(/^[^:]+:.+$/, "must be type:id")
    .optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  /** A part of a name or an action, or an event's number. */
  q: z.string().trim().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type ListEventsInput = z.input<typeof listEventsInput>;

export const tailEventsInput = z.object({
  /** Number of the last event the reader has; null to begin at the end. */
  after: z.coerce.number().int().min(0).nullable().default(null),
});

/** An event as lists show it. */
export type EventItem = {
  id: string;
  /** Its place in the log, or null while it waits for one. */
  number: number | null;
  at: Date;
  actor: { type: string; id: string | null; name: string; identityId: string | null };
  onBehalfOf: { id: string; name: string } | null;
  action: string;
  target: { type: string; id: string | null; name: string | null } | null;
  outcome: Outcome;
  details: Record<string, unknown> | null;
};

/** One event with all that is kept of it. */
export type EventDetail = EventItem & {
  why: Record<string, unknown> | null;
  actorFacts: Record<string, unknown>;
  beforeDigest: string | null;
  afterDigest: string | null;
  requestId: string | null;
  /** Hex of the leaf hash that the log commits to; null while the event waits. */
  leafHash: string | null;
};
