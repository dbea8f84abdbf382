import { seatOf, stepsShortOfPeople } from "./plan-approval";
import { type Concerned, resolveApprovers } from "./resolve-approvers";
import type { ApprovalPlan, Approver, StepPlan } from "./schema";

/** A step with who may decide it. */
export type StaffedStep = StepPlan & { approvers: Approver[] };

/**
 * The steps with who may decide each. Where the preferred are too few, because a manager is also the owner, say, the
 * others of that step stand in.
 */
export async function staffSteps(plan: ApprovalPlan, concerned: Concerned, at: Date): Promise<StaffedStep[]> {
  const ask = async (step: StepPlan) => ({ ...step, approvers: await resolveApprovers(step, concerned, at) });
  const steps = await Promise.all(plan.steps.map(ask));
  const people = steps.map(({ needed, approvers }) => ({ needed, people: approvers.map(seatOf) }));
  const short = new Set(stepsShortOfPeople(people, plan.samePersonInSeveralSteps));
  return Promise.all(
    steps.map((step, index) => (short.has(index) && step.prefer !== null ? ask({ ...step, prefer: null }) : step)),
  );
}
