import { z } from "zod";
import { delegateApprovals, endDelegation } from "@/lib/requests/delegate-approvals";
import { getDecisionView, listDelegations, listInbox } from "@/lib/requests/inbox-queries";
import { reviewBreakGlass, reviewBreakGlassInput } from "@/lib/requests/review-break-glass";
import { listReviews } from "@/lib/requests/review-queries";
import { delegateInput } from "@/lib/requests/schema";
import { endpoint } from "../endpoint";
import { id, idParam, page, paging } from "../list";
import {
  approvalFactsShape,
  breakGlassReviewShape,
  delegationShape,
  inboxShape,
  itemHoldersShape,
} from "../shapes/deciding";
import { summaryOf } from "./requests";

export const decidingEndpoints = [
  endpoint({
    method: "GET",
    path: "/inbox",
    summary: "List the requests that wait for the caller's decision, longest first",
    tag: "Deciding",
    permission: "request:decide",
    query: z.strictObject(paging),
    answer: page(inboxShape),
    run: async (actor, { query }) => {
      const { items, nextCursor } = await listInbox(actor, query);
      return { items: items.map((row) => ({ ...row, ...summaryOf(row) })), nextCursor };
    },
  }),
  endpoint({
    method: "GET",
    path: "/requests/{id}/facts",
    summary: "What whoever decides should know: what it opens, who else has it, the history",
    description: "`seen` goes back with the decision: where the facts have changed meanwhile, it is refused.",
    tag: "Deciding",
    permission: "request:read",
    params: idParam,
    answer: z.object({
      facts: approvalFactsShape,
      holders: z.array(itemHoldersShape),
      seen: z.string(),
      seat: z
        .object({ step: z.string(), because: z.string(), onBehalfOf: z.string().nullable(), needsPasskey: z.boolean() })
        .nullable()
        .meta({ description: "The caller's seat now; null when it waits for others." }),
    }),
    run: async (actor, { params }) => {
      const { facts, holders, seen, seat } = await getDecisionView(actor, params.id);
      return { facts, holders, seen, seat };
    },
  }),
  endpoint({
    method: "GET",
    path: "/delegations",
    summary: "List who stands in for the caller, and for whom the caller stands in",
    tag: "Deciding",
    permission: "delegation:create",
    answer: z.object({ items: z.array(delegationShape), nextCursor: z.null() }),
    run: async (actor) => ({ items: await listDelegations(actor), nextCursor: null }),
  }),
  endpoint({
    method: "POST",
    path: "/delegations",
    summary: "Have somebody stand in for one's decisions between two dates",
    description: "Whoever stands in decides in that one's name, and never on a request of their own.",
    tag: "Deciding",
    permission: "delegation:create",
    body: delegateInput,
    status: 201,
    answer: z.object({ id }),
    run: (actor, { body }) => delegateApprovals(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/delegations/{id}/end",
    summary: "End a delegation early",
    tag: "Deciding",
    permission: "delegation:create",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => endDelegation(actor, params),
  }),
  endpoint({
    method: "GET",
    path: "/break-glass-reviews",
    summary: "List the break-glasses that wait for the caller's judgement, most urgent first",
    tag: "Deciding",
    permission: "break_glass:review",
    answer: z.object({ items: z.array(breakGlassReviewShape), nextCursor: z.null() }),
    run: async (actor) => ({ items: await listReviews(actor), nextCursor: null }),
  }),
  endpoint({
    method: "POST",
    path: "/break-glass-reviews/{id}/opinions",
    summary: "Judge a break-glass",
    description: "With the last opinion that is needed the review is closed. Nobody judges their own.",
    tag: "Deciding",
    permission: "break_glass:review",
    params: idParam,
    body: reviewBreakGlassInput.omit({ id: true }),
    answer: z.object({ id, closed: z.boolean() }),
    run: (actor, { params, body }) => reviewBreakGlass(actor, { ...body, ...params }),
  }),
];
