import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { sealSecrets } from "../auth/seal-secrets";
import { databaseCode, type Tx, transaction } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { now } from "../time";
import { connectorOf } from "./connector-of";
import { parseSettings } from "./parse-settings";
import { orderSync } from "./request-sync";
import { type CreateConnectionInput, createConnectionInput } from "./schema";

/**
 * Makes a connection, and orders its first sync unless `syncNow` is false.
 * @throws AppError `invalid` (a setting does not fit), `conflict` (the name is taken), `forbidden`
 */
export async function createConnection(
  actor: Actor,
  input: CreateConnectionInput,
): Promise<{ id: string; runId: string | null }> {
  const wanted = createConnectionInput.parse(input);
  await authorize(actor, "connection:create", { type: "connection", name: wanted.name });
  const connector = connectorOf(wanted.connector);
  const { settings, secrets } = parseSettings(connector, wanted);
  try {
    return await transaction(async (tx) => {
      const id = await insert(tx, wanted, settings, secrets);
      await record(tx, actor, {
        action: "connection.created",
        target: { type: "connection", id, name: wanted.name },
        after: { ...wanted, secrets: Object.keys(secrets) },
        details: { connector: wanted.connector, environment: wanted.environment },
      });
      return { id, runId: wanted.syncNow && connector.read ? await orderSync(tx, actor, id) : null };
    });
  } catch (error) {
    throw nameTaken(error, wanted.name);
  }
}

async function insert(
  tx: Tx,
  wanted: ReturnType<typeof createConnectionInput.parse>,
  settings: Record<string, unknown>,
  secrets: Record<string, unknown>,
): Promise<string> {
  const { id } = await tx.connection.create({
    data: {
      name: wanted.name,
      connector: wanted.connector,
      environment: wanted.environment,
      settings: settings as Prisma.InputJsonObject,
      isIdentitySource: wanted.isIdentitySource,
      scheduleMinutes: wanted.scheduleMinutes,
      createdAt: now(),
    },
    select: { id: true },
  });
  if (Object.keys(secrets).length > 0) {
    await tx.connection.update({
      where: { id },
      data: { secrets: Uint8Array.from(sealSecrets(secrets, id)) },
      select: { id: true },
    });
  }
  return id;
}

/** A broken uniqueness of the name in words; anything else as it was. */
export function nameTaken(error: unknown, name: string): unknown {
  const taken = databaseCode(error) === "23505" || (error as { code?: string }).code === "P2002";
  return taken
    ? new AppError("conflict", `there is a connection called ${name} already`, {
        field: "name",
        remedy: "Choose another name.",
        cause: error,
      })
    : error;
}
