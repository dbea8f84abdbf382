import { z } from "zod";
import { evaluateAccess } from "@/lib/access/evaluate-access";
import { listIdentityAccess } from "@/lib/access/identity-access-queries";
import { listResourceAccess } from "@/lib/access/resource-access-queries";
import {
  evaluateAccessAnswer,
  evaluateAccessInput,
  identityAccessEntry,
  resourceAccessEntry,
} from "@/lib/access/schema";
import { endpoint } from "../endpoint";
import { id, idParam, moment, page, paging } from "../list";

const narrowing = {
  ...paging,
  at: moment.optional().meta({ description: "The past: what was reachable then." }),
  permission: z.string().min(1).max(200).optional().meta({ description: "In the system's own word." }),
  paths: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(25)
    .meta({ description: "How many paths of each are listed." }),
};
const word = z.string().min(1).max(1_000);

export const accessEndpoints = [
  endpoint({
    method: "GET",
    path: "/identities/{id}/access",
    summary: "What an identity can reach, with every path",
    description:
      "Every effective entitlement over all its accounts. An entitlement with a pattern is listed as the pattern; ask an evaluation what it means for one resource.",
    tag: "Access",
    permission: "access:read",
    params: idParam,
    query: z.strictObject({
      ...narrowing,
      resource: word.optional().meta({ description: "Id, external id or name of a resource." }),
      connection: word.optional().meta({ description: "Id or name of a connection." }),
    }),
    answer: page(identityAccessEntry),
    run: (actor, { params, query }) => listIdentityAccess(actor, { identityId: params.id, ...query }),
  }),
  endpoint({
    method: "GET",
    path: "/resources/{id}/access",
    summary: "Who can reach a resource, with every path",
    description: "Patterns are resolved: what covers this resource is listed as the permission it gives here.",
    tag: "Access",
    permission: "access:read",
    params: idParam,
    query: z.strictObject({
      ...narrowing,
      identity: id.optional().meta({ description: "Id of an identity." }),
    }),
    answer: page(resourceAccessEntry).extend({
      hidden: z
        .object({ count: z.number().int(), isCapped: z.boolean() })
        .meta({ description: "How many accounts more this caller may not see." }),
    }),
    run: (actor, { params, query }) => listResourceAccess(actor, { resourceId: params.id, ...query }),
  }),
  endpoint({
    method: "POST",
    path: "/access/evaluations",
    summary: "May X do Y on Z? Up to 1,000 questions at once",
    description:
      "In the shape of the OpenID AuthZEN Authorization API, answered from the inventory as the connected system itself would. `decision` is true only where access is unconditional.",
    tag: "Access",
    permission: "access:read",
    body: evaluateAccessInput,
    bodyLimit: 4_000_000,
    answer: evaluateAccessAnswer,
    safe: true,
    run: (actor, { body }) => evaluateAccess(actor, body),
  }),
];
