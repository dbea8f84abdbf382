import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { inConnections } from "../inventory/connection-condition";
import { flag, oneOf, sinceTime } from "../lists/conditions";
import { runCount, runPage, type Total, walkList } from "../lists/run-list";
import type { ListState } from "../lists/schema";
import { type Bind, type ListPage, type ListRequest, type ListSource, searchCondition } from "../lists/select";
import { now } from "../time";
import { unmanagedFrom, unmanagedSql } from "./unmanaged-edges";

/** Access that stands in a system and that nobody here can explain, as a row of a list. */
export type UnmanagedRow = {
  /** Of the row; the same as long as the access stands. */
  id: string;
  connection: { id: string; name: string; environment: string };
  account: { id: string; name: string };
  /** Null: the account is unmatched. */
  holder: { id: string; name: string; kind: IdentityKind } | null;
  /** `member` of a role or group, or a permission on a resource. */
  permission: string;
  resource: { type: string; externalId: string; name: string };
  /** The most that it gives: 0 nothing, 1 read, 2 write, 3 admin, 4 everything. */
  privilege: number;
  /** Who gave it, where the system says so. */
  grantedBy: string | null;
  firstSeenAt: string;
};

type Input = { state: ListState; limit?: number };

/** One page of the unmanaged access that the actor may see, what was seen last first. @throws AppError `forbidden` */
export async function listUnmanaged(actor: Actor, input: Input): Promise<ListPage<UnmanagedRow>> {
  return runPage(source, { ...(await requestFor(actor, input.state)), limit: input.limit ?? 50 }, rowOf);
}

/** How much there is, counted no further than 10,000 unless `exact`. */
export async function countUnmanaged(actor: Actor, input: { state: ListState; exact?: boolean }): Promise<Total> {
  return runCount(source, await requestFor(actor, input.state), input.exact ?? false);
}

/** All of it, some hundreds at a time, for an export. */
export async function walkUnmanaged(
  actor: Actor,
  input: { state: ListState },
): Promise<AsyncGenerator<UnmanagedRow[]>> {
  return walkList(source, await requestFor(actor, input.state), rowOf);
}

async function requestFor(actor: Actor, state: ListState): Promise<Omit<ListRequest, "limit">> {
  const reach = await authorizeReach(actor, "access:read", { type: "unmanaged_access" });
  const mine = (bind: Bind) =>
    `u.account_id in (select id from principals where identity_id in (${ownIdentitiesSql(bind(identityOf(actor)))}))`;
  return { state, now: now(), always: [() => unmanagedSql, ...(reach === "own" ? [mine] : [])] };
}

// What a group gives comes also from the groups that it is in.
const givenByGroup = `from group_closure k join assignments x on x.principal_id = k.ancestor_id and x.removed_at is null
      join entitlements e on e.id = x.entitlement_id`;

const privilegedSql = `((u.entitlement_id in (select id from entitlements where privilege >= 3)
  or u.group_id in (select k.descendant_id ${givenByGroup} where k.inherits and e.privilege >= 3)) is true)`;

const source: ListSource = {
  from: unmanagedFrom,
  id: "u.id",
  idType: "bigint",
  columns: `p.id::text, p.granted_by, p.first_seen_at, c.id as connection_id, c.name as connection_name, c.environment,
  a.id as account_id, a.name as account_name, i.id as holder_id, i.name as holder_name, i.kind as holder_kind,
  coalesce(e.permission, 'member') as permission, coalesce(r.type, 'group') as resource_type,
  coalesce(r.external_id, g.external_id) as resource_external_id, coalesce(r.name, g.name) as resource_name,
  coalesce(e.privilege, (select max(e.privilege) ${givenByGroup} where k.descendant_id = p.group_id and k.inherits), 0)::int
    as privilege`,
  joins: `join connections c on c.id = p.connection_id join principals a on a.id = p.account_id
  left join identities i on i.id = a.identity_id left join principals g on g.id = p.group_id
  left join entitlements e on e.id = p.entitlement_id left join resources r on r.id = e.resource_id`,
  sorts: { firstSeen: { sql: "u.first_seen_at", type: "timestamptz" } },
  filters: {
    connection: (filter, bind) => inConnections("u.connection_id", filter, bind),
    kind: (filter, bind) =>
      `u.account_id in (select h.id from principals h left join identities i on i.id = h.identity_id
         where ${oneOf("i.kind", filter, bind, true)})`,
    privileged: (filter) => flag(privilegedSql, filter),
    firstSeen: (filter, bind, at) => sinceTime("u.first_seen_at", filter, bind, at),
  },
  search: (q, bind) => `
    u.account_id in (select h.id from principals h where ${searchCondition("h.search", q, bind)})
    or u.account_id in (select h.id from identities i join principals h on h.identity_id = i.id
      where ${searchCondition("i.search", q, bind)})
    or u.group_id in (select h.id from principals h where ${searchCondition("h.search", q, bind)})
    or u.entitlement_id in (select e.id from resources r join entitlements e on e.resource_id = r.id
      where ${searchCondition("r.search", q, bind)})`,
};

type Row = {
  id: string;
  row_id: string;
  sort_key: string;
  granted_by: string | null;
  first_seen_at: Date;
  connection_id: string;
  connection_name: string;
  environment: string;
  account_id: string;
  account_name: string;
  holder_id: string | null;
  holder_name: string | null;
  holder_kind: IdentityKind | null;
  permission: string;
  resource_type: string;
  resource_external_id: string;
  resource_name: string;
  privilege: number;
};

function rowOf(row: Row): UnmanagedRow {
  return {
    id: row.id,
    connection: { id: row.connection_id, name: row.connection_name, environment: row.environment },
    account: { id: row.account_id, name: row.account_name },
    holder:
      row.holder_id === null || row.holder_kind === null
        ? null
        : { id: row.holder_id, name: row.holder_name ?? "", kind: row.holder_kind },
    permission: row.permission,
    resource: { type: row.resource_type, externalId: row.resource_external_id, name: row.resource_name },
    privilege: row.privilege,
    grantedBy: row.granted_by,
    firstSeenAt: row.first_seen_at.toISOString(),
  };
}
