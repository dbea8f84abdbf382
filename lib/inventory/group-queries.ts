import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import { now } from "../time";
import type { Named } from "./identity-queries";

// Counts on the page of a group stop here.
const countAtMost = 10_000;

/** A group or role as its page shows it. */
export type GroupDetail = {
  id: string;
  name: string;
  externalId: string;
  connection: Named & { environment: string };
  /** Accounts and groups that are in it themselves. */
  memberCount: number;
  /** Accounts that are in it through groups in it. */
  nestedCount: number;
  /** Entitlements that it gives, its own and those of the groups it is in. */
  givesCount: number;
  managerCount: number;
  firstSeenAt: Date;
  removedAt: Date | null;
};

const byId = z.object({ id: z.string() });

/** One group. @throws AppError `forbidden`, `not_found` */
export async function getGroup(actor: Actor, input: z.input<typeof byId>): Promise<GroupDetail> {
  const { id } = byId.parse(input);
  await assertMayReadGroup(actor, id);
  const [row] = await rows<Omit<GroupDetail, "connection"> & { connection: GroupDetail["connection"] }>(
    `select g.id, g.name, g.external_id as "externalId", g.first_seen_at as "firstSeenAt", g.removed_at as "removedAt",
       json_build_object('id', c.id, 'name', c.name, 'environment', c.environment) as connection,
       ${counted("select 1 from memberships m where m.group_id = g.id and m.removed_at is null and (m.inherits or m.switches)")} as "memberCount",
       ${counted(nestedSql("select distinct p.id", "g.id"))} as "nestedCount",
       ${counted(givenSql("select distinct s.entitlement_id", "g.id", "$2"))} as "givesCount",
       ${counted("select 1 from memberships m where m.group_id = g.id and m.removed_at is null and m.administers")} as "managerCount"
     from principals g join connections c on c.id = g.connection_id where g.id = $1 and g.type = 'group'`,
    [id, now()],
  );
  if (!row) throw notFound();
  return row;
}

const pageInput = z.object({
  id: z.string(),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(500).default(50),
});
type PageInput = z.input<typeof pageInput>;
type Page<Row> = { items: Row[]; nextCursor: string | null };

/** Who is in a group. `through` is the group in it that they are in; null for those in it themselves. */
export type GroupMember = {
  id: string;
  type: "account" | "group";
  name: string;
  identity: (Named & { kind: string }) | null;
  through: Named | null;
  inherits: boolean;
  switches: boolean;
  administers: boolean;
  since: Date;
};

const memberColumns = `p.id, p.type, p.name, lower(p.name) as place,
  case when i.id is not null then json_build_object('id', i.id, 'name', i.name, 'kind', i.kind) end as identity,
  m.inherits, m.switches, m.administers, m.first_seen_at as since`;

/** Accounts and groups that are in a group themselves, by name. */
export function listGroupMembers(actor: Actor, input: PageInput): Promise<Page<GroupMember>> {
  return pageByName<GroupMember>(actor, input, {
    sql: `select ${memberColumns}, null as through
      from memberships m join principals p on p.id = m.member_id left join identities i on i.id = p.identity_id
      where m.group_id = $1 and m.removed_at is null and (m.inherits or m.switches)`,
  });
}

/** Accounts that are in a group through groups in it, by name; each once, with the nearest of them. */
export function listNestedMembers(actor: Actor, input: PageInput): Promise<Page<GroupMember>> {
  return pageByName<GroupMember>(actor, input, {
    sql: nestedSql(
      `select distinct on (p.id) ${memberColumns}, json_build_object('id', d.id, 'name', d.name) as through`,
      "$1",
      "order by p.id, c.depth, d.name",
    ),
  });
}

/** Who may add and remove members, by name. */
export function listGroupManagers(actor: Actor, input: PageInput): Promise<Page<GroupMember>> {
  return pageByName<GroupMember>(actor, input, {
    sql: `select ${memberColumns}, null as through
      from memberships m join principals p on p.id = m.member_id left join identities i on i.id = p.identity_id
      where m.group_id = $1 and m.removed_at is null and m.administers`,
  });
}

/** One entitlement that a group gives; `from` is the group that holds it, null where it is this one. */
export type GivenEntitlement = {
  id: string;
  permission: string;
  privilege: number;
  condition: string | null;
  resource: Named & { type: string };
  from: Named | null;
};

/** What being in a group gives, its own entitlements and those of the groups it is in, by name of the resource. */
export function listGiven(actor: Actor, input: PageInput): Promise<Page<GivenEntitlement>> {
  return pageByName<GivenEntitlement>(actor, input, {
    sql: givenSql(
      `select distinct on (e.id) e.id, lower(r.name) as place, e.permission, e.privilege, e.condition,
        json_build_object('id', r.id, 'name', r.name, 'type', r.type) as resource,
        case when a.id <> $1 then json_build_object('id', a.id, 'name', a.name) end as "from"`,
      "$1",
      "$5",
      "order by e.id, c.depth",
    ),
  });
}

const nestedSql = (select: string, group: string, order = "") => `${select}
  from group_closure c join principals d on d.id = c.descendant_id
  join memberships m on m.group_id = d.id and m.removed_at is null and (m.inherits or m.switches)
  join principals p on p.id = m.member_id and p.type = 'account' left join identities i on i.id = p.identity_id
  where c.ancestor_id = ${group} and c.descendant_id <> ${group} ${order}`;

const givenSql = (select: string, group: string, time: string, order = "") => `${select}
  from group_closure c join principals a on a.id = c.ancestor_id
  join assignments s on s.principal_id = a.id and s.removed_at is null
    and (s.valid_until is null or s.valid_until > ${time})
  join entitlements e on e.id = s.entitlement_id join resources r on r.id = e.resource_id
  where c.descendant_id = ${group} ${order}`;

function counted(sql: string): string {
  return `(select count(*)::int from (${sql} limit ${countAtMost}) k)`;
}

async function pageByName<Row extends { id: string }>(
  actor: Actor,
  input: PageInput,
  { sql }: { sql: string },
): Promise<Page<Row>> {
  const { id, cursor, limit } = pageInput.parse(input);
  await assertMayReadGroup(actor, id);
  const [name, after] = cursor ? readCursor(cursor, "name", z.tuple([z.string(), z.uuid()])) : [null, null];
  const found = await rows<Row & { place: string }>(
    `select * from (${sql}) k where $5::timestamptz is not null and ($2::text is null or (place, id) > ($2, $3::uuid)) order by place, id limit $4`,
    [id, name, after, limit + 1, now()],
  );
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: found.length > limit && last ? cursorOf("name", [last.place, last.id]) : null,
  };
}

/** Refuses whoever may not see groups. @throws AppError `forbidden`, `not_found` */
export async function assertMayReadGroup(actor: Actor, id: string): Promise<void> {
  await authorize(actor, "resource:read", { type: "group", id });
  if (!z.uuid().safeParse(id).success) throw notFound();
}

function notFound(): AppError {
  return new AppError("not_found", "There is no such group.", { remedy: "Look it up by its name." });
}
