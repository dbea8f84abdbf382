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

export const matchRuleInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  connectionId: z.uuid().nullable().default(null),
  /** Which of the account's facts is looked at. */
  field: z.enum(["name", "external_id", "email", "display_name"]),
  /** A POSIX regular expression (PostgreSQL) that the whole fact must fit. */
  pattern: z.string().min(1).max(300),
  /** What it becomes: `\1@example.com`. */
  template: z.string().min(1).max(300),
  /** Which of the identity's facts that must equal. */
  target: z.enum(["email", "employee_number", "name"]),
  confidence: z.number().gt(0).max(1).default(0.8),
});
export type MatchRuleInput = z.input<typeof matchRuleInput>;
