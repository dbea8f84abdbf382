import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { capabilitiesOf } from "../connectors/contract";
import { connectors } from "../connectors/registry";
import { db, rows } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { connectorOf } from "./connector-of";
import {
  type ConnectionRow,
  type SyncRunRow,
  syncBrake,
  syncError,
  syncProblem,
  syncProgress,
  syncResult,
} from "./schema";

/** Every live connection with its freshness and how many accounts it has; there are few, so all at once, by name. */
export async function listConnections(actor: Actor): Promise<ConnectionRow[]> {
  await authorize(actor, "connection:read");
  return rows<ConnectionRow>(`
    select c.id, c.name, c.connector, c.environment, c.status, c.is_identity_source "isIdentitySource", c.last_read_at "lastReadAt",
      c.next_sync_at "nextSyncAt", c.failures_in_row "failuresInRow", c.coverage,
      case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end "owner",
      (select count(*)::int from principals p where p.connection_id = c.id and p.removed_at is null and p.type = 'account') "accountCount",
      (select count(*)::int from principals p where p.connection_id = c.id and p.removed_at is null and p.type = 'account' and p.identity_id is null) "unmatchedCount"
    from connections c left join identities o on o.id = c.owner_id where c.removed_at is null order by c.name`);
}

export type ConnectionDetail = ConnectionRow & {
  label: string;
  capabilities: string[];
  words: { account: string; group: string };
  /** Without secrets; only their names are told. */
  settings: Record<string, unknown>;
  hasSecrets: boolean;
  scheduleMinutes: number | null;
  brakeKindShare: number;
  brakeAssignmentShare: number;
  cannotSee: { what: string; because: string; remedy: string }[];
  createdAt: Date;
  counts: { accounts: number; groups: number; resources: number; assignments: number; credentials: number };
  runs: SyncRunRow[];
};

/**
 * One connection, by id or name, with its last twenty syncs.
 * @throws AppError `not_found`, `forbidden`
 */
export async function getConnection(actor: Actor, ref: string): Promise<ConnectionDetail> {
  await authorize(actor, "connection:read", { type: "connection", id: ref });
  const connection = await db().connection.findFirst({
    where: { removedAt: null, ...(isUuid(ref) ? { id: ref } : { name: ref }) },
    include: { owner: { select: { id: true, name: true } } },
  });
  if (!connection) throw new AppError("not_found", `There is no connection ${ref}.`);
  const [counts] = await rows<ConnectionDetail["counts"] & { unmatched: number }>(
    `select (select count(*)::int from principals where connection_id = $1 and removed_at is null and type = 'account') accounts,
      (select count(*)::int from principals where connection_id = $1 and removed_at is null and type = 'account' and identity_id is null) unmatched,
      (select count(*)::int from principals where connection_id = $1 and removed_at is null and type = 'group') groups,
      (select count(*)::int from resources where connection_id = $1 and removed_at is null) resources,
      (select count(*)::int from assignments where connection_id = $1 and removed_at is null) assignments,
      (select count(*)::int from credentials where connection_id = $1 and removed_at is null) credentials`,
    [connection.id],
  );
  const { unmatched = 0, ...numbers } = counts ?? {
    accounts: 0,
    groups: 0,
    resources: 0,
    assignments: 0,
    credentials: 0,
  };
  const connector = connectorOf(connection.connector);
  return {
    id: connection.id,
    name: connection.name,
    connector: connection.connector,
    label: connector.label,
    capabilities: capabilitiesOf(connector),
    words: connector.words,
    environment: connection.environment,
    status: connection.status as ConnectionRow["status"],
    isIdentitySource: connection.isIdentitySource,
    owner: connection.owner,
    lastReadAt: connection.lastReadAt,
    nextSyncAt: connection.nextSyncAt,
    failuresInRow: connection.failuresInRow,
    accountCount: numbers.accounts,
    unmatchedCount: unmatched,
    coverage: connection.coverage as ConnectionRow["coverage"],
    settings: connection.settings as Record<string, unknown>,
    hasSecrets: connection.secrets !== null,
    scheduleMinutes: connection.scheduleMinutes,
    brakeKindShare: connection.brakeKindShare,
    brakeAssignmentShare: connection.brakeAssignmentShare,
    cannotSee: connection.visibility as ConnectionDetail["cannotSee"],
    createdAt: connection.createdAt,
    counts: numbers,
    runs: await listSyncs(actor, { connectionId: connection.id, limit: 20 }),
  };
}

/** The last syncs of a connection, newest first. */
export async function listSyncs(
  actor: Actor,
  { connectionId, limit }: { connectionId: string; limit: number },
): Promise<SyncRunRow[]> {
  await authorize(actor, "connection:read", { type: "connection", id: connectionId });
  const runs = await db().syncRun.findMany({
    where: { connectionId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: Math.min(limit, 200),
  });
  return runs.map(rowOf);
}

/** One sync. @throws AppError `not_found`, `forbidden` */
export async function getSync(actor: Actor, runId: string): Promise<SyncRunRow> {
  await authorize(actor, "connection:read", { type: "sync", id: runId });
  const run = isUuid(runId) ? await db().syncRun.findUnique({ where: { id: runId } }) : null;
  if (!run) throw new AppError("not_found", `There is no sync ${runId}.`);
  return rowOf(run);
}

/** The kinds of system there are, for whoever connects one. */
export function listConnectors() {
  return Object.keys(connectors).map((name) => {
    const connector = connectorOf(name);
    return {
      name,
      label: connector.label,
      description: connector.description,
      capabilities: capabilitiesOf(connector),
      words: connector.words,
    };
  });
}

function rowOf(run: Prisma.SyncRunGetPayload<object>): SyncRunRow {
  return {
    id: run.id,
    connectionId: run.connectionId,
    state: run.state,
    requestedBy: run.requestedBy,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    progress: syncProgress.parse(run.progress),
    result: syncResult.nullable().parse(run.result),
    brake: syncBrake.nullable().parse(run.brake),
    error: syncError.nullable().parse(run.error),
    problems: syncProblem.array().parse(run.problems),
    problemCount: run.problemCount,
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
