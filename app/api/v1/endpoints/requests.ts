import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import { durationOf, duration as seconds } from "@/lib/policies/schema";
import { answerRequest, cancelRequest } from "@/lib/requests/cancel-request";
import { decideRequest } from "@/lib/requests/decide-request";
import { extendRequest } from "@/lib/requests/extend-request";
import { requestList } from "@/lib/requests/labels";
import { countRequests, listRequests, type RequestRow } from "@/lib/requests/queries";
import { getRequest } from "@/lib/requests/request-queries";
import {
  answerRequestInput,
  cancelRequestInput,
  decideRequestInput,
  extendRequestInput,
  submitRequestInput,
} from "@/lib/requests/schema";
import { retryRequest } from "@/lib/requests/settle-request";
import { submitRequest } from "@/lib/requests/submit-request";
import { endpoint } from "../endpoint";
import { counted, countedPage, id, idParam, listQuery } from "../list";
import { type RequestAnswer, requestDetailShape, requestShape } from "../shapes/requests";
import { grantOf } from "./grants";

/** A duration as it is written; the command reads it. */
export const durationText = z
  .string()
  .max(40)
  .refine((text) => seconds.safeParse(text).success, "must be a duration such as PT8H or P30D, of at most 366 days");

const asking = submitRequestInput.extend({
  duration: durationText.meta({ description: "ISO 8601, as PT2H; counted from the activation." }),
});

const extending = extendRequestInput.omit({ grantId: true }).extend({
  duration: durationText.meta({ description: "How much longer, as PT2H." }),
});

const deciding = decideRequestInput.omit({ id: true }).extend({
  duration: durationText.optional().meta({ description: "Of an approval: shorter than was asked for." }),
});

/** A request as the API answers it in a list, but for its items. */
export function summaryOf({ state, durationSeconds, ...row }: Omit<RequestRow, "items" | "itemCount">) {
  return { ...row, status: state, duration: durationOf(durationSeconds) };
}

/** A request as the API answers it. @throws AppError `not_found`, `forbidden` */
export async function requestAnswer(actor: Actor, { id }: { id: string }): Promise<RequestAnswer> {
  const { items, steps, grants, notes, policyVersion, policies, review, may, ...row } = await getRequest(actor, id);
  return {
    ...summaryOf(row),
    items: items.map(({ resourceType, resource, ...item }) => ({
      ...item,
      resource: { type: resourceType, name: resource },
    })),
    steps: steps.map(({ who, state, decisions, ...step }) => ({
      ...step,
      who: who.join(" or "),
      status: state,
      decisions: decisions.map(({ durationSeconds, ...decision }) => ({
        ...decision,
        duration: durationSeconds === null ? null : durationOf(durationSeconds),
      })),
    })),
    grants: grants.map(grantOf),
    notes,
    policyVersion,
    policies,
    review,
    may,
  };
}

export const requestEndpoints = [
  endpoint({
    method: "GET",
    path: "/requests",
    summary: "List requests, newest first",
    description: "Those that one made or that concern what is one's own; those who see all see all.",
    tag: "Requests",
    permission: "request:read",
    query: listQuery(requestList),
    answer: countedPage(requestShape),
    run: async (actor, { query }) => {
      const { items, nextCursor } = await listRequests(actor, query);
      const page = { items: items.map((row) => ({ ...row, ...summaryOf(row) })), nextCursor };
      return counted(query, page, (exact) => countRequests(actor, { state: query.state, exact }));
    },
  }),
  endpoint({
    method: "POST",
    path: "/requests",
    summary: "Ask for access",
    description:
      "By a person: in a session or with a personal token. What the policies do not allow, and what nobody could approve, is refused at once and says why.",
    tag: "Requests",
    permission: "request:create",
    body: asking,
    status: 201,
    answer: requestDetailShape,
    run: async (actor, { body }) => requestAnswer(actor, await submitRequest(actor, body)),
  }),
  endpoint({
    method: "GET",
    path: "/requests/{id}",
    summary: "One request with its steps, decisions and grants",
    tag: "Requests",
    permission: "request:read",
    params: idParam,
    answer: requestDetailShape,
    run: (actor, { params }) => requestAnswer(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/requests/{id}/decisions",
    summary: "Decide: approve, deny, or ask back",
    description:
      "By somebody whom the open step names; never on one's own. An approval may be shorter or leave items out, never more. Where the policies ask for a passkey, only the page can confirm it.",
    tag: "Requests",
    permission: "request:decide",
    params: idParam,
    body: deciding,
    answer: requestDetailShape,
    run: async (actor, { params, body }) => requestAnswer(actor, await decideRequest(actor, { ...body, ...params })),
  }),
  endpoint({
    method: "POST",
    path: "/requests/{id}/cancel",
    summary: "Take a request back, with what it gave",
    description: "By whoever made it, its subject, or an administrator with a reason.",
    tag: "Requests",
    permission: "request:cancel",
    params: idParam,
    body: cancelRequestInput.omit({ id: true }),
    bodyOptional: true,
    answer: requestDetailShape,
    run: async (actor, { params, body }) => requestAnswer(actor, await cancelRequest(actor, { ...body, ...params })),
  }),
  endpoint({
    method: "POST",
    path: "/requests/{id}/answers",
    summary: "Answer what a decider asked back, or add a word",
    tag: "Requests",
    permission: "request:read",
    params: idParam,
    body: answerRequestInput.omit({ id: true }),
    answer: requestDetailShape,
    run: async (actor, { params, body }) => requestAnswer(actor, await answerRequest(actor, { ...body, ...params })),
  }),
  endpoint({
    method: "POST",
    path: "/requests/{id}/retry",
    summary: "Try again what an approved request could not give; its approvals stand",
    tag: "Requests",
    permission: "grant:retry",
    params: idParam,
    status: 202,
    answer: z.object({ id }),
    run: (actor, { params }) => retryRequest(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/grants/{id}/extend",
    summary: "Ask for more time on a grant, while it lasts",
    description:
      "Makes a request with the approvals that the policies name; once approved, the grant's end moves and nothing is taken in between.",
    tag: "Grants",
    permission: "request:create",
    params: idParam,
    body: extending,
    status: 201,
    answer: requestDetailShape,
    run: async (actor, { params, body }) =>
      requestAnswer(actor, await extendRequest(actor, { ...body, grantId: params.id })),
  }),
];
