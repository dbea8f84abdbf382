import { z } from "zod";
import { createConnection } from "@/lib/connections/create-connection";
import { getConnection, getSync, listConnections } from "@/lib/connections/queries";
import { requestSync } from "@/lib/connections/request-sync";
import {
  createConnectionInput,
  environments,
  syncBrake,
  syncError,
  syncProblem,
  syncProgress,
  syncResult,
} from "@/lib/connections/schema";
import { syncStates } from "@/lib/connections/states";
import { endpoint } from "../endpoint";
import { id, idParam } from "../list";

const connection = z.object({
  id,
  name: z.string(),
  connector: z.string(),
  environment: z.enum(environments),
  status: z.enum(["new", "current", "failing", "paused"]),
  isIdentitySource: z.boolean(),
  owner: z
    .object({ id, name: z.string() })
    .nullable()
    .meta({ description: "Who answers for it, and decides on access to it." }),
  lastReadAt: z.date().nullable(),
  nextSyncAt: z.date().nullable(),
  failuresInRow: z.number().int(),
  accountCount: z.number().int(),
  unmatchedCount: z.number().int().meta({ description: "Accounts that belong to no known identity." }),
  coverage: z
    .record(z.string(), z.object({ complete: z.boolean(), since: z.string().nullable(), because: z.string() }))
    .meta({ description: "Per subject (account, credential, entitlement): how far the system tells of use." }),
});

const sync = z.object({
  id,
  connectionId: id,
  state: z.enum(syncStates),
  requestedBy: z.string(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  progress: syncProgress,
  result: syncResult.nullable(),
  brake: syncBrake.nullable().meta({ description: "Of a paused sync: what it would remove." }),
  error: syncError.nullable(),
  problems: z.array(syncProblem).meta({ description: "What was left out, the first of them." }),
  problemCount: z.number().int(),
});

const connectionDetail = connection.extend({
  capabilities: z.array(z.string()),
  settings: z.record(z.string(), z.unknown()).meta({ description: "Never a secret." }),
  hasSecrets: z.boolean(),
  scheduleMinutes: z.number().int().nullable(),
  cannotSee: z.array(z.object({ what: z.string(), because: z.string(), remedy: z.string() })),
  createdAt: z.date(),
  counts: z.object({
    accounts: z.number().int(),
    groups: z.number().int(),
    resources: z.number().int(),
    assignments: z.number().int(),
    credentials: z.number().int(),
  }),
  runs: z.array(sync).meta({ description: "The last twenty syncs, newest first." }),
});

export const connectionEndpoints = [
  endpoint({
    method: "GET",
    path: "/connections",
    summary: "List connections by name",
    description: "There are few, so that all come at once.",
    tag: "Connections",
    permission: "connection:read",
    answer: z.object({ items: z.array(connection), nextCursor: z.null() }),
    run: async (actor) => ({ items: z.array(connection).parse(await listConnections(actor)), nextCursor: null }),
  }),
  endpoint({
    method: "POST",
    path: "/connections",
    summary: "Connect a system",
    description:
      "`settings` and `secrets` are of the connector's own schema. Secrets are encrypted at once and never answered.",
    tag: "Connections",
    permission: "connection:create",
    body: createConnectionInput,
    status: 201,
    answer: z.object({ id, runId: id.nullable().meta({ description: "Of the first sync, when one was ordered." }) }),
    run: (actor, { body }) => createConnection(actor, body),
  }),
  endpoint({
    method: "GET",
    path: "/connections/{id}",
    summary: "One connection with its last syncs",
    tag: "Connections",
    permission: "connection:read",
    params: idParam,
    answer: connectionDetail,
    run: async (actor, { params }) => connectionDetail.parse(await getConnection(actor, params.id)),
  }),
  endpoint({
    method: "POST",
    path: "/connections/{id}/sync",
    summary: "Read a system now",
    description: "A sync that waits or runs already is the answer.",
    tag: "Connections",
    permission: "connection:sync",
    params: idParam,
    status: 202,
    answer: z.object({ runId: id }),
    run: (actor, { params }) => requestSync(actor, params),
  }),
  endpoint({
    method: "GET",
    path: "/syncs/{id}",
    summary: "How far a sync is, and what it changed",
    tag: "Connections",
    permission: "connection:read",
    params: idParam,
    answer: sync,
    run: async (actor, { params }) => sync.parse(await getSync(actor, params.id)),
  }),
];
