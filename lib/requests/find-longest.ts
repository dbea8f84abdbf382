import type { PreparedPolicies } from "../policies/decide-policy";
import type { AskingFacts } from "../policies/schema";
import type { AskingInput } from "./analysis";
import { decideAsking } from "./decide-asking";
import { planApproval } from "./plan-approval";

/** An item as far as the policies are asked about its time. */
export type Timed = { facts: Omit<AskingFacts, "action">; ownerId: string | null };

const longestSeconds = 366 * 86_400;
const minute = 60;

/**
 * The longest time for which all of these could be asked for together: the policies allow it, and no rule of approval
 * ends sooner. Null where no time would do. Pure. What is answered was asked of the policies, and a minute more is
 * refused; found by halving, since policies that allow a time allow a shorter one.
 */
export function longestAllowed(policies: PreparedPolicies, items: readonly Timed[], input: AskingInput): number | null {
  const fits = (seconds: number) => limitOf(policies, items, { input, seconds }) >= seconds;
  const asked = limitOf(policies, items, { input, seconds: input.duration });
  if (asked > 0 && asked < longestSeconds && fits(asked) && !fits(asked + minute)) return asked;
  if (fits(longestSeconds)) return longestSeconds;
  let does = fits(input.duration) ? Math.floor(input.duration / minute) : 1;
  if (!fits(does * minute)) return null;
  for (let not = longestSeconds / minute; not - does > 1; ) {
    const middle = Math.floor((does + not) / 2);
    if (fits(middle * minute)) does = middle;
    else not = middle;
  }
  return does * minute;
}

// How long the rules of approval let it be, if it was asked for so long; nought where the policies do not allow that.
function limitOf(
  policies: PreparedPolicies,
  items: readonly Timed[],
  { input, seconds }: { input: AskingInput; seconds: number },
): number {
  const named: { approvals: string[]; ownerId: string | null }[] = [];
  for (const { facts, ownerId } of items) {
    const { allowed, approvals } = decideAsking(policies, { ...facts, durationSeconds: seconds }, input);
    if (!allowed) return 0;
    named.push({ approvals, ownerId });
  }
  return planApproval(policies.rules, named).maxSeconds;
}
