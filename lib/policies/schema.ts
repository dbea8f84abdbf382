import { z } from "zod";

/** What policies decide. */
export const policyActions = ["request", "approve", "activate", "extend", "break_glass"] as const;
export type PolicyAction = (typeof policyActions)[number];

const iso8601 = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; null where it is none. */
export function secondsOf(text: string): number | null {
  const found = iso8601.exec(text);
  if (!found) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** The ISO 8601 duration of so many seconds, in days and smaller. */
export function durationOf(seconds: number): string {
  const part = (value: number, letter: string) => (value > 0 ? `${value}${letter}` : "");
  const days = Math.floor(seconds / 86_400);
  const time = [
    part(Math.floor((seconds % 86_400) / 3_600), "H"),
    part(Math.floor((seconds % 3_600) / 60), "M"),
    part(Math.floor(seconds % 60), "S"),
  ].join("");
  return `P${part(days, "D")}${time ? `T${time}` : ""}` === "P"
    ? "PT0S"
    : `P${part(days, "D")}${time ? `T${time}` : ""}`;
}

/** A duration as it is written: `PT8H`, `P30D`. Becomes seconds. */
export const duration = z
  .string()
  .max(40)
  .transform((text, context) => {
    const seconds = secondsOf(text);
    if (seconds !== null && seconds > 0 && seconds <= 366 * 86_400) return seconds;
    context.addIssue({ code: "custom", message: "must be a duration such as PT8H or P30D, of at most 366 days" });
    return z.NEVER;
  });

/** Who decides: `manager`, `owner` (of what is asked for), `identity-owner`, `role:…`, `group:connection/name`, `person:e-mail`. */
const who = z
  .string()
  .max(300)
  .regex(
    /^(manager|owner|identity-owner|role:(administrator|security|auditor|member)|group:[^/]+\/.+|person:[^@\s]+@[^@\s]+)$/,
    "must be manager, owner, identity-owner, role:security, group:<connection>/<group> or person:<e-mail>",
  );

const step = z.strictObject({
  who: z.array(who).min(1).max(20),
  /** Where this finds somebody, only they are asked; the others of `who` stand in where it finds nobody. */
  prefer: who.optional(),
  needed: z.number().int().min(1).max(10).default(1),
  within: duration.optional(),
  late: z
    .discriminatedUnion("do", [
      z.strictObject({ do: z.literal("remind") }),
      z.strictObject({ do: z.literal("escalate"), to: z.array(who).min(1).max(20) }),
      z.strictObject({ do: z.literal("expire") }),
    ])
    .default({ do: "remind" }),
  /** Steps with the same number go side by side; without it each waits for the one before. */
  stage: z.number().int().min(0).max(20).optional(),
});
export type StepRule = z.output<typeof step>;

const approval = z.strictObject({
  steps: z.array(step).max(10),
  maxDuration: duration,
  /** How long the request may wait for an answer; the clock of the access itself begins with its activation. */
  openFor: duration.default(14 * 86_400),
  /** What a ticket must look like; without it a ticket is welcome and not needed. */
  ticket: z.string().max(200).refine(isPattern, "must be a regular expression").optional(),
  stepUp: z.array(z.enum(["approve", "activate"])).default([]),
  /** May one person decide in several steps of the same request? */
  samePersonInSeveralSteps: z.boolean().default(false),
});
export type ApprovalRule = z.output<typeof approval>;

/** Matches accesses by glob patterns; what is left out matches all. */
const accessPattern = z.strictObject({
  connection: z.string().min(1).max(200).default("*"),
  permission: z.string().min(1).max(200).default("*"),
  resource: z.string().min(1).max(500).default("*"),
});
export type AccessPattern = z.output<typeof accessPattern>;

const conflict = z.strictObject({
  name: z.string().min(1).max(100),
  because: z.string().max(500).default(""),
  /** One identity may hold access of only so many of these sets: fewer than `hold`. */
  between: z.array(z.array(accessPattern).min(1).max(50)).min(2).max(20),
  hold: z.number().int().min(2).optional(),
});
export type ConflictRule = z.output<typeof conflict>;

/** `rules.yaml` of a set of policies. */
export const policyRules = z.strictObject({
  approvals: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/), approval),
  conflicts: z.array(conflict).max(500).default([]),
  breakGlass: z
    .strictObject({
      reviewers: z.array(who).min(1).max(20).default(["role:security"]),
      needed: z.number().int().min(2).max(5).default(2),
      within: duration.default(72 * 3_600),
    })
    .prefault({}),
  byHand: z
    .strictObject({
      takenAway: z.enum(["show", "give_again", "end"]).default("show"),
      cameBack: z.enum(["show", "take_away"]).default("show"),
    })
    .prefault({}),
});
export type PolicyRules = z.output<typeof policyRules>;

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

/** One file of a set of policies. */
export const policyFile = z.object({ name: z.string().min(1).max(200), text: z.string().max(1_000_000) });
export type PolicyFile = z.infer<typeof policyFile>;

/** What is wrong with a file, where. Lines and columns count from 1. */
export const policyFault = z.object({
  file: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
  message: z.string(),
  help: z.string().nullable(),
});
export type PolicyFault = z.infer<typeof policyFault>;

/** The last set that was refused, as it is kept. */
export const policyFaults = z.object({ digest: z.string(), at: z.iso.datetime(), faults: z.array(policyFault) });

/** One policy as it stands in its file. */
export type PolicyText = {
  id: string;
  effect: "permit" | "forbid";
  because: string | null;
  approval: string | null;
  file: string;
  line: number;
  text: string;
};

/** An identity as far as a policy may ask. */
export type IdentityFacts = {
  id: string;
  name: string;
  kind: string;
  status: string;
  email: string | null;
  department: string | null;
  title: string | null;
  environment: string | null;
  criticality: string | null;
  roles: readonly string[];
  /** Of the groups that the policies name, those it is in, as "connection/group". */
  groups: readonly string[];
};

/** An access as far as a policy may ask. */
export type AccessFacts = {
  connection: string;
  connector: string;
  environment: string;
  permission: string;
  resourceType: string;
  resource: string;
  privilege: number;
  owner: IdentityFacts | null;
};

/** The facts of asking, activating, extending or breaking glass. */
export type AskingFacts = {
  action: "request" | "activate" | "extend" | "break_glass";
  principal: IdentityFacts;
  subject: IdentityFacts;
  access: AccessFacts;
  relation: "self" | "report" | "owned";
  give: "assignment" | "credential";
  durationSeconds: number;
  hasReason: boolean;
  ticket: string | null;
  alreadyHeld: boolean;
  conflicts: readonly string[];
  at: Date;
};

/** The facts of a decision. */
export type ApprovingFacts = {
  action: "approve";
  principal: IdentityFacts;
  requester: IdentityFacts;
  subject: IdentityFacts;
  access: AccessFacts;
  step: string;
  steppedUp: boolean;
  durationSeconds: number;
  breakGlass: boolean;
};
export type PolicyFacts = AskingFacts | ApprovingFacts;

/** What the policies say. `policies`: those that decided; `because`: in their own words. */
export type PolicyDecision = {
  allowed: boolean;
  version: number;
  policies: string[];
  because: string;
  /** Of what is allowed: the rules of approval that the deciding policies name. */
  approvals: string[];
};
