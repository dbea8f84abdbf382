import { type Observation, privileges } from "../schema";
import type { Cluster } from "./map-roles";
import { cluster, databaseId, databaseOwners, inDatabase, inheritedFrom, publicGroup } from "./names";
import { privilegeOf } from "./rules";
import type { DefaultGrantRow, GrantRow, ObjectRow } from "./schema";

// Objects, owners and privileges as observations. Pure.

/** The whole cluster, as the resource that everything else is in. */
export function clusterResource(address: string): Observation {
  return { kind: "resource", ...cluster, name: address, attributes: {} };
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
      attributes: { ...row.attributes, ...owner, ...stableIdOf(row, place) },
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

function stableIdOf({ self }: ObjectRow, { database, cluster }: Place): { stableId?: string } {
  const inside = database === null ? "0" : cluster.databases.find(({ name }) => name === database)?.oid;
  if (self === null || cluster.id === null || inside === undefined) return {};
  return { stableId: `${cluster.id}/${inside}/${self}` };
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
