import { z } from "zod";
import { identityKinds } from "@/lib/connectors/schema";
import { listAccountsOf } from "@/lib/inventory/accounts-of-queries";
import { countIdentities, listIdentitiesWithAccounts } from "@/lib/inventory/identity-list-queries";
import { getIdentity } from "@/lib/inventory/identity-queries";
import { getUsageCalendar, listIdentityOrigins } from "@/lib/inventory/identity-use-queries";
import { criticalities, environments, identityStatuses, lastUse } from "@/lib/inventory/schema";
import { identityList } from "@/lib/views/lists/identity-list";
import { endpoint } from "../endpoint";
import { counted, countedPage, id, idParam, listQuery } from "../list";

const named = z.object({ id, name: z.string() });
const privilege = z
  .number()
  .int()
  .meta({ description: "The highest: 0 none, 1 read, 2 write, 3 admin, 4 everything." });
const account = z.object({
  id,
  connection: z.string(),
  externalId: z.string(),
  name: z.string(),
  status: z.string(),
});

const identity = z.object({
  id,
  kind: z.enum(identityKinds),
  name: z.string(),
  email: z.string().nullable(),
  status: z.enum(identityStatuses),
  owner: named.nullable(),
  purpose: z.string().nullable(),
  environment: z.enum(environments).nullable(),
  criticality: z.enum(criticalities).nullable(),
  department: z.string().nullable(),
  privileged: z.boolean().meta({ description: "Holds Admin or Everything somewhere." }),
  privilege,
  reaches: z.number().int().meta({ description: "How many entitlements it reaches." }),
  accounts: z.array(account).meta({ description: "Its live accounts, at most a hundred." }),
  accountCount: z.number().int(),
  credentialCount: z.number().int(),
  lastUse,
});

const identityDetail = identity.extend({
  kindReason: z.string(),
  kindSetBy: z.string().nullable(),
  employeeNumber: z.string().nullable(),
  backupOwner: named.nullable(),
  manager: named.nullable(),
  title: z.string().nullable(),
  firstSeenAt: z.date(),
  removedAt: z.date().nullable(),
  ownsCount: z.number().int(),
});

const usage = z.object({
  lastUse,
  from: z.iso.date(),
  to: z.iso.date(),
  days: z
    .array(z.object({ day: z.iso.date(), uses: z.number().int() }))
    .meta({ description: "A day that is absent had no use that was seen; see coverage." }),
  coverage: z.array(
    z.object({
      connection: z.string(),
      complete: z.boolean().meta({ description: "Since `since` every use is seen; else absence says nothing." }),
      since: z.string().nullable(),
      because: z.string().nullable(),
    }),
  ),
  origins: z.array(
    z.object({
      from: z.string(),
      connection: z.string(),
      uses: z.number().int(),
      days: z.number().int(),
      firstAt: z.date(),
      lastAt: z.date(),
    }),
  ),
});

export const identityEndpoints = [
  endpoint({
    method: "GET",
    path: "/identities",
    summary: "List identities",
    tag: "Inventory",
    permission: "identity:read",
    query: listQuery(identityList),
    answer: countedPage(identity),
    run: async (actor, { query }) => {
      const { items, nextCursor } = await listIdentitiesWithAccounts(actor, query);
      const page = { items: items.map((item) => ({ ...item, privileged: item.privilege >= 3 })), nextCursor };
      return counted(query, page, (exact) => countIdentities(actor, { state: query.state, exact }));
    },
  }),
  endpoint({
    method: "GET",
    path: "/identities/{id}",
    summary: "One identity",
    tag: "Inventory",
    permission: "identity:read",
    params: idParam,
    answer: identityDetail,
    run: async (actor, { params }) => {
      const found = await getIdentity(actor, params);
      const accounts = await listAccountsOf(actor, [params.id]);
      return { ...found, privileged: found.privilege >= 3, accounts: accounts.get(params.id) ?? [] };
    },
  }),
  endpoint({
    method: "GET",
    path: "/identities/{id}/usage",
    summary: "When and from where an identity was used, in the last 53 weeks",
    tag: "Usage",
    permission: "identity:read",
    params: idParam,
    answer: usage,
    run: async (actor, { params }) => {
      const { lastUse: last } = await getIdentity(actor, params);
      const calendar = await getUsageCalendar(actor, params);
      return { lastUse: last, ...calendar, origins: await listIdentityOrigins(actor, params) };
    },
  }),
];
