import { z } from "zod";

const kinds = ["human", "service_account", "api_client", "ci_pipeline", "workload", "bot", "ai_agent"] as const;

export const matchAccountInput = z.strictObject({
  accountId: z.uuid(),
  /** The identity's id; `new` makes one from the account; `nobody` leaves it unmatched. */
  to: z.union([z.uuid(), z.literal("new"), z.literal("nobody")]),
  /** Of a new identity, where the person knows better than the account's looks. */
  kind: z.enum(kinds).optional(),
});
export type MatchAccountInput = z.input<typeof matchAccountInput>;

export const matchFields = ["name", "external_id", "email", "display_name"] as const;
export type MatchField = (typeof matchFields)[number];
export const matchTargets = ["email", "employee_number", "name"] as const;
export type MatchTarget = (typeof matchTargets)[number];

// What an account's match names beside rules: a rule of such a name could not be told from it.
const ownNames: readonly string[] = ["own", "person", "email", "employee_number", "returned", "grant"];

export const matchRuleInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, "Give the rule a name.")
    .max(100, "Use at most 100 characters.")
    .refine((name) => !ownNames.includes(name), "Choose another name: this one is Rollcall's own."),
  /** Null: accounts of every system. */
  connectionId: z.uuid().nullable().default(null),
  /** Which of the account's facts is looked at. */
  field: z.enum(matchFields),
  /** A POSIX regular expression (PostgreSQL) that the whole fact must fit. */
  pattern: z.string().min(1, "Say what the account's field must look like.").max(300, "Use at most 300 characters."),
  /** What it becomes: `\1@example.com`. */
  template: z.string().min(1, "Say what that makes.").max(300, "Use at most 300 characters."),
  /** Which of the identity's facts that must equal. */
  target: z.enum(matchTargets),
  confidence: z.number().gt(0).max(1).default(0.8),
});
export type MatchRuleInput = z.input<typeof matchRuleInput>;

export const matchRuleRef = z.strictObject({ id: z.uuid() });
