import { z } from "zod";
import { provisionError, receiptSteps, ways } from "@/lib/grants/schema";
import { endReasons, grantStates } from "@/lib/grants/states";

const id = z.uuid();
const time = z.iso.datetime();

/** A grant in a list. */
export const grantShape = z.object({
  id,
  status: z.enum(grantStates),
  requestId: id.nullable(),
  subject: z.object({ id, name: z.string(), kind: z.string() }),
  connection: z.object({ id, name: z.string(), environment: z.string() }),
  account: z
    .object({ id, name: z.string() })
    .nullable()
    .meta({ description: "Who holds it there; null until a short-lived account is made." }),
  permission: z.string(),
  resource: z.object({ type: z.string(), externalId: z.string(), name: z.string() }),
  privilege: z.number().int().meta({ description: "1 read, 2 write, 3 admin, 4 everything." }),
  give: z.enum(ways),
  breakGlass: z.boolean(),
  startsAt: time.meta({ description: "When it is to begin; its clock runs from activatedAt." }),
  confirmBy: time.nullable().meta({
    description:
      "Until then its subject confirms the beginning with a passkey, on its page; null: nothing waits for that.",
  }),
  activatedAt: time.nullable(),
  endsAt: time.nullable(),
  endedAt: time.nullable().meta({ description: "When it was proven gone." }),
  endedBecause: z.enum(endReasons).nullable(),
  endedWords: z.string().nullable(),
  deliveredAt: time.nullable().meta({ description: "When the credential was last handed out." }),
  moreTime: z
    .object({ id, number: z.number().int() })
    .nullable()
    .meta({ description: "The request for more time that waits for an answer." }),
  drift: z
    .enum(["taken_away", "came_back"])
    .nullable()
    .meta({ description: "What somebody changed by hand in the system meanwhile." }),
  attempts: z.number().int(),
  nextTryAt: time.nullable(),
  lastError: provisionError.nullable(),
});

/** Access that stands in a system and that nobody here can explain. */
export const unmanagedShape = z.object({
  id: z.string().meta({ description: "The same as long as the access stands." }),
  connection: z.object({ id, name: z.string(), environment: z.string() }),
  account: z.object({ id, name: z.string() }),
  holder: z
    .object({ id, name: z.string(), kind: z.string() })
    .nullable()
    .meta({ description: "Null: the account belongs to no identity yet." }),
  permission: z.string().meta({ description: "member of a role or group, or a permission on a resource." }),
  resource: z.object({ type: z.string(), externalId: z.string(), name: z.string() }),
  privilege: z
    .number()
    .int()
    .meta({ description: "The most it gives: 0 nothing, 1 read, 2 write, 3 admin, 4 everything." }),
  grantedBy: z.string().nullable().meta({ description: "Who gave it, where the system says so." }),
  firstSeenAt: time,
});

/** A task for a person: to give or to take what no connector can. */
export const handTaskShape = z.object({
  id,
  grantId: id,
  kind: z.enum(["give", "take"]),
  connection: z.string(),
  permission: z.string(),
  resource: z.string(),
  subject: z.string(),
  account: z.string().nullable(),
  assignee: z.string().nullable().meta({ description: "Null: whoever of security takes it." }),
  askedAt: time,
  doneAt: time.nullable(),
  doneBy: z.string().nullable(),
  evidence: z.string().nullable(),
  cancelledAt: time.nullable(),
});

/** One grant with its receipt. */
export const grantDetailShape = grantShape.extend({
  requester: z.object({ id, name: z.string() }).nullable(),
  reason: z.string().nullable(),
  ticket: z.string().nullable(),
  duration: z.string().meta({ description: "As approved, ISO 8601; extensions move endsAt." }),
  policyVersion: z.number().int(),
  createdAt: time,
  endOrderedAt: time.nullable(),
  receipt: z.array(z.object({ step: z.enum(receiptSteps), at: time, detail: z.string() })),
  tasks: z.array(handTaskShape),
  others: z
    .array(z.object({ id, endsAt: time.nullable() }))
    .meta({ description: "Other live grants of the same access: while one lasts, nothing is taken." }),
  may: z.object({ revoke: z.boolean(), extend: z.boolean(), collect: z.boolean(), retry: z.boolean() }),
});
export type GrantAnswer = z.infer<typeof grantDetailShape>;

/** A short-lived credential, as it is handed out: this once. */
export const credentialShape = z.object({
  facts: z.record(z.string(), z.string()).meta({ description: "Host, port, database, user, in the order to show." }),
  secret: z.string(),
  command: z.string().nullable().meta({ description: "To paste into a terminal; without the secret." }),
  endsAt: time,
});
