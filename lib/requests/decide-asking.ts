import { decidePolicy, type PreparedPolicies } from "../policies/decide-policy";
import type { AskingFacts, PolicyDecision } from "../policies/schema";
import type { AskingInput } from "./analysis";

/**
 * What the policies say to asking for this. More time must be allowed as asking is, and unless a policy names another way
 * it takes the approvals of asking anew.
 */
export function decideAsking(
  policies: PreparedPolicies,
  facts: Omit<AskingFacts, "action">,
  input: AskingInput,
): PolicyDecision {
  const asked = decidePolicy(policies, { ...facts, action: input.breakGlass ? "break_glass" : "request" });
  if (input.extends === undefined || !asked.allowed) return asked;
  const extended = decidePolicy(policies, { ...facts, action: "extend" });
  if (!extended.allowed || extended.approvals.length > 0) return extended;
  return { ...extended, approvals: asked.approvals, policies: [...extended.policies, ...asked.policies] };
}
