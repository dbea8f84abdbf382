import type { Role } from "./file-headers";

/** The column that plays each role in a table. */
export type Columns = Map<Role, string>;

/** A header that says "manager" does not say by what it names one: the values do, where another column has them too. */
export function withManagerNamed(roles: Columns, sample: (column: string) => string[]): Columns {
  const manager = roles.get("manager");
  if (!manager || roles.has("managerId") || roles.has("managerEmail")) return roles;
  const named = new Set(sample(manager).filter((value) => value !== ""));
  const isIn = (role: Role) => sample(roles.get(role) ?? "").some((value) => named.has(value));
  // By the id, which is taken anyway.
  if (isIn("id")) return roles;
  if (isIn("employeeNumber")) return new Map(roles).set("managerId", manager);
  return isIn("email") ? new Map(roles).set("managerEmail", manager) : roles;
}

/** Whom a row is about. The column that managers are named by comes first, so that a manager can be found. */
export function subjectOf(roles: Columns): string | null {
  const byManager: Role[] = roles.has("managerId")
    ? ["employeeNumber", "id"]
    : roles.has("managerEmail")
      ? ["email"]
      : [];
  const order: Role[] = [...byManager, "account", "memberId", "id", "username", "email", "employeeNumber"];
  const role = order.find((one) => roles.has(one)) ?? (hasEdge(roles) || roles.has("group") ? null : "name");
  return role === null ? null : (roles.get(role) ?? null);
}

/** More than one row may be about the same account: a row for each membership, assignment or key. */
export function hasEdge(roles: Columns): boolean {
  return roles.has("permission") || roles.has("resource") || roles.has("keyId") || roles.has("memberId");
}
