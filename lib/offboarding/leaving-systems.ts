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
  /** Is it a list that says who works here, and nothing that anybody signs in to? Then there is nothing to shut in it. */
  onlyLists: boolean;
};

// What tells of groups, access or credentials lists accounts of a system, whatever else it is used for.
const onlyListsSql = `case when is_identity_source then not (
    exists (select 1 from principals p where p.connection_id = c.id and p.type = 'group' and p.removed_at is null)
    or exists (select 1 from assignments a where a.connection_id = c.id and a.removed_at is null)
    or exists (select 1 from credentials k where k.connection_id = c.id and k.removed_at is null)) else false end`;

/** The systems behind these connections, by their id. */
export async function findSystems(read: Read, connectionIds: readonly string[]): Promise<Map<string, LeavingSystem>> {
  const rows = await read<Row>(
    `select c.id, c.name, c.connector, c.settings, ${onlyListsSql} as "onlyLists", coalesce((select r.attributes from resources r
       where r.connection_id = c.id and r.type = 'directory' and r.removed_at is null limit 1), '{}') as facts
     from connections c where c.id = any($1::uuid[])`,
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

type Facts = Readonly<Record<string, unknown>>;
type Row = { id: string; name: string; connector: string; settings: unknown; onlyLists: boolean; facts: Facts };

function systemOf(row: Row): LeavingSystem {
  const connector = connectorNamed(row.connector);
  const settings = connector?.settings.safeParse(row.settings);
  const parsed = connector && settings?.success ? { connector, settings: settings.data } : null;
  const whyNotTaking = parsed ? (whyNotGiving(parsed.connector, parsed.settings)?.because ?? null) : null;
  return {
    name: row.name,
    connector,
    whyNotTaking,
    whyNotShutting: parsed ? whyNotShut(parsed.connector, parsed.settings, row.facts) : null,
    deletes: connector?.remove !== undefined && whyNotTaking === null,
    // Where accounts can be shut they are accounts, whatever else is told of them.
    onlyLists: row.onlyLists && connector !== null && !connector.disable,
  };
}

function whyNotShut(connector: Connector, settings: unknown, facts: Facts): string | null {
  if (!connector.disable) return `${connector.label} is only read, not changed`;
  const may = connector.mayProvision?.(settings) ?? true;
  if (may !== true) return may.because;
  const can = connector.mayDisable?.(facts) ?? true;
  return can === true ? null : can.because;
}
