import type { Env } from "../env";
import type { Role } from "./permissions";

type GroupSettings = Pick<
  Env,
  "ROLLCALL_ADMINISTRATOR_GROUPS" | "ROLLCALL_SECURITY_GROUPS" | "ROLLCALL_AUDITOR_GROUPS" | "ROLLCALL_MEMBER_GROUPS"
>;

/**
 * The roles that an issuer's groups give here. Whoever may sign in is a member; where ROLLCALL_MEMBER_GROUPS is set,
 * somebody in none of the named groups gets no role at all, and is not let in. Pure.
 */
export function rolesOfGroups(groups: readonly string[], settings: GroupSettings): Role[] {
  const inOneOf = (list: string) => namesIn(list).some((name) => groups.includes(name));
  const given: Role[] = [];
  if (inOneOf(settings.ROLLCALL_ADMINISTRATOR_GROUPS)) given.push("administrator");
  if (inOneOf(settings.ROLLCALL_SECURITY_GROUPS)) given.push("security");
  if (inOneOf(settings.ROLLCALL_AUDITOR_GROUPS)) given.push("auditor");
  const everybody = namesIn(settings.ROLLCALL_MEMBER_GROUPS).length === 0;
  if (everybody || given.length > 0 || inOneOf(settings.ROLLCALL_MEMBER_GROUPS)) given.push("member");
  return given;
}

/**
 * The groups in `claims` under `path`, which may be dotted (`realm_access.roles`); a single name counts as a list of
 * one. A claim of another shape gives none. Pure.
 */
export function groupsOfClaims(claims: Record<string, unknown>, path: string): string[] {
  const found = Object.hasOwn(claims, path) ? claims[path] : path.split(".").reduce<unknown>(step, claims);
  const list = Array.isArray(found) ? found : [found];
  return list.filter((item): item is string => typeof item === "string" && item.length <= 500).slice(0, 5_000);
}

function step(at: unknown, name: string): unknown {
  return typeof at === "object" && at !== null && Object.hasOwn(at, name)
    ? Object.entries(at).find(([key]) => key === name)?.[1]
    : undefined;
}

// Names of groups may hold spaces and, as distinguished names, commas; those are separated by semicolons.
function namesIn(list: string): string[] {
  const separator = list.includes(";") ? ";" : ",";
  return list
    .split(separator)
    .map((name) => name.trim())
    .filter(Boolean);
}
