import { type Observation, privileges } from "../schema";
import { cluster, databaseId, databaseOwners, inDatabase, inheritedFrom, publicGroup } from "./names";
import { predefinedRoles, privilegeOf, roleAttributes } from "./rules";
import type { DatabaseRow, DefaultGrantRow, GrantRow, MembershipRow, ObjectRow, RoleRow } from "./schema";

// What the server sent, as observations. Pure.

/** What is known of the cluster while its parts are read. */
export type Cluster = {
  major: number;
  databases: readonly DatabaseRow[];
  /** Roles whose members inherit their grants but not their attributes. */
  attributedGroups: ReadonlySet<string>;
};

/** The whole cluster, as the resource that everything else is in. */
export function clusterResource(address: string): Observation {
  return { kind: "resource", ...cluster, name: address, attributes: {} };
}

/** PUBLIC, and for each database its owners: the groups that PostgreSQL has without a role for them. */
export function builtInGroups(cluster: Cluster): Observation[] {
  return [
    { kind: "group", externalId: publicGroup, name: "PUBLIC", displayName: "Every role, always" },
    ...cluster.databases.flatMap(({ name, owner, owner_inherits }): Observation[] => [
      {
        kind: "group",
        externalId: databaseOwners(name),
        name: `pg_database_owner in ${name}`,
        displayName: "Whoever owns the database",
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
      attributes: attributesOf(role),
    },
    implicitly(role.name, publicGroup),
    ...inheritancePoint(role, cluster),
    ...passwordOf(role, now),
    ...attributeAssignments(role, cluster),
  ];
}

function attributesOf(role: RoleRow): Record<string, unknown> {
  return {
    oid: role.oid,
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

/** Where an object is: in this database, or in none. */
export type Place = { database: string | null; cluster: Cluster };

/** An object, and who owns it. */
export function objectObservations(row: ObjectRow, place: Place): Observation[] {
  const resource = referenceTo(row.type, row.name, place.database);
  const owner = row.owner === null ? {} : { owner: row.owner };
  return [
    {
      kind: "resource",
      ...resource,
      name: row.name,
      parent: parentOf(row, place.database),
      attributes: { ...row.attributes, ...owner },
    },
    ...holdersOf(row.owner, row, place).map(
      ({ holder, condition }): Observation => ({
        kind: "assignment",
        holder,
        resource,
        permission: "OWNER",
        privilege: privileges.admin,
        condition,
        grantable: true,
      }),
    ),
  ].filter((item) => item.kind === "resource" || row.type !== "column") as Observation[];
}

/** A privilege on an object; nothing where its holder is gone meanwhile. */
export function grantObservations(row: GrantRow, place: Place): Observation[] {
  const resource = referenceTo(row.type, row.name, place.database);
  const held = (holder: string, condition: string | null): Observation => ({
    kind: "assignment",
    holder,
    resource,
    permission: row.privilege,
    privilege: privilegeOf(row.privilege),
    condition,
    grantable: row.grantable,
    grantedBy: row.grantors,
  });
  if (row.public) return [held(publicGroup, row.condition)];
  const holders = holdersOf(row.grantee, row, place);
  const isRowSecurity = row.condition?.startsWith("row-level security") ?? false;
  if (!row.bypasses || !isRowSecurity || row.grantee === null) {
    return holders.map(({ holder, condition }) => held(holder, row.condition ?? condition));
  }
  // BYPASSRLS is the role's own: what it was granted has no condition for it, but has for those who inherit it.
  const inheritors = holders.filter(({ holder }) => holder !== row.grantee);
  return [held(row.grantee, null), ...inheritors.map(({ holder }) => held(holder, row.condition))];
}

/** A privilege that objects made later will have. */
export function defaultGrantObservations(row: DefaultGrantRow, place: Place & { database: string }): Observation[] {
  const resource =
    row.schema === null
      ? referenceTo("database", place.database, null)
      : referenceTo("schema", row.schema, place.database);
  const holders = row.public
    ? [publicGroup]
    : holdersOf(row.grantee, { type: "schema" }, place).map(({ holder }) => holder);
  return holders.map((holder) => ({
    kind: "assignment",
    holder,
    resource,
    permission: `DEFAULT ${row.privilege} ON ${row.objects} FOR ROLE ${row.role}`,
    privilege: privilegeOf(row.privilege),
    grantable: row.grantable,
  }));
}

function referenceTo(type: string, name: string, database: string | null): { type: string; externalId: string } {
  if (type === "database") return { type, externalId: databaseId(name) };
  return { type, externalId: database === null ? name : inDatabase(database, name) };
}

function parentOf(row: ObjectRow, database: string | null): { type: string; externalId: string } {
  if (row.parent_type === "schema" || row.type === "column") {
    return referenceTo(row.parent_type ?? "schema", row.parent_name ?? "", database);
  }
  return database === null ? cluster : referenceTo("database", database, null);
}

/**
 * Who in the inventory holds what `role` was given. The role pg_database_owner is another group in each database; what
 * it holds outside of any holds only while connected to one's own.
 */
function holdersOf(
  role: string | null,
  object: { type: string; name?: string },
  { database, cluster }: Place,
): { holder: string; condition: string | null }[] {
  if (role === null) return [];
  if (role !== "pg_database_owner") {
    return [{ holder: cluster.attributedGroups.has(role) ? inheritedFrom(role) : role, condition: null }];
  }
  const inside = database ?? (object.type === "database" ? (object.name ?? null) : null);
  if (inside !== null) return [{ holder: databaseOwners(inside), condition: null }];
  return cluster.databases.map(({ name }) => ({
    holder: databaseOwners(name),
    condition: `only while connected to the database ${name}`,
  }));
}
