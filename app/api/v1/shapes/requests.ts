import { z } from "zod";
import { ways } from "@/lib/grants/schema";
import { requestStates } from "@/lib/requests/states";
import { grantShape } from "./grants";

const id = z.uuid();
const time = z.iso.datetime();
const named = z.object({ id, name: z.string() });

const facts = {
  id,
  number: z.number().int().meta({ description: "As people say it: R-1042." }),
  status: z.enum(requestStates),
  requester: named,
  subject: named.extend({ kind: z.string() }).meta({ description: "Who would hold it." }),
  give: z.enum(ways),
  breakGlass: z.boolean(),
  extendsGrantId: id.nullable().meta({ description: "It asks for more time on this grant." }),
  reason: z.string(),
  ticket: z.string().nullable(),
  duration: z.string().meta({ description: "ISO 8601, from the activation." }),
  startsAt: time.nullable().meta({ description: "Null: as soon as it is approved." }),
  createdAt: time,
  expiresAt: time.meta({ description: "Until then it waits for an answer." }),
  decidedAt: time.nullable(),
  closedAt: time.nullable(),
  because: z.string().nullable(),
  awaitsAnswer: z.boolean().meta({ description: "Somebody asked back, and the answer is not there yet." }),
  waitsFor: z.array(z.string()).meta({ description: "Names of the first few of those it waits for." }),
  waitsForCount: z.number().int(),
};

/** A request in a list. */
export const requestShape = z.object({
  ...facts,
  items: z
    .array(
      z.object({
        connection: z.string(),
        environment: z.string(),
        permission: z.string(),
        resource: z.string(),
        privilege: z.number().int(),
      }),
    )
    .meta({ description: "The first few." }),
  itemCount: z.number().int(),
});

const step = z.object({
  name: z.string(),
  stage: z.number().int().meta({ description: "Steps of one stage go side by side; the next waits for all of them." }),
  who: z.string().meta({ description: "Who decides, in the words of the rule." }),
  needed: z.number().int().meta({ description: "How many people." }),
  status: z.enum(["waiting", "open", "approved", "denied", "closed"]),
  dueAt: time.nullable(),
  escalated: z.boolean(),
  approvers: z.array(named.extend({ because: z.string(), open: z.boolean() })),
  decisions: z.array(
    z.object({
      by: z.string(),
      onBehalfOf: z.string().nullable(),
      decision: z.enum(["approve", "deny", "ask"]),
      comment: z.string(),
      duration: z.string().nullable().meta({ description: "Shortened to this." }),
      dropped: z.number().int().meta({ description: "How many items were left out." }),
      steppedUp: z.boolean(),
      at: time,
    }),
  ),
});

/** One request with its steps, decisions, notes and grants. */
export const requestDetailShape = z.object({
  ...facts,
  items: z.array(
    z.object({
      id,
      connection: named.extend({ environment: z.string() }),
      permission: z.string(),
      resource: z.object({ type: z.string(), name: z.string() }),
      privilege: z.number().int(),
      account: z.string().nullable(),
      droppedBy: z.string().nullable().meta({ description: "The approver who left it out." }),
    }),
  ),
  steps: z.array(step),
  notes: z.array(z.object({ by: z.string(), text: z.string(), at: time })),
  grants: z.array(grantShape),
  policyVersion: z.number().int(),
  policies: z.array(z.object({ id: z.string(), because: z.string().nullable() })),
  review: z
    .object({
      id,
      dueAt: time,
      needed: z.number().int(),
      closedAt: time.nullable(),
      outcome: z.enum(["justified", "not_justified"]).nullable(),
      opinions: z.array(
        z.object({ by: z.string(), opinion: z.enum(["justified", "not_justified"]), comment: z.string(), at: time }),
      ),
    })
    .nullable()
    .meta({ description: "Of a break-glass: what is owed after it." }),
  may: z.object({ cancel: z.boolean(), answer: z.boolean(), decide: z.boolean(), retry: z.boolean() }),
});
export type RequestAnswer = z.infer<typeof requestDetailShape>;
