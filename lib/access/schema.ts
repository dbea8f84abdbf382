import { z } from "zod";

/** The most questions that one call may ask. */
export const mostEvaluations = 1_000;

/** One step of a path. `how` says of a group whether its rights come at once or only after becoming it. */
export const accessStep = z.object({
  type: z.enum(["account", "group", "assignment"]),
  id: z.string(),
  name: z.string(),
  how: z.enum(["inherits", "switches"]).optional().meta({ description: "How the step into a group is taken." }),
});
export type AccessStep = z.infer<typeof accessStep>;

/** From an account, through groups, to the assignment that gives the access. */
export const accessPath = z.array(accessStep);
export type AccessPath = z.infer<typeof accessPath>;

/** When it was last used: at a time, not since the observed time began, or unknown and why. */
export const accessUse = z.object({
  state: z.enum(["used", "not_used", "unknown"]),
  at: z.iso.datetime().nullable(),
  since: z.iso.datetime().nullable(),
  because: z.string().nullable(),
});
export type AccessUse = z.infer<typeof accessUse>;

/** Why access may stand. */
export const justification = z.object({
  type: z.enum(["grant", "baseline", "review", "break_glass", "unmanaged"]),
  id: z.string().nullable(),
  until: z.iso.datetime().nullable(),
});
export type Justification = z.infer<typeof justification>;

const entry = {
  key: z.string().meta({ description: "Stable: the same access has the same key in every answer." }),
  permission: z.string(),
  privilege: z.number().int().min(1).max(4).meta({ description: "1 read, 2 write, 3 admin, 4 everything." }),
  condition: z
    .string()
    .nullable()
    .meta({ description: "What the system would still check, in its own words; null where access is unconditional." }),
  paths: z.array(accessPath).meta({ description: "Every way there: the unconditional ones first, then the shortest." }),
  morePaths: z.number().int().meta({ description: "How many further paths there are that are not listed." }),
  morePathsCapped: z.boolean().meta({ description: "There are at least that many; they were not all counted." }),
  lastUse: accessUse,
  justifications: z.array(justification),
};

const accessResource = z.object({
  id: z.uuid(),
  connection: z.string(),
  type: z.string(),
  name: z.string(),
  externalId: z.string(),
});

/** One entitlement that an identity has, with every path to it. */
export const identityAccessEntry = z.object({
  ...entry,
  pattern: z.boolean().meta({ description: "A rule that covers more than the resource it names; not expanded." }),
  resource: accessResource,
});
export type IdentityAccessEntry = z.infer<typeof identityAccessEntry>;

/** One permission that an account has on a resource, with every path to it. */
export const resourceAccessEntry = z.object({
  ...entry,
  identity: z.object({ id: z.uuid(), kind: z.string(), name: z.string() }).nullable().meta({
    description: "Null where the account belongs to no known identity.",
  }),
  account: z.object({ id: z.uuid(), externalId: z.string(), name: z.string(), connection: z.string() }),
});
export type ResourceAccessEntry = z.infer<typeof resourceAccessEntry>;

const paging = {
  limit: z.number().int().min(1).max(5_000).default(50),
  cursor: z.string().min(1).max(4_000).optional(),
  /** The past: who had it then. */
  at: z.date().optional(),
  /** Narrows to one permission, in the system's own word. */
  permission: z.string().min(1).max(200).optional(),
  /** How many paths of an entry are listed; the rest is counted. */
  paths: z.number().int().min(1).max(1_000).default(25),
};

export const listIdentityAccessInput = z.object({
  identityId: z.uuid(),
  ...paging,
  /** Id, external id or name of a resource. */
  resource: z.string().min(1).max(1_000).optional(),
  /** Id or name of a connection. */
  connection: z.string().min(1).max(1_000).optional(),
});
export type ListIdentityAccessInput = z.input<typeof listIdentityAccessInput>;

export const listResourceAccessInput = z.object({
  resourceId: z.uuid(),
  ...paging,
  /** Id of an identity. */
  identity: z.uuid().optional(),
});
export type ListResourceAccessInput = z.input<typeof listResourceAccessInput>;

export type AccessPage<Entry> = {
  items: Entry[];
  nextCursor: string | null;
};

/** How many there are that the reader may not see, counted up to a cap. */
export type Hidden = { count: number; isCapped: boolean };

export const summarizeIdentityAccessInput = z.object({
  identityId: z.uuid(),
  at: z.date().optional(),
  /** How many entries are answered with their paths. */
  limit: z.number().int().min(1).max(5_000).default(3_000),
});
export type SummarizeIdentityAccessInput = z.input<typeof summarizeIdentityAccessInput>;

/** What an identity can reach, for the picture: the entries as far as `limit`, and how many of each column there are. */
export type IdentityAccessSummary = {
  entries: IdentityAccessEntry[];
  /** Of all entries, also those beyond the limit. `isCapped`: there are at least that many entitlements. */
  counts: { accounts: number; groups: number; entitlements: number; resources: number; isCapped: boolean };
};

// The OpenID AuthZEN Authorization API 1.0, section 5 and 7, narrowed to what an inventory can answer.
const properties = z.record(z.string(), z.unknown()).optional();

/** One question: may the subject do the action on the resource? */
export const evaluation = z.object({
  subject: z.object({
    type: z.string().min(1).max(200).meta({ description: "`account`, `group`, or `identity` for all its accounts." }),
    id: z.string().min(1).max(1_000).meta({ description: "External id or name in the connection." }),
    properties,
  }),
  action: z.object({ name: z.string().min(1).max(200), properties }),
  resource: z.object({
    type: z.string().min(1).max(200),
    id: z.string().max(1_000).meta({ description: "External id or name in the connection." }),
    properties,
  }),
  context: z.object({ connection: z.string().min(1).max(1_000) }).loose(),
});
export type Evaluation = z.infer<typeof evaluation>;

export const evaluateAccessInput = z.object({ evaluations: z.array(evaluation).min(1).max(mostEvaluations) });
export type EvaluateAccessInput = z.infer<typeof evaluateAccessInput>;

/** The answer. True only where access is unconditional. */
export const evaluationAnswer = z.object({
  decision: z.boolean(),
  context: z.object({
    reason: z.string(),
    conditional: z.boolean().meta({ description: "The system would check more before it lets this through." }),
    conditions: z.array(z.string()).meta({ description: "What it would check, in its own words." }),
    paths: z.array(accessPath),
    error: z
      .object({ code: z.enum(["not_found", "ambiguous", "forbidden"]), message: z.string() })
      .nullable()
      .meta({ description: "The question could not be answered as it was put; the decision is then false." }),
  }),
});
export type EvaluationAnswer = z.infer<typeof evaluationAnswer>;

export const evaluateAccessAnswer = z.object({ evaluations: z.array(evaluationAnswer) });
export type EvaluateAccessAnswer = z.infer<typeof evaluateAccessAnswer>;

/** What access can be ordered by; `-` before one turns it round. */
export const accessOrders = ["permission", "resource", "identity", "privilege", "lastUse"] as const;
type Order = (typeof accessOrders)[number];
export type AccessOrder = Order | `-${Order}`;

/** Is this an order of access? */
export function isAccessOrder(text: string | undefined): text is AccessOrder {
  return accessOrders.some((order) => text === order || text === `-${order}`);
}
