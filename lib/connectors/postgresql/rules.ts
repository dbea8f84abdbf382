import { z } from "zod";
import type { ResourceFact } from "../contract";
import { privileges } from "../schema";
import { isInCatalog, withoutLastPart } from "./names";

// What PostgreSQL itself would answer, from what was read of it. Pure; may run anywhere.

const relation = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "OWNER"];
/** Relations share one name space: what is asked for as a table may be a view. */
const relationTypes = ["table", "view", "materialized_view", "foreign_table"];

/** The attributes of a role that open something, as PostgreSQL writes them, and how far each goes. */
export const roleAttributes = {
  SUPERUSER: privileges.everything,
  REPLICATION: privileges.admin,
  BYPASSRLS: privileges.admin,
  CREATEROLE: privileges.admin,
  CREATEDB: privileges.write,
} as const;

/**
 * The roles that PostgreSQL brings and what belonging to one is worth. Running programs or writing files as the server
 * is a way to everything; what covers every table of every database counts as admin.
 */
export const predefinedRoles: Record<string, number> = {
  pg_read_all_data: privileges.admin,
  pg_write_all_data: privileges.admin,
  pg_maintain: privileges.admin,
  pg_execute_server_program: privileges.everything,
  pg_write_server_files: privileges.everything,
  pg_read_server_files: privileges.admin,
  pg_signal_backend: privileges.write,
  pg_signal_autovacuum_worker: privileges.write,
  pg_checkpoint: privileges.write,
  pg_create_subscription: privileges.admin,
  pg_use_reserved_connections: privileges.read,
  pg_monitor: privileges.read,
  pg_read_all_settings: privileges.read,
  pg_read_all_stats: privileges.read,
  pg_stat_scan_tables: privileges.read,
};

const permissions: Record<string, string[]> = {
  cluster: [...Object.keys(roleAttributes), ...Object.keys(predefinedRoles)],
  database: ["CONNECT", "CREATE", "TEMPORARY", "OWNER"],
  schema: ["USAGE", "CREATE", "OWNER"],
  ...Object.fromEntries(relationTypes.map((type) => [type, relation])),
  column: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
  sequence: ["USAGE", "SELECT", "UPDATE", "OWNER"],
  function: ["EXECUTE", "OWNER"],
  procedure: ["EXECUTE", "OWNER"],
  type: ["USAGE", "OWNER"],
  language: ["USAGE", "OWNER"],
  large_object: ["SELECT", "UPDATE", "OWNER"],
  foreign_data_wrapper: ["USAGE", "OWNER"],
  foreign_server: ["USAGE", "OWNER"],
  tablespace: ["CREATE", "OWNER"],
  parameter: ["SET", "ALTER SYSTEM"],
};

/** The permissions that exist on a resource of this type. */
export function permissionsOn(type: string): string[] {
  return Object.hasOwn(permissions, type) ? (permissions[type] ?? []) : [];
}

/** The pattern of an assignment that covers more than its own resource. */
export const pattern = z.object({
  rule: z.enum(["superuser", "pg_read_all_data", "pg_write_all_data", "pg_maintain"]),
  /** The server's major version: MAINTAIN came with 17. */
  server: z.number().int(),
  /** Which tables: those with row-level security, whose policies are then a condition, or the others. */
  rowSecurity: z.boolean().optional(),
});
export type Pattern = z.infer<typeof pattern>;

/** Which permissions a pattern gives on this resource, as the server's own checks have it (acl.c, aclchk.c). */
export function patternGrants(given: Record<string, unknown>, resource: ResourceFact): string[] {
  const parsed = pattern.safeParse(given);
  if (!parsed.success) return [];
  const { rule, server, rowSecurity } = parsed.data;
  if (rule === "superuser") {
    return permissionsOn(resource.type).filter((permission) => permission !== "MAINTAIN" || server >= 17);
  }
  const granted = dataGrants(rule, resource);
  if (rowSecurity === undefined) return granted;
  const protectedRows = resource.attributes.rowSecurity === true;
  return rowSecurity === protectedRows ? granted : [];
}

function dataGrants(rule: Exclude<Pattern["rule"], "superuser">, resource: ResourceFact): string[] {
  const { type } = resource;
  const isRelation = relationTypes.includes(type);
  if (rule === "pg_maintain") return isRelation ? ["MAINTAIN"] : [];
  if (type === "schema") return ["USAGE"];
  if (rule === "pg_read_all_data") return isRelation || type === "column" || type === "sequence" ? ["SELECT"] : [];
  if (isCatalog(resource)) return [];
  if (isRelation) return ["INSERT", "UPDATE", "DELETE"];
  if (type === "column") return ["INSERT", "UPDATE"];
  return type === "sequence" ? ["UPDATE"] : [];
}

// System catalogs are changed by superusers only, whatever was granted.
function isCatalog(resource: ResourceFact): boolean {
  const { catalog } = resource.attributes;
  return catalog === undefined && resource.type === "column" ? isInCatalog(resource.externalId) : catalog === true;
}

/**
 * Whose entitlements also decide: for a column its table's. A relation that is asked for as another kind of relation is
 * the same one.
 */
export function enclosing(resource: { type: string; id: string }): { type: string; id: string }[] {
  if (relationTypes.includes(resource.type)) {
    return relationTypes.filter((type) => type !== resource.type).map((type) => ({ type, id: resource.id }));
  }
  const table = resource.type === "column" ? withoutLastPart(resource.id) : null;
  return table === null ? [] : relationTypes.map((type) => ({ type, id: table }));
}

/** How far a permission goes, from 1 read to 4 everything. */
export function privilegeOf(permission: string): number {
  if (["SELECT", "CONNECT", "USAGE"].includes(permission)) return privileges.read;
  return ["OWNER", "ALTER SYSTEM"].includes(permission) ? privileges.admin : privileges.write;
}
