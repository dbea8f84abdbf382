import { z } from "zod";
import { credentialKinds, identityKinds } from "@/lib/connectors/schema";
import { AppError } from "@/lib/errors";
import { countAccounts, listAccounts } from "@/lib/inventory/account-list-queries";
import { countCredentials, listCredentials } from "@/lib/inventory/credential-list-queries";
import { listEntitlements } from "@/lib/inventory/entitlement-list-queries";
import { countResources, listResources } from "@/lib/inventory/resource-list-queries";
import { lastUse } from "@/lib/inventory/schema";
import { emptyState } from "@/lib/lists/schema";
import { accountList } from "@/lib/views/lists/account-list";
import { credentialList } from "@/lib/views/lists/credential-list";
import { resourceList } from "@/lib/views/lists/resource-list";
import { endpoint } from "../endpoint";
import { counted, countedPage, id, idParam, listQuery, page, paging } from "../list";

const named = z.object({ id, name: z.string() });
const time = z.iso.datetime();
const identity = named.extend({ kind: z.enum(identityKinds) });

const account = z.object({
  id,
  connection: named,
  externalId: z.string(),
  name: z.string(),
  displayName: z.string().nullable(),
  email: z.string().nullable(),
  status: z.enum(["active", "disabled", "locked", "expired"]),
  identity: identity.nullable().meta({ description: "Null: the account is unmatched." }),
  matchReason: z.string().nullable(),
  kindHint: z.enum(identityKinds).nullable().meta({ description: "What the source says it is." }),
  firstSeenAt: time,
  lastUse,
});

const credential = z.object({
  id,
  name: z.string(),
  kind: z.enum(credentialKinds),
  status: z.enum(["active", "disabled", "expired"]),
  account: named,
  connection: named,
  identity: identity.nullable(),
  madeAt: time.nullable().meta({ description: "Null where the source does not say." }),
  expiresAt: time.nullable(),
  firstSeenAt: time,
  lastUse,
});

const resource = z.object({
  id,
  connection: named,
  type: z.string().meta({ description: "In the system's own words: table, schema, repository." }),
  name: z.string(),
  externalId: z.string(),
  parent: named.nullable(),
  owner: named.nullable(),
  entitlementCount: z.number().int(),
  holderCount: z.number().int().meta({ description: "Accounts and groups that hold one directly, at most 1,000." }),
  firstSeenAt: time,
});

const entitlement = z.object({
  id,
  connection: named,
  resource: z.object({ id, type: z.string(), name: z.string(), externalId: z.string() }),
  permission: z.string(),
  privilege: z.number().int().meta({ description: "1 read, 2 write, 3 admin, 4 everything." }),
  condition: z.string().nullable(),
  pattern: z.boolean().meta({ description: "A rule that covers more than the resource it names." }),
  holderCount: z.number().int(),
  firstSeenAt: z.date(),
});

const word = z.string().min(1).max(1_000);

export const inventoryEndpoints = [
  endpoint({
    method: "GET",
    path: "/accounts",
    summary: "List accounts",
    tag: "Inventory",
    permission: "identity:read",
    query: listQuery(accountList),
    answer: countedPage(account),
    run: async (actor, { query }) =>
      counted(query, await listAccounts(actor, query), (exact) => countAccounts(actor, { state: query.state, exact })),
  }),
  endpoint({
    method: "GET",
    path: "/credentials",
    summary: "List credentials; secret values are never known here",
    tag: "Inventory",
    permission: "credential:read",
    query: listQuery(credentialList),
    answer: countedPage(credential),
    run: async (actor, { query }) =>
      counted(query, await listCredentials(actor, query), (exact) =>
        countCredentials(actor, { state: query.state, exact }),
      ),
  }),
  endpoint({
    method: "GET",
    path: "/resources",
    summary: "List resources",
    tag: "Inventory",
    permission: "resource:read",
    query: listQuery(resourceList),
    answer: countedPage(resource),
    run: async (actor, { query }) =>
      counted(query, await listResources(actor, query), (exact) =>
        countResources(actor, { state: query.state, exact }),
      ),
  }),
  endpoint({
    method: "GET",
    path: "/resources/{id}",
    summary: "One resource",
    tag: "Inventory",
    permission: "resource:read",
    params: idParam,
    answer: resource,
    run: async (actor, { params }) => {
      const { items } = await listResources(actor, { state: { ...emptyState(resourceList), q: params.id }, limit: 1 });
      const [found] = items;
      if (!found) throw new AppError("not_found", "There is no such resource.");
      return found;
    },
  }),
  endpoint({
    method: "GET",
    path: "/entitlements",
    summary: "List entitlements: permissions on resources, as the systems say them",
    tag: "Inventory",
    permission: "resource:read",
    query: z.strictObject({
      ...paging,
      connection: word.optional().meta({ description: "Id or name of a connection." }),
      resource: id.optional().meta({ description: "Id of a resource." }),
      permission: word.optional(),
      pattern: z
        .stringbool({ truthy: ["true"], falsy: ["false"] })
        .optional()
        .meta({
          description: "true: only rules that cover more than their resource; false: only the others.",
        }),
    }),
    answer: page(entitlement),
    run: (actor, { query }) => listEntitlements(actor, query),
  }),
];
