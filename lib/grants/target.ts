import { randomUUID } from "node:crypto";
import { openSecrets } from "../auth/seal-secrets";
import { parseSettings } from "../connections/parse-settings";
import { ConnectorError } from "../connectors/connector-error";
import type { Connector, Context } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import { clockTold } from "../db/clock";
import { AppError } from "../errors";
import { log } from "../log";
import { minuteMs, secondMs } from "../time";
import { within } from "../time-limit";
import type { ProvisionError } from "./schema";

/** How long one verb may take before it is given up and tried again. */
export const verbTimeoutMs = 30 * secondMs;

/** A connected system, ready to be changed. */
export type Target = { connector: Connector; name: string; context: () => Context<unknown, unknown> };

type Row = {
  id: string;
  name: string;
  connector: string;
  settings: Record<string, unknown>;
  secrets: Uint8Array | null;
  at: Date;
};

/**
 * The system behind a connection.
 * @throws AppError `not_found` (the connection is gone), ConnectorError (its settings no longer fit)
 */
export async function targetOf(connectionId: string, signal: AbortSignal): Promise<Target> {
  // What is to end in the system itself ends by the clock that all processes share.
  const [row] = await rows<Row>(
    `select id, name, connector, settings, secrets, clock_timestamp() as at from connections
     where id = $1::uuid and removed_at is null`,
    [connectionId],
  );
  const connector = row && connectorNamed(row.connector);
  if (!row || !connector)
    throw new AppError("not_found", "The connection of this access is gone.", {
      remedy: "Connect the system again, or take the access away there by hand and say so.",
    });
  const { settings, secrets } = parseSettings(connector, {
    settings: row.settings,
    secrets: openSecrets(row.secrets, row.id),
  });
  const now = clockTold(row.at);
  return {
    connector,
    name: row.name,
    context: () => ({
      settings,
      secrets,
      signal: within(verbTimeoutMs, signal),
      now,
    }),
  };
}

/** Why this connection cannot give or take, or null where it can. Pure but for the settings that it reads. */
export function whyNotGiving(connector: Connector, settings: unknown): { because: string; remedy: string } | null {
  if (!connector.grant || !connector.revoke || !connector.readBack)
    return {
      because: `${connector.label} is only read, not changed`,
      remedy: "Connect it by a connector that can give access, or have a person do it.",
    };
  const may = connector.mayProvision?.(settings) ?? true;
  return may === true ? null : may;
}

/** What kept a change from the target, for the grant and its readers. */
export function provisionErrorOf(error: unknown): ProvisionError {
  if (error instanceof ConnectorError) {
    const { code, message, remedy, retryable } = error;
    return { code, message, remedy, retryable };
  }
  if (error instanceof AppError)
    return { code: "invalid", message: error.message, remedy: error.remedy ?? "", retryable: true };
  const reference = randomUUID().slice(0, 8);
  log().error({ err: error, reference }, "giving or taking access failed");
  return {
    code: "bug",
    message: "something went wrong in Rollcall while changing this system",
    remedy: `Look for the reference ${reference} in Rollcall's log.`,
    retryable: true,
  };
}

/** When to try again after so many failures: soon at first, at most every five minutes, for ever; spread by a fifth. */
export function retryDelayMs(attempts: number, dice: number = Math.random()): number {
  const base = Math.min(2 ** Math.min(attempts, 12) * 500, 5 * minuteMs);
  return Math.round(base * (0.9 + 0.2 * dice));
}
