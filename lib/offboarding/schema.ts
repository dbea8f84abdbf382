import { z } from "zod";
import { AppError } from "../errors";

export const stepKinds = ["sign_in", "account", "credential", "grant", "access", "deletion"] as const;
export type StepKind = (typeof stepKinds)[number];

/** What somebody who leaves leaves behind. */
export const itemKinds = [
  "owned_identity",
  "backup_owner",
  "owned_connection",
  "owned_resource",
  "created_identity",
  "created_connection",
  "report",
  "request",
  "approval",
  "delegation",
  "hand_task",
  "token",
  "policy",
  "caller",
] as const;
export type ItemKind = (typeof itemKinds)[number];

export const dispositions = ["hand_over", "revoke", "cancel", "keep"] as const;
export type Disposition = (typeof dispositions)[number];

/** What may be done with each kind of thing that is left behind. */
export const dispositionsOf = {
  owned_identity: ["hand_over", "revoke", "keep"],
  backup_owner: ["hand_over", "cancel", "keep"],
  owned_connection: ["hand_over", "keep"],
  owned_resource: ["hand_over", "keep"],
  created_identity: ["hand_over", "revoke", "keep"],
  created_connection: ["hand_over", "keep"],
  report: ["hand_over", "keep"],
  request: ["cancel", "keep"],
  approval: ["hand_over", "keep"],
  delegation: ["cancel"],
  hand_task: ["hand_over", "keep"],
  token: ["revoke", "keep"],
  policy: ["keep"],
  caller: ["cancel", "keep"],
} as const satisfies Record<ItemKind, readonly Disposition[]>;

/** Accounts are deleted so long after they were shut, unless told otherwise. */
export const usualHoldDays = 30;
/** A machine's consumers are told so long before it is shut, unless told otherwise. */
export const usualAnnounceDays = 7;

const reason = z.string().trim().max(1_000);
const id = z.uuid();

export const startOffboardingInput = z.strictObject({
  identity: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .meta({ description: "Id, e-mail address or name of who leaves: a person or a machine." }),
  at: z.iso.datetime({ offset: true }).nullable().default(null).meta({ description: "When it begins; null: now." }),
  reason: reason.default(""),
  holdDays: z
    .number()
    .int()
    .min(0)
    .max(3_650)
    .nullable()
    .default(usualHoldDays)
    .meta({ description: "Accounts are deleted so many days after they were shut; null: never by Rollcall." }),
  announceDays: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(usualAnnounceDays)
    .meta({ description: "Of a machine: so many days its owner and its consumers are told before it is shut." }),
  emergency: z
    .boolean()
    .default(false)
    .meta({ description: "Of a machine: shut it now, without telling anybody first." }),
});
export type StartOffboardingInput = z.input<typeof startOffboardingInput>;

export const offboardingRef = z.strictObject({ id });

/** The id of a run that somebody names. @throws AppError `not_found` where it can be none */
export function runIdOf(input: { id: string }): string {
  const parsed = offboardingRef.safeParse(input);
  if (parsed.success) return parsed.data.id;
  throw new AppError("not_found", "There is no such run.", { field: "id" });
}
export const previewOffboardingInput = z.strictObject({ identity: startOffboardingInput.shape.identity });

export const cancelOffboardingInput = z.strictObject({
  id,
  reason: reason.min(3, "Say why this was a false alarm, or why they are back."),
  why: z.enum(["false_alarm", "rehired"]).default("false_alarm").meta({
    description:
      "A false alarm gives back what was taken; whoever is hired again gets their accounts, and asks for what they need.",
  }),
});
export type CancelOffboardingInput = z.input<typeof cancelOffboardingInput>;

export const dismissRehireInput = z.strictObject({
  id,
  reason: reason.min(3, "Say why they were not hired again, as that the source is wrong."),
});
export type DismissRehireInput = z.input<typeof dismissRehireInput>;

export const releaseOffboardingInput = z.strictObject({ id, reason: reason.default("") });

export const disposeItemInput = z.strictObject({
  id,
  disposition: z.enum(dispositions),
  to: z.string().trim().max(300).nullable().default(null).meta({ description: "To whom: id or e-mail address." }),
  reason: reason.default(""),
  until: z.iso.datetime({ offset: true }).nullable().default(null).meta({ description: "Until when it is kept." }),
});
export type DisposeItemInput = z.input<typeof disposeItemInput>;

export const followSuggestionsInput = z.strictObject({ id });

export const decideStepInput = z.strictObject({
  id,
  decision: z.enum(["retry", "by_hand", "keep", "end"]).meta({
    description:
      "Of what a mover had: keep it until a day, or end it now. Of what could not be done: retry it now, by_hand where a person did it, or keep it.",
  }),
  reason: reason.default(""),
  until: z.iso.datetime({ offset: true }).nullable().default(null),
});
export type DecideStepInput = z.input<typeof decideStepInput>;

/** An identity here that goes by the name of the place, and who answers for it: its owner, or the person themself. */
const knownHere = z.object({
  id: z.uuid(),
  name: z.string(),
  answers: z.object({ id: z.uuid(), name: z.string() }).nullable(),
});

/** Who called with a machine identity: from where, as which account, when last and how often. */
export const consumerShape = z.object({
  account: z.string(),
  connection: z.string(),
  from: z.string().nullable(),
  lastAt: z.iso.datetime(),
  uses: z.number(),
  known: knownHere.nullable().default(null).meta({
    description: "The one identity here that goes by the name of the place, and who answers for it; null: none does.",
  }),
});
export type Consumer = z.infer<typeof consumerShape>;

const place = z.object({
  managerId: z.string().nullable(),
  manager: z.string().nullable(),
  team: z.string().nullable(),
  steps: z.number().int().meta({ description: "How many lines the receipt had when they moved on from there." }),
});

/** From whom and where somebody moved, to whom and where; and where they stood in between, when they moved on meanwhile. */
export const movedShape = z.object({
  fromManagerId: z.string().nullable(),
  fromManager: z.string().nullable(),
  toManagerId: z.string().nullable(),
  toManager: z.string().nullable(),
  fromTeam: z.string().nullable(),
  toTeam: z.string().nullable(),
  between: z.array(place).default([]),
});
export type Moved = z.infer<typeof movedShape>;

export const runKinds = ["person", "machine", "mover"] as const;
export type RunKind = (typeof runKinds)[number];

export const outlivesShape = z.array(z.object({ what: z.string(), until: z.iso.datetime().nullable() }));
export type Outlives = z.infer<typeof outlivesShape>;

/** What remains of a machine once it is destroyed. */
export const tombstoneShape = z.object({
  at: z.iso.datetime(),
  name: z.string(),
  kind: z.string(),
  owner: z.string().nullable(),
  purpose: z.string().nullable(),
  accounts: z.array(z.string()),
  credentials: z.array(z.string()),
  consumers: z.array(consumerShape),
});
export type Tombstone = z.infer<typeof tombstoneShape>;
