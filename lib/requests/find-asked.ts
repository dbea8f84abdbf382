import { rows } from "../db/client";
import { type Asked, type AskedAccess, askedAccesses } from "../grants/policy-facts";
import type { Obstacle, RequestItemInput } from "./schema";

export type FoundItem = AskedAccess & { accountId: string | null; accountName: string | null };
export type Finding = { items: FoundItem[]; obstacles: Obstacle[] };

// An external id goes before a name; of a resource the type is the system's own word, and `role` is a group too.
const findSql = `
  select asked.n::int as n, c.id as "connectionId",
    array(select g.id from principals g where g.connection_id = c.id and g.type = 'group' and g.removed_at is null
      and asked.permission = 'member' and asked.rtype in ('group', 'role')
      and (g.external_id = asked.rid or g.name = asked.rid or g.id::text = asked.rid)
      order by g.external_id = asked.rid desc limit 2) as groups,
    array(select e.id from entitlements e join resources r on r.id = e.resource_id
      where r.connection_id = c.id and r.removed_at is null and r.type = asked.rtype and e.removed_at is null
      and (r.external_id = asked.rid or r.name = asked.rid or r.id::text = asked.rid)
      and lower(e.permission) = lower(asked.permission) and e.pattern is null
      order by r.external_id = asked.rid desc, e.condition is null desc limit 2) as entitlements
  from jsonb_to_recordset($1::jsonb) as asked (n int, connection text, permission text, rtype text, rid text)
  left join connections c on c.removed_at is null and (c.name = asked.connection or c.id::text = asked.connection)`;

type Found = { n: number; connectionId: string | null; groups: string[]; entitlements: string[] };

/** What was asked for, found in the inventory, with the account that would hold it; and what could not be found. */
export async function findAsked(
  asked: readonly RequestItemInput[],
  subject: { id: string; name: string },
  give: "assignment" | "credential",
): Promise<Finding> {
  const words = asked.map(({ connection, permission, resource }, n) => ({
    n,
    connection,
    permission,
    rtype: resource.type,
    rid: resource.id,
  }));
  const found = new Map((await rows<Found>(findSql, [JSON.stringify(words)])).map((row) => [row.n, row]));
  const obstacles: Obstacle[] = [];
  const wanted: { n: number; asked: Asked }[] = [];
  for (const [n, item] of asked.entries()) {
    const row = found.get(n);
    const ids = row ? [...row.groups, ...row.entitlements] : [];
    const what = `${item.permission} on ${item.resource.type} ${item.resource.id}`;
    if (!row?.connectionId)
      obstacles.push(
        missing(n, "connection", `There is no connection ${item.connection}.`, "Choose one from the catalogue."),
      );
    else if (ids.length === 0)
      obstacles.push(
        missing(
          n,
          "resource",
          `${item.connection} has no ${what}, as far as the inventory knows.`,
          "Choose from the catalogue, or have the system read again.",
        ),
      );
    else
      wanted.push({
        n,
        asked: { groupId: row.groups[0] ?? null, entitlementId: row.groups[0] ? null : (row.entitlements[0] ?? null) },
      });
  }
  const accesses = await askedAccesses(wanted.map((it) => it.asked));
  const items: FoundItem[] = [];
  for (const { n, asked: ids } of wanted) {
    const access = accesses.find((it) => it.groupId === ids.groupId && it.entitlementId === ids.entitlementId);
    if (!access) {
      obstacles.push(
        missing(n, "resource", "It went from the inventory just now.", "Choose again from the catalogue."),
      );
      continue;
    }
    const account = give === "credential" ? null : await accountFor(subject, access, asked[n]?.account, n);
    if (account && "message" in account) obstacles.push(account);
    else items.push({ ...access, accountId: account?.id ?? null, accountName: account?.name ?? null });
  }
  return { items: dedupe(items), obstacles };
}

async function accountFor(
  subject: { id: string; name: string },
  access: AskedAccess,
  word: string | undefined,
  n: number,
): Promise<{ id: string; name: string } | Obstacle> {
  const accounts = await rows<{ id: string; name: string; externalId: string; status: string }>(
    `select id, name, external_id as "externalId", status from principals
     where identity_id = $1 and connection_id = $2 and type = 'account' and removed_at is null
       and not (match_rule is not distinct from 'grant') order by name limit 50`,
    [subject.id, access.connectionId],
  );
  const named =
    word === undefined
      ? accounts
      : accounts.filter((it) => it.externalId === word || it.name === word || it.id === word);
  const active = named.filter(({ status }) => status === "active");
  const [only] = active;
  if (active.length === 1 && only) return only;
  if (active.length > 1)
    return missing(
      n,
      "account",
      `${subject.name} has several accounts in ${access.connection}: ${active.map((it) => it.name).join(", ")}.`,
      "Say which of them is to hold it.",
    );
  if (named.length > 0)
    return missing(
      n,
      "account",
      `The account of ${subject.name} in ${access.connection} is ${named[0]?.status}.`,
      "Have it enabled first, or ask for a short-lived credential.",
    );
  return missing(
    n,
    "account",
    `${subject.name} has no ${word === undefined ? "account" : `account ${word}`} in ${access.connection} that the inventory knows.`,
    "Ask for a short-lived credential instead, or have the account matched first.",
  );
}

function missing(n: number, part: string, message: string, remedy: string): Obstacle {
  return { field: `items.${n}.${part}`, message, remedy };
}

function dedupe(items: FoundItem[]): FoundItem[] {
  return [...new Map(items.map((it) => [`${it.accountId} ${it.groupId ?? it.entitlementId}`, it])).values()];
}
