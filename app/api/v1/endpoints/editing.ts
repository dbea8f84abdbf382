import { z } from "zod";
import { editConnection } from "@/lib/connections/edit-connection";
import { matchAccount } from "@/lib/connections/match-account";
import { matchAccountInput } from "@/lib/connections/match-schema";
import { removeConnection } from "@/lib/connections/remove-connection";
import { applySync, discardSync } from "@/lib/connections/resolve-sync";
import { editConnectionInput } from "@/lib/connections/schema";
import { editIdentities } from "@/lib/inventory/edit-identities";
import { editIdentitiesInput, identityChange, setResourceOwnerInput } from "@/lib/inventory/schema";
import { setResourceOwner } from "@/lib/inventory/set-resource-owner";
import { endpoint } from "../endpoint";
import { id, idParam } from "../list";

const changed = z.object({
  changed: z.number().int().meta({ description: "Those that were so already do not count." }),
});

/** What a person may say of what was read, and of the systems it was read from. */
export const editingEndpoints = [
  endpoint({
    method: "PATCH",
    path: "/identities/{id}",
    summary: "Say who owns an identity, what it is for, where it runs, how critical it is, or of what kind it is",
    description: "No sync changes what was said here. Null takes it away; a field that is left out stays.",
    tag: "Inventory",
    permission: "identity:edit",
    params: idParam,
    body: identityChange,
    answer: changed,
    run: (actor, { params, body }) => editIdentities(actor, { ids: [params.id], change: body }),
  }),
  endpoint({
    method: "POST",
    path: "/identities/edits",
    summary: "Say the same of up to 500 identities: all of them or none",
    tag: "Inventory",
    permission: "identity:edit",
    body: editIdentitiesInput,
    answer: changed,
    run: (actor, { body }) => editIdentities(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/accounts/{id}/match",
    summary: "Say whose an account is",
    description: "`to` is the id of an identity, `new` for one that is made from the account, or `nobody`.",
    tag: "Inventory",
    permission: "identity:match",
    params: idParam,
    body: matchAccountInput.omit({ accountId: true }),
    answer: z.object({ identityId: id.nullable() }),
    run: (actor, { params, body }) => matchAccount(actor, { ...body, accountId: params.id }),
  }),
  endpoint({
    method: "POST",
    path: "/resources/owner",
    summary: "Say who owns up to 500 resources: all of them or none",
    description: "With null, the owner of what it lies in answers for it, or else the system's.",
    tag: "Inventory",
    permission: "resource:edit",
    body: setResourceOwnerInput,
    answer: changed,
    run: (actor, { body }) => setResourceOwner(actor, body),
  }),
  endpoint({
    method: "PATCH",
    path: "/connections/{id}",
    summary: "Change a connection",
    description: "Secrets that are not given stay as they are; settings are given whole.",
    tag: "Connections",
    permission: "connection:edit",
    params: idParam,
    body: editConnectionInput.omit({ id: true }),
    answer: z.object({ id }),
    run: (actor, { params, body }) => editConnection(actor, { ...body, id: params.id }),
  }),
  endpoint({
    method: "DELETE",
    path: "/connections/{id}",
    summary: "Remove a connection",
    description: "Its secrets are forgotten and what was read from it ends here; nothing changes in the system itself.",
    tag: "Connections",
    permission: "connection:remove",
    params: idParam,
    query: z.strictObject({ confirmName: z.string().max(200).meta({ description: "The connection's name." }) }),
    answer: z.object({ id }),
    run: (actor, { params, query }) => removeConnection(actor, { id: params.id, confirmName: query.confirmName }),
  }),
  endpoint({
    method: "POST",
    path: "/syncs/{id}/apply",
    summary: "Let a sync that the brake has paused go through, as it was read",
    tag: "Connections",
    permission: "sync:resolve",
    params: idParam,
    answer: z.object({ runId: id }),
    run: (actor, { params }) => applySync(actor, { runId: params.id }),
  }),
  endpoint({
    method: "POST",
    path: "/syncs/{id}/discard",
    summary: "Throw away what a paused sync has read; the inventory stays as it was",
    tag: "Connections",
    permission: "sync:resolve",
    params: idParam,
    answer: z.object({ runId: id }),
    run: (actor, { params }) => discardSync(actor, { runId: params.id }),
  }),
];
