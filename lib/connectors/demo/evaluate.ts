import type { ResourceFact } from "../contract";

const databases = ["CONNECT", "CREATE", "TEMPORARY"] as const;
const tables = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"] as const;

/** What can be done to a thing of each type, and how much that is: 1 read, 2 write, 3 admin, 4 everything. */
const permissions: Record<string, Record<string, 1 | 2 | 3 | 4>> = {
  cluster: { superuser: 4, "cluster-admin": 4, view: 1 },
  database: { CONNECT: 1, CREATE: 3, TEMPORARY: 1 },
  schema: { USAGE: 1, CREATE: 3 },
  table: { SELECT: 1, INSERT: 2, UPDATE: 2, DELETE: 2, TRUNCATE: 2, OWNER: 3 },
  column: { SELECT: 1, INSERT: 2, UPDATE: 2 },
  account: { AdministratorAccess: 4, PowerUserAccess: 3, ReadOnlyAccess: 1, "kms:*": 3 },
  bucket: { "s3:ListBucket": 1, "s3:GetObject": 1, "s3:PutObject": 2, "s3:DeleteObject": 2, "s3:PutBucketPolicy": 3 },
  object: { "s3:GetObject": 1, "s3:PutObject": 2, "s3:DeleteObject": 2 },
  queue: { "sqs:ReceiveMessage": 1, "sqs:SendMessage": 2, "sqs:PurgeQueue": 3 },
  key: { "kms:Decrypt": 1, "kms:Encrypt": 2, "kms:ScheduleKeyDeletion": 3 },
  function: { "lambda:GetFunction": 1, "lambda:InvokeFunction": 2, "lambda:UpdateFunctionCode": 3 },
  organisation: { owner: 4, member: 1 },
  repository: { read: 1, triage: 1, write: 2, maintain: 3, admin: 3 },
  namespace: { view: 1, edit: 2, admin: 3 },
  directory: { "Domain Admins": 4, "Replicating Directory Changes": 4 },
  share: { Read: 1, Modify: 2, "Full control": 3 },
  unit: { "Read all properties": 1, "Reset password": 3, "Create users": 3 },
  tenant: { "Global Administrator": 4, "User Administrator": 3, "Global Reader": 1 },
  application: { user: 1, owner: 2 },
  api: { call: 1, "call:write": 2, administer: 3 },
  desk: { agent: 2, administrator: 3, "light agent": 1 },
  workspace: { member: 1, administrator: 3, owner: 4 },
  channel: { read: 1, post: 2, manage: 3 },
  tool: { call: 2, configure: 3 },
  model: { call: 1 },
  folder: { read: 1, write: 2, manage: 3 },
  people: { "read worker": 1, "edit worker": 2, administrator: 4 },
};

// The words by which one permission has others: PostgreSQL's owner has all of a table, an admin of a repository writes.
const ladders: readonly (readonly string[])[] = [
  ["read", "triage", "write", "maintain", "admin"],
  ["view", "edit", "admin"],
];

/** The permissions that exist on a resource of this type. */
export function permissionsOn(type: string): string[] {
  return Object.hasOwn(permissions, type) ? Object.keys(permissions[type] ?? {}) : [];
}

/** How much a permission on a type of resource is. */
export function privilegeOf(type: string, permission: string): 1 | 2 | 3 | 4 {
  return (Object.hasOwn(permissions, type) ? permissions[type]?.[permission] : undefined) ?? 1;
}

/**
 * What an entitlement with a pattern gives on a resource. Three patterns exist: `everything` (superuser, an
 * administrator's policy), `all` (these permissions on every resource of a type) and `rule` (actions and resource
 * names with `*`, as AWS writes them).
 */
export function patternGrants(pattern: Record<string, unknown>, resource: ResourceFact): string[] {
  const there = permissionsOn(resource.type);
  if (pattern.grants === "everything") return there;
  if (pattern.grants === "all") {
    return pattern.type === resource.type
      ? there.filter((permission) => wordsIn(pattern.permissions).includes(permission))
      : [];
  }
  if (pattern.grants !== "rule" || !wordsIn(pattern.resources).some((glob) => matches(glob, resource.externalId)))
    return [];
  return there.filter((permission) => wordsIn(pattern.actions).some((glob) => matches(glob, permission)));
}

/** Whose entitlements also decide: a column's table; an object's bucket, never further up. */
export function enclosing(resource: { type: string; id: string }): { type: string; id: string }[] {
  if (resource.type === "column") {
    const cut = resource.id.lastIndexOf(".");
    return cut > 0 ? [{ type: "table", id: resource.id.slice(0, cut) }] : [];
  }
  if (resource.type === "object") {
    const cut = resource.id.indexOf("/");
    return cut > 0 ? [{ type: "bucket", id: resource.id.slice(0, cut) }] : [];
  }
  return [];
}

/** The given permission and those below it on the same ladder: who may write may read. */
export function withLower(permission: string): string[] {
  const ladder = ladders.find((steps) => steps.includes(permission));
  return ladder ? ladder.slice(0, ladder.indexOf(permission) + 1) : [permission];
}

export const tablePermissions: readonly string[] = tables;
export const databasePermissions: readonly string[] = databases;

function wordsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : [];
}

// A glob with `*` only, without a regular expression that hostile text could slow down.
function matches(glob: string, text: string): boolean {
  const [first = "", ...rest] = glob.toLowerCase().split("*");
  const subject = text.toLowerCase();
  if (rest.length === 0) return subject === first;
  if (!subject.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return subject.length - last.length >= at && subject.endsWith(last);
}
