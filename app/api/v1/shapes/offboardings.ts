import { z } from "zod";
import { provisionError } from "@/lib/grants/schema";
import { clockNames, clockStandings } from "@/lib/offboarding/clock-standing";
import {
  consumerShape,
  dispositions,
  itemKinds,
  movedShape,
  outlivesShape,
  runKinds,
  stepKinds,
  tombstoneShape,
} from "@/lib/offboarding/schema";
import { offboardingStates, rehireStates, stepStates } from "@/lib/offboarding/states";

const id = z.uuid();
const time = z.iso.datetime();
const named = z.object({ id, name: z.string() });

/** One of the two clocks of a run. */
const clock = z.object({
  orderedAt: time.nullable(),
  dueAt: time.nullable(),
  verifiedAt: time.nullable().meta({ description: "When it was proven by the systems themselves; null: not yet." }),
  standing: z.enum(clockStandings).nullable().meta({
    description:
      "Against its target: within (not proven, not due), met, missed (proven later than wanted), late (not proven yet). Null: not begun, undone, or a mover.",
  }),
  lateSeconds: z.number().meta({ description: "By how much it is, or was, later than wanted." }),
});

/** A run in a list. */
export const offboardingShape = z.object({
  id,
  number: z.number().int().meta({ description: "People call it O-12." }),
  status: z.enum(offboardingStates),
  kind: z.enum(runKinds),
  identity: z.object({ id, name: z.string(), kind: z.string() }),
  reason: z.string(),
  orderedBy: z.string(),
  cause: z.string().meta({
    description:
      "person, program, source (a change in an identity source) or restored (again, after a restore from an older backup).",
  }),
  createdAt: time,
  startsAt: time,
  contain: clock.meta({
    description: "Every way in: the sign-in here, sessions and logins in every system, credentials.",
  }),
  complete: clock.meta({ description: "All the rest, and what is left behind." }),
  closedAt: time.nullable(),
  cancelledAt: time.nullable(),
  because: z.string().nullable(),
  steps: z.object({ total: z.number().int(), gone: z.number().int(), troubled: z.number().int() }),
  openItems: z.number().int(),
  hiredAgain: z.boolean().meta({
    description:
      "An identity source shows them as active again, and nobody has said yet whether they were hired again.",
  }),
});

/** How one clock went over the last 90 days. */
export const clockReportShape = z.object({
  kind: z.enum(["person", "machine"]),
  clock: z.enum(clockNames),
  targetSeconds: z.number(),
  runs: z.number().int(),
  met: z.number().int(),
  missed: z.number().int().meta({ description: "Proven, and later than wanted." }),
  late: z.number().int().meta({ description: "Not proven yet, and late." }),
  within: z.number().int().meta({ description: "Not proven yet, and not due." }),
  p50Seconds: z.number().nullable().meta({ description: "Of those that are proven; null: none is." }),
  p95Seconds: z.number().nullable(),
});

export const offboardingStepShape = z.object({
  id,
  kind: z.enum(stepKinds),
  status: z.enum(stepStates),
  name: z.string(),
  contains: z.boolean().meta({ description: "Does it shut a way in?" }),
  connection: named.nullable(),
  orderedAt: time.nullable(),
  acknowledgedAt: time.nullable(),
  verifiedAt: time.nullable(),
  probedAt: time.nullable().meta({ description: "Of an account: when it was last asked how it stands." }),
  signIn: z.enum(["refused", "not_tried"]).nullable().meta({ description: "What became of a sign-in that must fail." }),
  notBefore: time.nullable(),
  detail: z.string(),
  outlives: outlivesShape.meta({ description: "What lives on although it is shut, and until when." }),
  attempts: z.number().int(),
  nextTryAt: time.nullable(),
  lastError: provisionError.nullable(),
  words: z.string().nullable(),
  wordsBy: z.string().nullable(),
  keptUntil: time.nullable(),
  event: z
    .object({ id, number: z.number().int() })
    .nullable()
    .meta({ description: "The event of the record that tells how it ended, and its number there." }),
});

export const offboardingItemShape = z.object({
  id,
  kind: z.enum(itemKinds),
  name: z.string(),
  detail: z.string(),
  suggested: z.enum(dispositions).nullable(),
  suggestedTo: named.nullable(),
  evidence: z.string(),
  disposition: z.enum(dispositions).nullable(),
  to: named.nullable(),
  words: z.string().nullable(),
  keepUntil: time.nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: time.nullable(),
  status: z.enum(["open", "settled"]),
});

/** What was handed to somebody because another left. */
export const handedShape = z.object({
  id,
  kind: z.enum(itemKinds),
  subjectId: z.string().meta({ description: "The id of the thing itself." }),
  name: z.string(),
  detail: z.string(),
  from: z.string().meta({ description: "Who left." }),
  handedBy: z.string(),
  handedAt: time,
});

/** One run with its steps, which are its receipt, and what is left behind. */
export const offboardingDetailShape = offboardingShape.extend({
  emergency: z.boolean(),
  holdDays: z.number().int().nullable(),
  consumers: z.array(consumerShape),
  tombstone: tombstoneShape.nullable(),
  moved: movedShape.nullable().meta({ description: "Of a mover: from whom and where, to whom and where." }),
  receipt: z.array(offboardingStepShape),
  items: z.array(offboardingItemShape),
  rehires: z.array(
    z.object({
      source: named,
      account: z.string(),
      since: time.meta({ description: "Since when the source shows it as active again." }),
      proposedAt: time,
      status: z.enum(rehireStates).meta({ description: "withdrawn: the source did not show it any more." }),
      decidedAt: time.nullable(),
      decidedBy: z.string().nullable(),
      words: z.string().nullable(),
    }),
  ),
  waitsFor: z
    .object({ own: z.array(z.string()), others: z.array(z.string()), moreOthers: z.number().int() })
    .nullable()
    .meta({
      description:
        "For whom it waits, by name: the managers or owners, and who may decide on anybody's leaving. Null: for nobody.",
    }),
  may: z.object({ cancel: z.boolean(), rehire: z.boolean(), decide: z.boolean(), release: z.boolean() }),
});
export type OffboardingAnswer = z.infer<typeof offboardingDetailShape>;

export const offboardingPreviewShape = z.object({
  identity: z.object({ id, name: z.string(), kind: z.string(), email: z.string().nullable(), status: z.string() }),
  signIn: z.array(z.object({ name: z.string(), sessions: z.number(), tokens: z.number(), passkeys: z.number() })),
  accounts: z.array(
    z.object({
      name: z.string(),
      connection: z.string(),
      environment: z.string(),
      status: z.string(),
      byHand: z.string().nullable().meta({ description: "Why a person has to shut it; null: Rollcall does." }),
      deleted: z.boolean().meta({ description: "Is it deleted after the hold?" }),
    }),
  ),
  listedIn: z.array(z.string()).meta({
    description: "Lists that only say who works here, as a file of people: there is nothing in them to shut.",
  }),
  credentials: z.array(z.object({ kind: z.string(), name: z.string(), connection: z.string() })),
  grants: z.array(
    z.object({
      permission: z.string(),
      resource: z.string(),
      connection: z.string(),
      give: z.string(),
      privilege: z.number(),
    }),
  ),
  access: z.array(
    z.object({
      permission: z.string(),
      resource: z.string(),
      connection: z.string(),
      account: z.string(),
      privilege: z.number(),
      withAccount: z.string().nullable().meta({
        description: "Why it cannot be taken by itself, and goes with its account; null: it is taken.",
      }),
    }),
  ),
  leftBehind: z.array(
    z.object({
      kind: z.enum(itemKinds),
      name: z.string(),
      detail: z.string(),
      suggested: z.enum(dispositions).nullable(),
      suggestedId: id.nullable(),
      suggestedName: z.string().nullable(),
      evidence: z.string(),
    }),
  ),
  consumers: z.array(consumerShape),
  run: z.object({ id, number: z.number() }).nullable(),
});
