import type { Connector } from "../connectors/contract";
import type { AccessRef } from "../connectors/provisioning";
import { connectorNamed } from "../connectors/registry";
import type { Read } from "../db/client";
import { whyNotGiving } from "../grants/target";

/** A system that somebody leaves, and what Rollcall can do there by itself. */
export type LeavingSystem = {
  name: string;
  connector: Connector | null;
  /** Why no access can be taken there one by one; null: it can. */
  whyNotTaking: string | null;
  /** Why a person has to shut accounts there; null: Rollcall does. */
  whyNotShutting: string | null;
  /** Are accounts deleted there after the hold? */
  deletes: boolean;
};

/** The systems behind these connections, by their id. */
export async function findSystems(read: Read, connectionIds: readonly string[]): Promise<Map<string, LeavingSystem>> {
  const rows = await read<{ id: string; name: string; connector: string; settings: unknown }>(
    "select id, name, connector, settings from connections where id = any($1::uuid[])",
    [connectionIds],
  );
  return new Map(rows.map((row) => [row.id, systemOf(row)]));
}

/** Why one access there cannot be taken by itself; it goes with its account then. */
export function whyNotTaken(system: LeavingSystem | undefined, access: AccessRef): string | null {
  if (system?.whyNotTaking) return system.whyNotTaking;
  const may = system?.connector?.canGive?.(access) ?? true;
  return may === true ? null : may.because;
}

function systemOf(row: { name: string; connector: string; settings: unknown }): LeavingSystem {
  const connector = connectorNamed(row.connector);
  const settings = connector?.settings.safeParse(row.settings);
  const parsed = connector && settings?.success ? { connector, settings: settings.data } : null;
  const whyNotTaking = parsed ? (whyNotGiving(parsed.connector, parsed.settings)?.because ?? null) : null;
  return {
    name: row.name,
    connector,
    whyNotTaking,
    whyNotShutting: parsed ? whyNotShut(parsed.connector, parsed.settings) : null,
    deletes: connector?.remove !== undefined && whyNotTaking === null,
  };
}

function whyNotShut(connector: Connector, settings: unknown): string | null {
  if (!connector.disable) return `${connector.label} is only read, not changed`;
  const may = connector.mayProvision?.(settings) ?? true;
  return may === true ? null : may.because;
}
