import { z } from "zod";
import { lastUse } from "@/lib/inventory/schema";
import { requestShape } from "./requests";

const id = z.uuid();
const time = z.iso.datetime();

/** What holding something would newly open to its subject. */
export const opensShape = z
  .object({
    count: z.number().int(),
    capped: z.boolean(),
    forATime: z.number().int().meta({ description: "Of these, what is held already, but only by grants that end." }),
    heldUntil: time.nullable().meta({ description: "When the last of those grants ends." }),
    examples: z.array(
      z.object({
        permission: z.string(),
        resource: z.string(),
        privilege: z.number().int(),
        heldUntil: time.nullable().meta({ description: "Held already until then, by a grant that ends." }),
      }),
    ),
  })
  .meta({ description: "Entitlements that the subject would reach and does not reach yet, or only for a time." });

/** What whoever decides is shown, and what is frozen into the decision. */
export const approvalFactsShape = z.object({
  requestId: id,
  durationSeconds: z.number().int(),
  reason: z.string(),
  ticket: z.string().nullable(),
  items: z.array(
    z.object({
      id,
      connection: z.string(),
      environment: z.string(),
      permission: z.string(),
      resource: z.string(),
      privilege: z.number().int(),
      account: z.string().nullable(),
      opens: opensShape,
      others: z
        .object({ holding: z.number().int(), using: z.number().int(), unknown: z.number().int() })
        .meta({ description: "Who else has it, and how many of them used their account in ninety days." }),
      outlives: z.string().nullable().meta({ description: "What stays for a while after it is taken back." }),
    }),
  ),
  history: z.object({
    asked: z.number().int(),
    approved: z.number().int(),
    denied: z.number().int(),
    sameBefore: z.number().int(),
  }),
});

/** Who else holds an item of a request, by name as far as the caller's role shows them. */
export const itemHoldersShape = z.object({
  itemId: id,
  people: z.array(z.object({ id, name: z.string(), kind: z.string(), lastUse })),
  more: z.boolean().meta({ description: "There are others, whose last use is longer ago." }),
  hidden: z.number().int().meta({ description: "How many the caller's role does not show." }),
});

/** A request that waits for the caller's decision. */
export const inboxShape = requestShape.extend({
  step: z.object({ id, name: z.string(), dueAt: time.nullable() }),
  becauseOf: z.string().meta({ description: "Why it is put to the caller: manager, owner, a role." }),
  onBehalfOf: z.string().nullable(),
  since: time,
  needsPasskey: z.boolean().meta({ description: "It can be approved on its page only." }),
});

/** Somebody who stands in for another. */
export const delegationShape = z.object({
  id,
  from: z.string(),
  to: z.string(),
  mine: z.boolean().meta({ description: "The caller is the one who is stood in for." }),
  startsAt: time,
  endsAt: time,
  reason: z.string(),
});

/** A break-glass that waits for the caller's judgement. */
export const breakGlassReviewShape = z.object({
  id,
  requestId: id,
  number: z.number().int(),
  subject: z.object({ id, name: z.string() }),
  reason: z.string(),
  items: z.array(z.string()),
  brokenAt: time,
  dueAt: time,
  needed: z.number().int(),
  given: z.number().int(),
});
