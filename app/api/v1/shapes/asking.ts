import { z } from "zod";
import { opensShape } from "./deciding";

const id = z.uuid();
const privilege = z.number().int().meta({ description: "1 read, 2 write, 3 admin, 4 everything." });

/** Something that can be asked for. */
export const catalogueShape = z.object({
  key: z.string(),
  connection: z.object({ id, name: z.string(), environment: z.string() }),
  permission: z.string(),
  resource: z.object({ type: z.string(), id: z.string(), name: z.string() }),
  privilege,
  about: z.string().nullable(),
  colleagues: z.number().int().meta({ description: "How many colleagues have it: of the same manager or department." }),
  held: z.boolean().meta({ description: "Whoever it is for holds it already." }),
  byHand: z.boolean().meta({ description: "No connector gives it: a person does." }),
  builtIn: z.boolean().meta({ description: "Its system brought it along; nobody here made it." }),
});

const obstacle = z.object({ field: z.string(), message: z.string(), remedy: z.string() });

/** What would become of a request. */
export const previewShape = z.object({
  allowed: z.boolean().meta({ description: "It could be made as it is." }),
  obstacles: z.array(obstacle),
  policyVersion: z.number().int(),
  policies: z.array(z.object({ id: z.string(), because: z.string().nullable(), allows: z.boolean() })),
  steps: z.array(
    z.object({
      name: z.string(),
      stage: z.number().int(),
      needed: z.number().int(),
      people: z.array(z.object({ name: z.string(), because: z.string() })).meta({ description: "The first few." }),
      peopleCount: z.number().int(),
    }),
  ),
  typicalSeconds: z
    .object({ median: z.number(), of: z.number().int() })
    .nullable()
    .meta({ description: "How long it took lately; null where there are too few to tell." }),
  maxSeconds: z
    .number()
    .nullable()
    .meta({ description: "The longest time that would be allowed for all of it; null where no time would do." }),
  tickets: z.array(z.string()).meta({ description: "Patterns that the ticket has to match." }),
  needsPasskey: z.boolean().meta({ description: "Approvers confirm with a passkey, on the page." }),
  needsPasskeyToBegin: z
    .boolean()
    .meta({ description: "Its subject confirms the beginning with a passkey, on the page." }),
  relation: z.enum(["self", "report", "owned"]),
  items: z.array(
    z.object({
      connection: z.string(),
      environment: z.string(),
      permission: z.string(),
      resourceType: z.string(),
      resource: z.string(),
      privilege,
      account: z.string().nullable(),
      alreadyHeld: z.boolean(),
      byHand: z.boolean(),
      conflicts: z.array(z.string()),
      opens: opensShape,
      smaller: z
        .array(
          z.object({
            permission: z.string(),
            resourceType: z.string(),
            resourceId: z.string(),
            resource: z.string(),
            privilege,
            opens: z.number().int(),
          }),
        )
        .meta({ description: "Smaller ones that may do." }),
    }),
  ),
  breakGlass: z.object({ needed: z.number().int(), withinSeconds: z.number(), reviewers: z.array(z.string()) }),
});

const verdict = z.object({
  allowed: z.boolean(),
  version: z.number().int(),
  because: z.string(),
  approvals: z.array(z.string()),
  words: z.array(
    z.object({
      id: z.string(),
      effect: z.enum(["permit", "forbid"]),
      because: z.string().nullable(),
      file: z.string(),
      line: z.number().int(),
    }),
  ),
  steps: z.array(z.object({ name: z.string(), who: z.array(z.string()), needed: z.number().int() })),
});

const fault = z.object({
  file: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  message: z.string(),
  help: z.string().nullable(),
});

/** What the policies say of somebody asking for something. */
export const simulationShape = z.object({
  facts: z.object({
    requester: z.string(),
    subject: z.string(),
    access: z.string(),
    environment: z.string(),
    privilege,
    conflicts: z.array(z.string()),
  }),
  verdict,
  draft: z
    .union([verdict, z.object({ faults: z.array(fault) })])
    .nullable()
    .meta({ description: "What the draft that was sent along would say, or what is wrong with it." }),
});
