import type { Observation } from "../schema";
import { cluster, databaseOwners, inheritedFrom, publicGroup } from "./names";
import { stableRoleId } from "./role-ref";
import { predefinedRoles, roleAttributes } from "./rules";
import type { DatabaseRow, MembershipRow, RoleRow } from "./schema";

// Roles and memberships as observations. Pure.

// Nobody but PostgreSQL itself can make a role whose name begins so.
const reservedPrefix = "pg_";

/** What is known of the cluster while its parts are read. */
export type Cluster = {
  /** By what it tells itself from all others, where it does. */
  id: string | null;
  major: number;
  databases: readonly DatabaseRow[];
  /** Roles whose members inherit their grants but not their attributes. */
  attributedGroups: ReadonlySet<string>;
};

/** PUBLIC, and for each database its owners: the groups that PostgreSQL has without a role for them. */
export function builtInGroups(cluster: Cluster): Observation[] {
  return [
    {
      kind: "group",
      externalId: publicGroup,
      name: "PUBLIC",
      displayName: "Every role, always",
      attributes: { builtIn: true },
    },
    ...cluster.databases.flatMap(({ name, owner, owner_inherits }): Observation[] => [
      {
        kind: "group",
        externalId: databaseOwners(name),
        name: `pg_database_owner in ${name}`,
        displayName: "Whoever owns the database",
        attributes: { builtIn: true },
      },
      implicitly("pg_database_owner", databaseOwners(name)),
      ...(owner === null
        ? []
        : edges({ member: owner, group: databaseOwners(name), inherits: owner_inherits, switches: true }, cluster)),
    ]),
  ];
}

/** A role: itself, its password, its attributes, and that it is in PUBLIC. */
export function roleObservations(role: RoleRow, cluster: Cluster, now: Date): Observation[] {
  return [
    {
      kind: role.login ? "account" : "group",
      externalId: role.name,
      name: role.name,
      validUntil: role.valid_until,
      lastUsedAt: role.last_used_at,
      lastUsedFrom: role.last_used_from,
      attributes: attributesOf(role, cluster),
    },
    implicitly(role.name, publicGroup),
    ...inheritancePoint(role, cluster),
    ...passwordOf(role, now),
    ...attributeAssignments(role, cluster),
  ];
}

function attributesOf(role: RoleRow, { id }: Cluster): Record<string, unknown> {
  const stableId = stableRoleId(id, role.oid);
  return {
    oid: role.oid,
    ...(stableId === null ? {} : { stableId }),
    ...(role.name.startsWith(reservedPrefix) ? { builtIn: true } : {}),
    login: role.login,
    inherit: role.inherit,
    ...Object.fromEntries(attributesHeld(role).map((attribute) => [attribute.toLowerCase(), true])),
    ...(role.connection_limit >= 0 ? { connectionLimit: role.connection_limit } : {}),
    ...(role.comment === null ? {} : { comment: role.comment }),
    password: role.password,
  };
}

function attributesHeld(role: RoleRow): (keyof typeof roleAttributes)[] {
  const held = {
    SUPERUSER: role.superuser,
    REPLICATION: role.replication,
    BYPASSRLS: role.bypassrls,
    CREATEROLE: role.createrole,
    CREATEDB: role.createdb,
  };
  return (Object.keys(roleAttributes) as (keyof typeof roleAttributes)[]).filter((attribute) => held[attribute]);
}

function inheritancePoint(role: RoleRow, { attributedGroups }: Cluster): Observation[] {
  if (!attributedGroups.has(role.name)) return [];
  return [
    {
      kind: "group",
      externalId: inheritedFrom(role.name),
      name: `${role.name} (inherited)`,
      displayName: `What members of ${role.name} inherit: its grants, not its attributes`.slice(0, 200),
    },
    implicitly(role.name, inheritedFrom(role.name)),
  ];
}

function passwordOf(role: RoleRow, now: Date): Observation[] {
  if (role.password === "unknown" || role.password === "none") return [];
  const expired = role.valid_until !== null && role.valid_until <= now;
  return [
    {
      kind: "credential",
      account: role.name,
      credentialKind: "password",
      externalId: "password",
      name: "Password",
      status: expired ? "expired" : role.login ? "active" : "disabled",
      expiresAt: role.valid_until,
      attributes: { storedAs: role.password },
    },
  ];
}

function attributeAssignments(role: RoleRow, { major }: Cluster): Observation[] {
  const held = (permission: string, privilege: number, rest: object = {}): Observation => {
    return { kind: "assignment", holder: role.name, resource: cluster, permission, privilege, ...rest };
  };
  const attributes = attributesHeld(role).map((attribute) =>
    held(
      attribute,
      roleAttributes[attribute],
      attribute === "SUPERUSER" ? { pattern: { rule: "superuser", server: major } } : {},
    ),
  );
  const privilege = Object.hasOwn(predefinedRoles, role.name) ? predefinedRoles[role.name] : undefined;
  if (privilege === undefined) return attributes;
  return [...attributes, ...predefinedPatterns(role.name, major).map((rest) => held(role.name, privilege, rest))];
}

// Reading and writing all data stops at row-level security, so it is two entitlements: one with that condition.
function predefinedPatterns(rule: string, server: number): object[] {
  if (rule === "pg_maintain") return [{ pattern: { rule, server } }];
  if (rule !== "pg_read_all_data" && rule !== "pg_write_all_data") return [{}];
  return [
    { pattern: { rule, server, rowSecurity: false } },
    {
      pattern: { rule, server, rowSecurity: true },
      condition: "row-level security: the policies of each table that has them",
    },
  ];
}

/** A membership that somebody granted. */
export function membershipObservations(row: MembershipRow, cluster: Cluster): Observation[] {
  return edges(row, cluster);
}

type Edge = { member: string; group: string; inherits: boolean; switches: boolean; administers?: boolean };

// Where the member or the group has attributes, what is inherited goes around them.
function edges(edge: Edge, { attributedGroups }: Cluster): Observation[] {
  const implicit = edge.administers === undefined;
  const member = attributedGroups.has(edge.member) ? inheritedFrom(edge.member) : edge.member;
  const group = attributedGroups.has(edge.group) ? inheritedFrom(edge.group) : edge.group;
  if (member === edge.member && group === edge.group) return [{ kind: "membership", ...edge, implicit }];
  const itself: Observation = { kind: "membership", ...edge, inherits: false, implicit };
  return edge.inherits ? [itself, { kind: "membership", member, group, inherits: true, implicit }] : [itself];
}

function implicitly(member: string, group: string): Observation {
  return { kind: "membership", member, group, inherits: true, switches: false, implicit: true };
}
