import { z } from "zod";
import { ways } from "../grants/schema";
import { duration } from "../policies/schema";

/** Something that is asked for, by the names of the system it is in, or by id. */
export const requestItem = z.strictObject({
  connection: z.string().min(1).max(200).meta({ description: "Name or id of the connection." }),
  permission: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: "In the system's own word; `member` of a group or role." }),
  resource: z.strictObject({
    type: z.string().min(1).max(60),
    id: z.string().min(1).max(1_000).meta({ description: "External id or name." }),
  }),
  account: z.string().min(1).max(500).optional().meta({
    description: "Name or external id of the account that is to hold it, where the subject has several there.",
  }),
});
export type RequestItemInput = z.infer<typeof requestItem>;

const reason = z
  .string()
  .trim()
  .min(1, "say why: whoever decides needs to know, and so will whoever asks later")
  .max(4_000);

export const submitRequestInput = z.strictObject({
  for: z.string().min(1).max(300).default("me").meta({
    description: "`me`, or the id or e-mail of a report or of a machine identity that one owns.",
  }),
  items: z.array(requestItem).min(1, "ask for something").max(20),
  reason,
  ticket: z.string().trim().max(500).optional(),
  duration: duration.meta({ description: "ISO 8601, as PT2H; counted from the activation." }),
  startsAt: z.iso.datetime({ offset: true }).nullish().meta({ description: "Null: as soon as it is approved." }),
  give: z.enum(ways).default("assignment"),
  breakGlass: z.boolean().default(false).meta({
    description: "At once, without approval; alerts every owner and owes a review by two people.",
  }),
});
export type SubmitRequestInput = z.input<typeof submitRequestInput>;

export const previewRequestInput = submitRequestInput.extend({ reason: z.string().max(4_000).default("") });
export type PreviewRequestInput = z.input<typeof previewRequestInput>;

export const extendRequestInput = z.strictObject({
  grantId: z.uuid(),
  duration: duration.meta({ description: "How much longer, as PT2H." }),
  reason,
  ticket: z.string().trim().max(500).optional(),
});
export type ExtendRequestInput = z.input<typeof extendRequestInput>;

export const decideRequestInput = z.strictObject({
  id: z.uuid(),
  decision: z.enum(["approve", "deny", "ask"]),
  comment: z.string().trim().max(4_000).default(""),
  duration: duration.optional().meta({ description: "Of an approval: shorter than was asked for." }),
  drop: z.array(z.uuid()).max(20).default([]).meta({ description: "Of an approval: items that are left out." }),
  seen: z.string().max(64).optional().meta({ description: "Digest of the facts that were shown; others are refused." }),
  proof: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: "A passkey's answer to the challenge of this decision." }),
});
export type DecideRequestInput = z.input<typeof decideRequestInput>;

export const decideRequestsInput = z.strictObject({
  ids: z.array(z.uuid()).min(1).max(200),
  decision: z.enum(["approve", "deny"]),
  comment: z.string().trim().max(4_000).default(""),
});
export type DecideRequestsInput = z.input<typeof decideRequestsInput>;

export const requestIdInput = z.strictObject({ id: z.uuid() });

export const searchCatalogueInput = z.strictObject({
  q: z.string().max(200).default(""),
  connection: z.string().max(200).optional(),
  environment: z.string().max(40).optional(),
  colleagues: z.boolean().default(false),
  held: z.boolean().default(false),
  subjectId: z.uuid().optional().meta({ description: "For whom; oneself without." }),
  limit: z.number().int().min(1).max(100).optional(),
});

export const cancelRequestInput = z.strictObject({ id: z.uuid(), reason: z.string().trim().max(1_000).default("") });
export type CancelRequestInput = z.input<typeof cancelRequestInput>;

export const answerRequestInput = z.strictObject({ id: z.uuid(), text: z.string().trim().min(1).max(4_000) });
export type AnswerRequestInput = z.input<typeof answerRequestInput>;

export const delegateInput = z.strictObject({
  from: z.uuid().optional().meta({ description: "Oneself unless told; an administrator may set it for others." }),
  to: z.string().min(1).max(300).meta({ description: "Id or e-mail." }),
  startsAt: z.iso.datetime({ offset: true }).optional(),
  endsAt: z.iso.datetime({ offset: true }),
  reason: z.string().trim().max(500).default(""),
});
export type DelegateInput = z.input<typeof delegateInput>;

/** What keeps a request from being made, or would have to be thought of before it is. */
export type Obstacle = { field: string; message: string; remedy: string };

/** One step as it will be or was put to people. */
export type StepPlan = {
  name: string;
  stage: number;
  who: string[];
  prefer: string | null;
  /** Of a step that asks the owner: whose owner is asked. */
  ownerId: string | null;
  needed: number;
  withinSeconds: number | null;
  late: { do: "remind" | "expire" } | { do: "escalate"; to: string[] };
};
export const stepPlan = z.object({
  name: z.string(),
  stage: z.number().int(),
  who: z.array(z.string()),
  prefer: z.string().nullable(),
  ownerId: z.uuid().nullable(),
  needed: z.number().int(),
  withinSeconds: z.number().nullable(),
  late: z.union([
    z.object({ do: z.enum(["remind", "expire"]) }),
    z.object({ do: z.literal("escalate"), to: z.array(z.string()) }),
  ]),
}) satisfies z.ZodType<StepPlan>;

/** The rules of several approvals as one. */
export type ApprovalPlan = {
  steps: StepPlan[];
  maxSeconds: number;
  openForSeconds: number;
  tickets: string[];
  stepUpToApprove: boolean;
  stepUpToActivate: boolean;
  samePersonInSeveralSteps: boolean;
};

/** Somebody who may decide a step, and why they may. */
export type Approver = { identityId: string; name: string; because: string; onBehalfOf: string | null };
