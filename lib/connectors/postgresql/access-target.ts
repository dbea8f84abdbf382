import type { AccessRef } from "../provisioning";
import { databaseOf, fitsAsName, partsOf, splitDatabase } from "./names";
import { permissionsOn, predefinedRoles, roleAttributes } from "./rules";

// What an access is about, from its names alone. Pure.

/** What can be given: membership of a role, or a privilege on an object. */
export type AccessTarget =
  | { kind: "membership"; externalId: string; stableId: string | null }
  | {
      kind: "object";
      type: string;
      permission: string;
      /** The database it is in; null where it belongs to the cluster. */
      database: string | null;
      /** Schema and name, or what else finds it. */
      parts: string[];
      /** The types of a function's arguments, as they are read. */
      args: string | null;
      /** What no new name of it changes, as it was read. */
      stableId: string | null;
    };

/** Why something cannot be given, and what can be done instead. */
export type Refusal = { because: string; remedy: string };

/** The target of an access, or why that can never be given. */
export function targetOf(access: AccessRef): AccessTarget | Refusal {
  const { permission, resource } = access;
  if (resource.type === "group") return membershipOf(permission, resource);
  if (resource.type === "cluster") return clusterWide(permission);
  if (permission === "OWNER") {
    return {
      because: "ownership is handed over, not given",
      remedy: "Ask for the privileges that are needed, or for membership of the role that owns it.",
    };
  }
  if (permission.startsWith("DEFAULT ")) {
    return {
      because: "this is about objects that do not exist yet, and the role that makes them decides it",
      remedy: "Ask for membership of a role that has these default privileges.",
    };
  }
  if (!permissionsOn(resource.type).includes(permission)) {
    return {
      because: `there is no ${permission} on a ${resource.type.replaceAll("_", " ")} in PostgreSQL`,
      remedy: permissionsOn(resource.type).length > 0 ? `There is ${listed(resource.type)}.` : "Choose another access.",
    };
  }
  return objectOf(permission, resource) ?? notAName(resource.externalId);
}

/** Pure. Can this be given and taken, as far as the names tell? */
export function canGive(access: AccessRef): true | Refusal {
  const target = targetOf(access);
  return "kind" in target ? true : target;
}

function membershipOf(
  permission: string,
  { externalId: role, stableId }: AccessRef["resource"],
): AccessTarget | Refusal {
  if (permission !== "member") {
    return { because: `of a role one is a member; there is no "${permission}"`, remedy: "Ask for membership." };
  }
  if (role === "public") {
    return { because: "every role is in PUBLIC already, always", remedy: "Nothing is needed." };
  }
  if (role === "pg_database_owner" || role.startsWith("pg_database_owner/")) {
    return {
      because: "pg_database_owner has one member, the owner of the database, and takes no other",
      remedy: "Ask for membership of the role that owns the database.",
    };
  }
  if (role.startsWith("pg_inherited/")) {
    const itself = role.slice("pg_inherited/".length);
    return {
      because: `this is not a role but what members of "${itself}" inherit`,
      remedy: `Ask for membership of "${itself}" itself.`,
    };
  }
  return fitsAsName(role) ? { kind: "membership", externalId: role, stableId: stableId ?? null } : notAName(role);
}

function clusterWide(permission: string): Refusal {
  if (Object.hasOwn(predefinedRoles, permission)) {
    return {
      because: `${permission} is what members of that role can do`,
      remedy: `Ask for membership of the role ${permission}.`,
    };
  }
  return {
    because: Object.hasOwn(roleAttributes, permission)
      ? `${permission} is an attribute of a role, not a privilege, and only a superuser sets it`
      : `there is no ${permission} on a cluster in PostgreSQL`,
    remedy: "Ask for the privileges that are needed, or for membership of a role that has them.",
  };
}

function objectOf(permission: string, { type, externalId, stableId }: AccessRef["resource"]): AccessTarget | null {
  const target = { kind: "object", type, permission, args: null, stableId: stableId ?? null } as const;
  if (type === "database") return { ...target, database: null, parts: [databaseOf(externalId)] };
  if (type === "tablespace" || type === "parameter") return { ...target, database: null, parts: [externalId] };
  const place = splitDatabase(externalId);
  if (!place || !fitsAsName(place.database)) return null;
  const { database, name } = place;
  if (type === "large_object") return /^\d{1,10}$/.test(name) ? { ...target, database, parts: [name] } : null;
  const routine = type === "function" || type === "procedure" ? routineOf(name) : null;
  const parts = partsOf(routine ? routine.name : name);
  const expected = { schema: 1, language: 1, foreign_data_wrapper: 1, foreign_server: 1, column: 3 }[type] ?? 2;
  if (!parts || parts.length !== expected || !parts.every(fitsAsName)) return null;
  return { ...target, database, parts, args: routine?.args ?? null };
}

// `a."b(".c(integer, text)`: the parenthesis that is outside of quotes.
function routineOf(name: string): { name: string; args: string } | null {
  const found = /^((?:"(?:[^"]|"")+"|[^"(])+)\((.*)\)$/s.exec(name);
  return found?.[1] !== undefined && found[2] !== undefined ? { name: found[1], args: found[2] } : null;
}

function listed(type: string): string {
  return permissionsOn(type)
    .filter((permission) => permission !== "OWNER")
    .join(", ");
}

function notAName(id: string): Refusal {
  return {
    because: `"${id.slice(0, 100)}" is no name that PostgreSQL could have`,
    remedy: "Choose it from the inventory.",
  };
}
