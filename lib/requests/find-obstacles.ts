import { db } from "../db/client";
import { durationWords } from "../grants/labels";
import { durationOf } from "../policies/schema";
import { dayMs, minuteMs, plus } from "../time";
import type { AnalysedItem, Asking } from "./analysis";
import { longestAllowed } from "./find-longest";
import { seatOf, stepsShortOfPeople } from "./plan-approval";
import type { ApprovalPlan, Obstacle } from "./schema";
import type { StaffedStep } from "./staff-steps";

/** What stands in the way of what is asked for, apart from who would decide it. */
export function obstaclesOf(items: readonly AnalysedItem[], { input, at, policies }: Asking): Obstacle[] {
  const found: Obstacle[] = [];
  for (const [n, item] of items.entries()) {
    const field = `items.${n}`;
    const what = `${item.permission} on ${item.resource}`;
    if (item.alreadyHeld && !input.extends)
      found.push({
        field,
        message: `It is held already, without an end: ${what}. Asking would give nothing.`,
        remedy: "Leave it out; My access shows by which account it is held.",
      });
    else if (!item.decision.allowed) {
      const longest = longestAllowed(policies, [item], input);
      found.push(
        longest === null
          ? { field, message: `The policies do not allow ${what}: ${item.decision.because}`, remedy: remedyFor(item) }
          : tooLong(what, longest, input.duration),
      );
    }
    if (input.give === "credential" && item.byHand)
      found.push({
        field: "give",
        message: `${item.connection} makes no short-lived credentials.`,
        remedy: "Ask for access on the account instead.",
      });
  }
  if (input.startsAt && new Date(input.startsAt) < plus(at, -5 * minuteMs))
    found.push({ field: "startsAt", message: "The start lies in the past.", remedy: "Leave it out to start at once." });
  const latest = plus(at, 90 * dayMs);
  if (input.startsAt && new Date(input.startsAt) > latest)
    found.push({
      field: "startsAt",
      message: "The start lies more than 90 days ahead.",
      remedy: `The latest start that may be asked for now is ${latest.toISOString().slice(0, 16)}Z; ask nearer to the day.`,
    });
  return found;
}

function tooLong(what: string, longest: number, asked: number): Obstacle {
  return {
    field: "duration",
    message: `${what} can be had for ${durationWords(longest)} at most, and ${durationWords(asked)} were asked for.`,
    remedy: `Ask for ${durationOf(longest)} or less; it can be extended while it lasts.`,
  };
}

function remedyFor({ decision, conflicts }: AnalysedItem): string {
  if (conflicts.length > 0)
    return `Give back what conflicts (${conflicts.join(", ")}), or ask somebody else to do this part.`;
  if (decision.policies.length === 0)
    return "No shorter time would do either. Ask for less: a smaller permission, or another environment.";
  return "The policies say what would be allowed; security can explain them.";
}

/** What stands in the way of its approval: limits, tickets, and people who are not there. */
export function planObstacles(plan: ApprovalPlan, steps: readonly StaffedStep[], { input }: Asking): Obstacle[] {
  const found: Obstacle[] = [];
  if (input.duration > plan.maxSeconds) found.push(tooLong("This", plan.maxSeconds, input.duration));
  for (const ticket of plan.tickets)
    if (!new RegExp(ticket, "u").test(input.ticket ?? ""))
      found.push({
        field: "ticket",
        message: `A ticket is needed that looks like ${ticket}.`,
        remedy: "Enter the number of the ticket that this is for.",
      });
  const people = steps.map(({ needed, approvers }) => ({ needed, people: approvers.map(seatOf) }));
  for (const index of stepsShortOfPeople(people, plan.samePersonInSeveralSteps)) {
    const step = steps[index];
    if (!step) continue;
    found.push({
      field: "items",
      message: `Nobody could approve this: the step ${step.name} needs ${step.needed === 1 ? "somebody" : `${step.needed} people`} (${step.who.join(" or ")}) beside whoever asks, and there ${step.approvers.length === 0 ? "is nobody" : "are too few"}.`,
      remedy: "Tell security: an owner, a manager or a person with the role is missing.",
    });
  }
  return found;
}

/** Whoever owes an account of one break-glass gets no second. */
export async function debtOf({ requester, input }: Asking): Promise<Obstacle[]> {
  if (!input.breakGlass) return [];
  const owed = await db().breakGlassReview.count({ where: { subjectId: requester.id, closedAt: null } });
  if (owed === 0) return [];
  return [
    {
      field: "breakGlass",
      message: "A break-glass of yours has not been reviewed yet, and until then there is no second.",
      remedy: "Ask the reviewers to look at it, or ask for the access in the ordinary way.",
    },
  ];
}
