import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import { retryGrant } from "@/lib/grants/activate-grant";
import { collectCredential } from "@/lib/grants/collect-credential";
import { completeHandTask } from "@/lib/grants/complete-hand-task";
import { revokeGrant } from "@/lib/grants/end-grant";
import type { GrantRow } from "@/lib/grants/grant-rows";
import { grantList } from "@/lib/grants/labels";
import { countGrants, getGrant, listGrants, listHandTasks } from "@/lib/grants/queries";
import { completeHandTaskInput, revokeGrantInput } from "@/lib/grants/schema";
import { countUnmanaged, listUnmanaged } from "@/lib/grants/unmanaged-queries";
import { durationOf } from "@/lib/policies/schema";
import { unmanagedList } from "@/lib/views/lists/unmanaged-list";
import { endpoint } from "../endpoint";
import { counted, countedPage, id, idParam, listQuery } from "../list";
import {
  credentialShape,
  type GrantAnswer,
  grantDetailShape,
  grantShape,
  handTaskShape,
  unmanagedShape,
} from "../shapes/grants";

/** A grant as the API answers it in a list. */
export function grantOf({ state, ...row }: GrantRow): z.infer<typeof grantShape> {
  return { ...row, status: state };
}

/** A grant with its receipt, as the API answers it. @throws AppError `not_found`, `forbidden` */
export async function grantAnswer(actor: Actor, { id }: { id: string }): Promise<GrantAnswer> {
  const { durationSeconds, state, ...grant } = await getGrant(actor, id);
  return { ...grant, status: state, duration: durationOf(durationSeconds) };
}

export const grantEndpoints = [
  endpoint({
    method: "GET",
    path: "/grants",
    summary: "List grants, newest first",
    description: "Those that one holds, asked for, decided on or owns the thing of; those who see all see all.",
    tag: "Grants",
    permission: "grant:read",
    query: listQuery(grantList),
    answer: countedPage(grantShape),
    run: async (actor, { query }) => {
      const { items, nextCursor } = await listGrants(actor, query);
      const page = { items: items.map(grantOf), nextCursor };
      return counted(query, page, (exact) => countGrants(actor, { state: query.state, exact }));
    },
  }),
  endpoint({
    method: "GET",
    path: "/unmanaged-access",
    summary: "List access that nobody here can explain, what was seen last first",
    description:
      "What accounts hold themselves in the systems, by membership or by a permission of their own, and no live grant, rule or review explains.",
    tag: "Grants",
    permission: "access:read",
    query: listQuery(unmanagedList),
    answer: countedPage(unmanagedShape),
    run: async (actor, { query }) =>
      counted(query, await listUnmanaged(actor, query), (exact) =>
        countUnmanaged(actor, { state: query.state, exact }),
      ),
  }),
  endpoint({
    method: "GET",
    path: "/grants/{id}",
    summary: "One grant with its receipt",
    tag: "Grants",
    permission: "grant:read",
    params: idParam,
    answer: grantDetailShape,
    run: (actor, { params }) => grantAnswer(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/grants/{id}/revoke",
    summary: "End a grant now",
    description:
      "Always possible, without an approval, for its subject, whoever asked for it or approved it, the owner, and security. The receipt says when it is proven gone.",
    tag: "Grants",
    permission: "grant:revoke",
    params: idParam,
    body: revokeGrantInput.omit({ id: true }).strict(),
    bodyOptional: true,
    status: 202,
    answer: z.object({ id, status: grantShape.shape.status }),
    run: async (actor, { params, body }) => {
      const { id: ended, state } = await revokeGrant(actor, { ...body, ...params });
      return { id: ended, status: grantShape.shape.status.parse(state) };
    },
  }),
  endpoint({
    method: "POST",
    path: "/grants/{id}/credential",
    summary: "Hand out the secret of a short-lived account",
    description:
      "To its subject, or the owner of a machine identity, alone. Kept nowhere; asking again makes a new one and ends the one before.",
    tag: "Grants",
    permission: "grant:collect",
    params: idParam,
    status: 201,
    secretAnswer: true,
    answer: credentialShape,
    run: (actor, { params }) => collectCredential(actor, params),
  }),
  endpoint({
    method: "POST",
    path: "/grants/{id}/retry",
    summary: "Try again now what could not be given or taken",
    tag: "Grants",
    permission: "grant:retry",
    params: idParam,
    status: 202,
    answer: grantDetailShape,
    run: async (actor, { params }) => {
      await retryGrant(actor, params);
      return grantAnswer(actor, params);
    },
  }),
  endpoint({
    method: "GET",
    path: "/hand-tasks",
    summary: "List the tasks by hand that wait for the caller, oldest first",
    description: "What no connector can give or take, a person does. At most a hundred.",
    tag: "Grants",
    permission: "hand_task:read",
    answer: z.object({ items: z.array(handTaskShape), nextCursor: z.null() }),
    run: async (actor) => ({ items: await listHandTasks(actor), nextCursor: null }),
  }),
  endpoint({
    method: "POST",
    path: "/hand-tasks/{id}/complete",
    summary: "Say, with evidence, that it was done by hand",
    description: "Never about one's own access.",
    tag: "Grants",
    permission: "hand_task:complete",
    params: idParam,
    body: completeHandTaskInput.omit({ id: true }).strict(),
    answer: z.object({ id }),
    run: (actor, { params, body }) => completeHandTask(actor, { ...body, ...params }),
  }),
];
