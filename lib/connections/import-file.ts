import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import type { FileMapping, FilePreview, SourceFile } from "../connectors/contract";
import { db, type Tx, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { minuteMs, now, plus } from "../time";
import { connectorOf } from "./connector-of";
import { runSync } from "./run-sync";
import { connectionName } from "./schema";

export type ImportInput = {
  connector: string;
  /** An existing connection of this connector takes the file as its newer state; else one is made. */
  name: string;
  environment?: "production" | "staging" | "development";
  isIdentitySource?: boolean;
  file: SourceFile;
  /** How columns become observations; null takes the saved one, or guesses from the header. */
  mapping: FileMapping | null;
  settings?: Record<string, unknown>;
};

/**
 * Reads an export file into the inventory, as a sync whose source is the file: streamed, all or nothing, with the brake.
 * @returns the run, which tells what came, changed and went, or why it failed.
 */
export async function importFile(
  actor: Actor,
  input: ImportInput,
  signal?: AbortSignal,
): Promise<{ connectionId: string; runId: string }> {
  const name = connectionName.parse(input.name);
  await authorize(actor, "connection:create", { type: "connection", name });
  const connector = connectorOf(input.connector);
  if (!connector.readFile)
    throw new AppError("invalid", `${connector.label} is not read from files`, { field: "connector" });
  const { readFile } = connector;
  const { connectionId, runId, mapping } = await prepare(actor, name, input);
  await runSync(
    actor,
    { runId, source: (_, context) => readFile.call(connector, context, input.file, mapping) },
    signal,
  );
  return { connectionId, runId };
}

async function prepare(
  actor: Actor,
  name: string,
  input: ImportInput,
): Promise<{ connectionId: string; runId: string; mapping: FileMapping | null }> {
  return transaction(async (tx) => {
    const existing = await tx.connection.findUnique({ where: { name } });
    if (existing && existing.connector !== input.connector) {
      throw new AppError(
        "conflict",
        `the connection ${name} is read by ${existing.connector}, not by ${input.connector}`,
        { field: "name", remedy: "Choose another name." },
      );
    }
    const mapping = input.mapping ?? (existing?.mapping as FileMapping | null) ?? null;
    const connection =
      existing ??
      (await tx.connection.create({
        data: {
          name,
          connector: input.connector,
          environment: input.environment ?? "production",
          isIdentitySource: input.isIdentitySource ?? false,
          settings: connectorOf(input.connector).settings.parse(input.settings ?? {}) as Prisma.InputJsonObject,
          scheduleMinutes: null,
          createdAt: now(),
        },
      }));
    if (mapping)
      await tx.connection.update({
        where: { id: connection.id },
        data: { mapping: mapping as Prisma.InputJsonObject },
        select: { id: true },
      });
    await endAbandoned(tx, connection.id);
    const live = await tx.syncRun.findFirst({
      where: { connectionId: connection.id, state: { in: ["queued", "reading", "reconciling", "paused"] } },
    });
    if (live)
      throw new AppError("conflict", `an import into ${name} is ${live.state} already`, {
        remedy: live.state === "paused" ? "Apply or discard it first." : "Wait for it to end.",
      });
    const run = await tx.syncRun.create({
      data: { connectionId: connection.id, state: "queued", requestedBy: actor.name, createdAt: now() },
      select: { id: true },
    });
    await record(tx, actor, {
      action: "sync.requested",
      target: { type: "connection", id: connection.id, name },
      details: { runId: run.id, file: input.file.name, size: input.file.size },
    });
    return { connectionId: connection.id, runId: run.id, mapping };
  });
}

/** How a file would be read, from its first rows; keeps nothing. */
export async function previewFile(
  actor: Actor,
  input: {
    connector: string;
    file: SourceFile;
    mapping: FileMapping | null;
    settings?: Record<string, unknown>;
    name?: string;
  },
  signal: AbortSignal,
): Promise<FilePreview> {
  await authorize(actor, "connection:create");
  const connector = connectorOf(input.connector);
  if (!connector.previewFile)
    throw new AppError("invalid", `${connector.label} is not read from files`, { field: "connector" });
  const saved = input.name
    ? await db().connection.findUnique({ where: { name: input.name }, select: { mapping: true } })
    : null;
  const mapping = input.mapping ?? (saved?.mapping as FileMapping | null) ?? null;
  return connector.previewFile(
    { settings: connector.settings.parse(input.settings ?? {}), secrets: {}, signal, now: now() },
    input.file,
    mapping,
  );
}

// Nobody takes up an import whose process died: its file went by. A minute without a sign of life ends it.
async function endAbandoned(tx: Tx, connectionId: string): Promise<void> {
  const error = {
    code: "interrupted",
    message: "the import was interrupted before it had read the file",
    object: null,
    remedy: "Import the file again.",
    reference: null,
  };
  await tx.syncRun.updateMany({
    where: {
      connectionId,
      state: { in: ["queued", "reading", "reconciling"] },
      OR: [
        { heartbeatAt: { lt: plus(now(), -minuteMs) } },
        { heartbeatAt: null, createdAt: { lt: plus(now(), -minuteMs) } },
      ],
    },
    data: { state: "failed", finishedAt: now(), claim: null, error },
  });
}
