import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets } from "../auth/seal-secrets";
import { ConnectorError } from "../connectors/connector-error";
import type { CheckResult } from "../connectors/contract";
import { db } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { connectorOf } from "./connector-of";
import { parseSettings } from "./parse-settings";
import { type CheckConnectionInput, checkConnectionInput } from "./schema";

/** What a check found, or why the system could not be reached, in words. */
export type CheckAnswer =
  | ({ ok: true } & CheckResult)
  | { ok: false; code: string; message: string; object: string | null; remedy: string };

const checkTimeoutMs = 15_000;

/**
 * Tries settings against the system and says what can and cannot be seen with them. Changes and keeps nothing.
 * @throws AppError `invalid`, `forbidden`, `not_found`; a system that does not answer is an answer, not an error.
 */
export async function checkConnection(actor: Actor, input: CheckConnectionInput): Promise<CheckAnswer> {
  const wanted = checkConnectionInput.parse(input);
  await authorize(actor, wanted.connectionId ? "connection:edit" : "connection:create", {
    type: "connection",
    id: wanted.connectionId ?? null,
  });
  const connector = connectorOf(wanted.connector);
  if (!connector.check)
    throw new AppError("invalid", `${connector.label} has nothing to check`, { field: "connector" });
  const kept = wanted.connectionId ? await keptSecrets(wanted.connectionId) : {};
  const { settings, secrets } = parseSettings(connector, {
    settings: wanted.settings,
    secrets: { ...kept, ...wanted.secrets },
  });
  try {
    return {
      ok: true,
      ...(await connector.check({ settings, secrets, signal: AbortSignal.timeout(checkTimeoutMs), now: now() })),
    };
  } catch (error) {
    if (error instanceof ConnectorError)
      return { ok: false, code: error.code, message: error.message, object: error.object, remedy: error.remedy };
    throw error;
  }
}

async function keptSecrets(id: string): Promise<Record<string, unknown>> {
  const connection = await db().connection.findFirst({ where: { id, removedAt: null }, select: { secrets: true } });
  if (!connection) throw new AppError("not_found", "There is no such connection.");
  return openSecrets(connection.secrets, id);
}
