import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { Session } from "./client";
import { sqlState } from "./failures";
import { fitsAsName } from "./names";

// A role is known by its name, which can be changed. Its oid stays, in backups and standbys too, but another cluster gives
// the same number to another role: so a role is told for good by its cluster and its oid together.

/** A role as statements look for it: by its oid where that is known and still there, else by its name. */
export type RoleRef = { name: string; oid: string | null };

/** What a role keeps when it is renamed; null where the cluster does not tell itself from others. */
export function stableRoleId(cluster: string | null, oid: string): string | null {
  return cluster === null ? null : `${cluster}/${oid}`;
}

/** How to look for a role on this cluster. What was read of another cluster says nothing of this one's numbers. */
export function roleRefOf(
  cluster: string | null,
  { externalId, stableId }: { externalId: string; stableId?: string | null },
): RoleRef {
  const [of, oid] = stableId?.split("/") ?? [];
  const isOurs = cluster !== null && of === cluster && oid !== undefined && /^\d{1,10}$/.test(oid);
  return { name: fitsAsName(externalId) ? externalId : "", oid: isOurs ? oid : null };
}

/** SQL for the oid of the role whose name and oid are these two parameters. */
export function roleOid(name: `$${number}`, oid: `$${number}`): string {
  return `coalesce((select oid from pg_roles where oid = ${oid}::text::oid), (select oid from pg_roles where rolname = ${name}::name))`;
}

/** The number that a cluster and its standbys have and no other (pg_control_system); null where it may not be asked. */
export async function clusterOf(session: Pick<Session, "all">): Promise<string | null> {
  try {
    const [row] = await session.all(clusterSql, z.object({ cluster: z.string() }));
    return row?.cluster ?? null;
  } catch (error) {
    if (error instanceof ConnectorError && sqlState(error.cause)?.startsWith("42")) return null;
    throw error;
  }
}

const clusterSql = "select system_identifier::text as cluster from pg_catalog.pg_control_system()";
