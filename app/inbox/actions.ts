"use server";

import { action, asGiven, readingAction } from "@/app/action";
import { completeHandTask } from "@/lib/grants/complete-hand-task";
import { completeHandTaskInput } from "@/lib/grants/schema";
import { beginDecision, beginDecisionInput } from "@/lib/requests/begin-decision";
import { decideRequest } from "@/lib/requests/decide-request";
import { decideRequests } from "@/lib/requests/decide-requests";
import { delegateApprovals, endDelegation } from "@/lib/requests/delegate-approvals";
import { reviewBreakGlass, reviewBreakGlassInput } from "@/lib/requests/review-break-glass";
import { decideRequestInput, decideRequestsInput, delegateInput, requestIdInput } from "@/lib/requests/schema";

export const begin = readingAction(beginDecisionInput, beginDecision);
export const decide = action(asGiven(decideRequestInput), decideRequest);
export const decideMany = action(decideRequestsInput, decideRequests);
export const review = action(reviewBreakGlassInput, reviewBreakGlass);
export const completeTask = action(completeHandTaskInput, completeHandTask);
export const standIn = action(delegateInput, delegateApprovals);
export const endStandIn = action(requestIdInput, endDelegation);
