import { heldSql } from "../access/held-sql";
import { type Read, rows } from "../db/client";
import type { AccessPattern, ConflictRule } from "../policies/schema";

/** An access by the names that conflicts are written in. */
export type NamedAccess = { connection: string; permission: string; resource: string };

/**
 * The names of the separations of duties that the subject would break by holding `asked` too. Counted over what is held
 * by whatever path, what is granted and not yet there, and what other requests are pending for.
 */
export async function findConflicts(
  rules: readonly ConflictRule[],
  {
    subjectId,
    asked,
    exceptRequestId,
  }: { subjectId: string; asked: readonly NamedAccess[]; exceptRequestId: string | null },
  read: Read = rows,
): Promise<string[]> {
  const concerned = rules.filter((rule) => rule.between.some((set) => asked.some((access) => isIn(set, access))));
  if (concerned.length === 0) return [];
  const all = [...asked, ...(await heldAndComing(read, subjectId, exceptRequestId))];
  return concerned.filter((rule) => breaks(rule, all)).map(({ name }) => name);
}

/** Does one identity with all of these break the rule? Pure. */
export function breaks({ between, hold = 2 }: ConflictRule, all: readonly NamedAccess[]): boolean {
  return between.filter((set) => all.some((access) => isIn(set, access))).length >= hold;
}

function isIn(set: readonly AccessPattern[], access: NamedAccess): boolean {
  return set.some(
    (pattern) =>
      matches(pattern.connection, access.connection) &&
      matches(pattern.permission, access.permission) &&
      matches(pattern.resource, access.resource),
  );
}

/** Does `text` match the glob, where `*` stands for any number of characters? In linear time, whatever the glob. */
export function matches(glob: string, text: string): boolean {
  const [first = "", ...rest] = glob.split("*");
  if (rest.length === 0) return glob === text;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

const heldSqlText = `
  with recursive accounts (id) as materialized (
    select p.id from principals p where p.identity_id = $1 and p.type = 'account' and p.removed_at is null),
  ${heldSql("now", "null")}
  select c.name as connection, 'member' as permission, g.name as resource
  from (select distinct holder from held) h join principals g on g.id = h.holder and g.type = 'group'
    join connections c on c.id = g.connection_id
  union
  select c.name, e.permission, r.name
  from (select distinct holder from held) h join assignments s on s.principal_id = h.holder and s.removed_at is null
    join entitlements e on e.id = s.entitlement_id join resources r on r.id = e.resource_id
    join connections c on c.id = e.connection_id
  union
  select c.name, g.permission, g.resource_name from grants g join connections c on c.id = g.connection_id
  where g.subject_id = $1 and g.state in ('scheduled', 'activating', 'activation_failed', 'active')
    and g.request_id is distinct from $2::uuid
  union
  select c.name, i.permission, i.resource_name from requests r join request_items i on i.request_id = r.id
    join connections c on c.id = i.connection_id
  where r.subject_id = $1 and r.state in ('pending', 'approved') and i.dropped_at is null
    and r.id is distinct from $2::uuid`;

async function heldAndComing(read: Read, subjectId: string, exceptRequestId: string | null): Promise<NamedAccess[]> {
  return read<NamedAccess>(heldSqlText, [subjectId, exceptRequestId], "held-and-coming");
}
