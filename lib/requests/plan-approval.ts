import type { ApprovalRule, PolicyRules, StepRule } from "../policies/schema";
import type { ApprovalPlan, Approver, StepPlan } from "./schema";

/**
 * The rules of approval that the policies name for all that is asked, as one plan. Pure. The demands of all of them are
 * made: every step of each (the same step once), the shortest of the limits, every ticket's form. A step that asks the
 * owner is put to each owner for themself.
 * @param named per item the names of its rules, and who owns what it asks for
 */
export function planApproval(
  rules: PolicyRules,
  named: readonly { approvals: readonly string[]; ownerId: string | null }[],
): ApprovalPlan {
  const used = named.flatMap(({ approvals, ownerId }) =>
    approvals.flatMap((name) => {
      const rule = rules.approvals[name];
      return rule ? [{ name, rule, ownerId }] : [];
    }),
  );
  const steps = new Map<string, StepPlan>();
  for (const { name, rule, ownerId } of used)
    for (const step of stepsOf(name, rule, ownerId)) steps.set(JSON.stringify({ ...step, name: "" }), step);
  const all = used.map(({ rule }) => rule);
  return {
    steps: [...steps.values()].sort((one, other) => one.stage - other.stage),
    maxSeconds: Math.min(...all.map(({ maxDuration }) => maxDuration)),
    openForSeconds: Math.min(...all.map(({ openFor }) => openFor)),
    tickets: [...new Set(all.flatMap(({ ticket }) => (ticket === undefined ? [] : [ticket])))],
    stepUpToApprove: all.some(({ stepUp }) => stepUp.includes("approve")),
    stepUpToActivate: all.some(({ stepUp }) => stepUp.includes("activate")),
    samePersonInSeveralSteps: all.every((rule) => rule.samePersonInSeveralSteps),
  };
}

function stepsOf(name: string, rule: ApprovalRule, ownerId: string | null): StepPlan[] {
  return rule.steps.map((step, index) => ({
    name: rule.steps.length > 1 ? `${name} ${index + 1}` : name,
    stage: step.stage ?? index,
    who: step.who,
    prefer: step.prefer ?? null,
    ownerId: asksOwner(step) ? ownerId : null,
    needed: step.needed,
    withinSeconds: step.within ?? null,
    late: step.late.do === "escalate" ? { do: "escalate", to: step.late.to } : { do: step.late.do },
  }));
}

function asksOwner({ who, late }: StepRule): boolean {
  return who.includes("owner") || (late.do === "escalate" && late.to.includes("owner"));
}

/**
 * Can these steps be decided at all? Each needs so many people of its own, and one person sits in one step only (unless
 * `sharing`). Pure; augmenting paths, after Kuhn.
 * @param steps per step: how many it needs, and who could
 * @returns the indices of steps that would stay short of people
 */
export function stepsShortOfPeople(
  steps: readonly { needed: number; people: readonly string[] }[],
  sharing: boolean,
): number[] {
  if (sharing) return steps.flatMap(({ needed, people }, index) => (new Set(people).size < needed ? [index] : []));
  const seats = steps.flatMap(({ needed }, index) => Array.from({ length: needed }, () => index));
  const seatOf = new Map<string, number>();
  const place = (seat: number, tried: Set<string>): boolean => {
    for (const person of steps[seats[seat] ?? 0]?.people ?? []) {
      if (tried.has(person)) continue;
      tried.add(person);
      const taken = seatOf.get(person);
      if (taken === undefined || place(taken, tried)) {
        seatOf.set(person, seat);
        return true;
      }
    }
    return false;
  };
  const short = new Set<number>();
  for (const [seat, step] of seats.entries()) if (!place(seat, new Set())) short.add(step);
  return [...short];
}

/** The seat that somebody would take in a step: a delegate takes that of whom they stand in for, and the two count once. */
export function seatOf({ identityId, onBehalfOf }: Pick<Approver, "identityId" | "onBehalfOf">): string {
  return onBehalfOf ?? identityId;
}

/** Did somebody decide another step from this seat? Whoever stands in and whom they stand in for sit in one. Pure. */
export function isSeatTaken(
  decided: readonly (Pick<Approver, "identityId" | "onBehalfOf"> & { stepId: string })[],
  stepId: string,
  seat: Pick<Approver, "identityId" | "onBehalfOf">,
): boolean {
  return decided.some((it) => it.stepId !== stepId && seatOf(it) === seatOf(seat));
}
