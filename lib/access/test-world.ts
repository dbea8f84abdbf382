import { rows, transaction } from "../db/client";
import { maintainClosure } from "./maintain-closure";

// For tests: the inventory as a sync would have left it, put there by SQL.

export type Edge = { member: string; group: string; inherits: boolean; switches: boolean };

const longAgo = new Date("2026-01-01T00:00:00Z");

/** A connection of the kind `connector`. @returns its id. */
export async function addConnection(name: string, connector = "test", coverage: object = {}): Promise<string> {
  return onlyId(
    "insert into connections (name, connector, settings, coverage) values ($1, $2, '{}', $3) returning id",
    [name, connector, coverage],
  );
}

/** An account or group. @returns its id. */
export async function addPrincipal(
  connectionId: string,
  type: "account" | "group",
  name: string,
  facts: { identityId?: string; since?: Date; externalId?: string } = {},
): Promise<string> {
  return onlyId(
    `insert into principals (connection_id, type, external_id, name, content_hash, identity_id, first_seen_at)
     values ($1, $2, $3, $4, '', $5, $6) returning id`,
    [connectionId, type, facts.externalId ?? name, name, facts.identityId ?? null, facts.since ?? longAgo],
  );
}

/** A person in the inventory. @returns its id. */
export async function addIdentity(
  name: string,
  facts: { ownerId?: string; backupOwnerId?: string; managerId?: string; kind?: string } = {},
): Promise<string> {
  return onlyId(
    `insert into identities (kind, kind_reason, name, owner_id, backup_owner_id, manager_id, first_seen_at)
     values ($1, 'said by the test', $2, $3, $4, $5, $6) returning id`,
    [facts.kind ?? "human", name, facts.ownerId ?? null, facts.backupOwnerId ?? null, facts.managerId ?? null, longAgo],
  );
}

/** Memberships that begin at `since`. */
export async function addMemberships(connectionId: string, edges: readonly Edge[], since = longAgo): Promise<void> {
  await rows(
    `insert into memberships (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
     select $1, member, grp, inherits, switches, false, $6
     from unnest($2::uuid[], $3::uuid[], $4::boolean[], $5::boolean[]) as e (member, grp, inherits, switches)`,
    [
      connectionId,
      edges.map((edge) => edge.member),
      edges.map((edge) => edge.group),
      edges.map((edge) => edge.inherits),
      edges.map((edge) => edge.switches),
      since,
    ],
  );
}

/** Ends live memberships at `at`. */
export async function endMemberships(edges: readonly Pick<Edge, "member" | "group">[], at: Date): Promise<void> {
  await rows(
    `update memberships m set removed_at = $3 from unnest($1::uuid[], $2::uuid[]) as e (member, grp)
     where m.member_id = e.member and m.group_id = e.grp and m.removed_at is null`,
    [edges.map((edge) => edge.member), edges.map((edge) => edge.group), at],
  );
}

/** A resource. @returns its id. */
export async function addResource(
  connectionId: string,
  type: string,
  name: string,
  facts: { externalId?: string; parentId?: string; attributes?: object; since?: Date } = {},
): Promise<string> {
  return onlyId(
    `insert into resources (connection_id, type, external_id, name, parent_id, attributes, content_hash, first_seen_at)
     values ($1, $2, $3, $4, $5, $6, '', $7) returning id`,
    [
      connectionId,
      type,
      facts.externalId ?? name,
      name,
      facts.parentId ?? null,
      facts.attributes ?? {},
      facts.since ?? longAgo,
    ],
  );
}

/** An entitlement on a resource. @returns its id. */
export async function addEntitlement(
  connectionId: string,
  resourceId: string,
  permission: string,
  facts: { condition?: string; pattern?: object; privilege?: number; since?: Date } = {},
): Promise<string> {
  return onlyId(
    `insert into entitlements (connection_id, resource_id, permission, condition, pattern, privilege, first_seen_at)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      connectionId,
      resourceId,
      permission,
      facts.condition ?? null,
      facts.pattern ?? null,
      facts.privilege ?? 1,
      facts.since ?? longAgo,
    ],
  );
}

/** That a principal holds an entitlement. @returns the assignment's id. */
export async function assign(
  connectionId: string,
  principalId: string,
  entitlementId: string,
  facts: { since?: Date; validUntil?: Date } = {},
): Promise<string> {
  return onlyId(
    `insert into assignments (connection_id, principal_id, entitlement_id, first_seen_at, valid_until)
     values ($1, $2, $3, $4, $5) returning id::text`,
    [connectionId, principalId, entitlementId, facts.since ?? longAgo, facts.validUntil ?? null],
  );
}

/** Rebuilds the closure of a connection. */
export async function closeGroups(connectionId: string, changed: "all" | readonly string[] = "all") {
  return transaction((tx) => maintainClosure(tx, connectionId, changed));
}

async function onlyId(sql: string, values: unknown[]): Promise<string> {
  const [row] = await rows<{ id: string }>(sql, values);
  if (!row) throw new Error("nothing was inserted");
  return row.id;
}
