import type { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import { db, rows } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { type Columns, columnsSql, rowsOf } from "./columns";
import { numberedSql } from "./graph-sql";
import { aliveSql, byTime, heldSql, standsSql, whenOf } from "./held-sql";
import { type AccountFacts, type HoldingsRow, holdingsOf, holdingsSql } from "./holdings";
import { lastUseOf, type UseRow, usesOf, usesSql } from "./last-use";
import { isOwnIdentity } from "./own-identities";
import {
  type AccessPage,
  type IdentityAccessEntry,
  type IdentityAccessSummary,
  type ListIdentityAccessInput,
  listIdentityAccessInput,
  type SummarizeIdentityAccessInput,
  summarizeIdentityAccessInput,
} from "./schema";
import { conditionOf, type HeldAssignment, pathTracer } from "./trace-paths";

// Entitlements are counted up to here.
const countAtMost = 10_000;

/**
 * Every entitlement that an identity has over all its accounts, with every path to it, last use and justifications.
 * Pages by keyset; the paths are looked for only for the entitlements of the page.
 * @throws AppError `forbidden`, `not_found` (no such identity)
 */
export async function listIdentityAccess(
  actor: Actor,
  input: ListIdentityAccessInput,
): Promise<AccessPage<IdentityAccessEntry>> {
  const asked = listIdentityAccessInput.parse(input);
  await assertMayRead(actor, asked.identityId);
  const { accounts, ...page } = await pageOf(asked);
  if (accounts.length === 0) await assertIsThere(asked.identityId);
  return page;
}

/**
 * What an identity can reach, for the picture: its entries as far as the limit, and how many of each column there are.
 * @throws AppError `forbidden`, `not_found` (no such identity)
 */
export async function summarizeIdentityAccess(
  actor: Actor,
  input: SummarizeIdentityAccessInput,
): Promise<IdentityAccessSummary> {
  const asked = summarizeIdentityAccessInput.parse(input);
  await assertMayRead(actor, asked.identityId);
  const { accounts, items } = await pageOf({ ...asked, paths: picturedPaths });
  if (accounts.length === 0) await assertIsThere(asked.identityId);
  const counts = await countReached(accounts, asked.at);
  return { entries: items, counts: { accounts: accounts.length, ...counts } };
}

// The picture turns from path to path of an entry; nobody turns further than this.
const picturedPaths = 10;

// Asked before anything is read: who may not see an identity does not learn whether it exists.
async function assertMayRead(actor: Actor, identityId: string): Promise<void> {
  const target = { type: "identity", id: identityId };
  const reach = await authorizeReach(actor, "access:read", target);
  if (reach === "own" && !(await isOwnIdentity(actor, identityId))) await refuse(actor, "access:read", target);
}

async function assertIsThere(identityId: string): Promise<void> {
  const known = await db().identity.findUnique({ where: { id: identityId }, select: { id: true } });
  if (!known) throw new AppError("not_found", "There is no such identity.", { field: "id" });
}

type Asked = Omit<z.output<typeof listIdentityAccessInput>, "permission" | "resource" | "connection"> & {
  permission?: string;
  resource?: string;
  connection?: string;
};

type EntitlementRow = {
  id: string;
  permission: string;
  privilege: number;
  condition: string | null;
  pattern: boolean;
  resource: string;
  connection: string;
  type: string;
  name: string;
  externalId: string;
};

type AssignmentRow = { id: string; entitlement: string; holder: number; until: string | null };

async function pageOf(asked: Asked): Promise<AccessPage<IdentityAccessEntry> & { accounts: AccountFacts[] }> {
  const row = await readPage(asked);
  const holdings = holdingsOf(row);
  const uses = usesOf(row.uses);
  const found = rowsOf(row.entitlements);
  const assignments = assignmentsOf(row.assignments);
  const page = found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, asked.limit);
  const trace = pathTracer(holdings, asked.paths);
  const items = page.map((it): IdentityAccessEntry => {
    const { id, permission, privilege, pattern, connection, type, name, externalId } = it;
    const resource = { id: it.resource, connection, type, name, externalId };
    const held = (assignments.get(id) ?? []).map((assignment) => heldAssignment(assignment, permission, holdings.ids));
    const { paths, morePaths, morePathsCapped, ...traced } = trace(held);
    return {
      key: id,
      permission,
      privilege,
      condition: conditionOf(it.condition, traced),
      pattern,
      resource,
      paths,
      morePaths,
      morePathsCapped,
      lastUse: lastUseOf({ accounts: traced.accounts, resource: resource.id, permission, pattern, at: asked.at }, uses),
      justifications: holdings.justify(paths, { all: morePaths === 0, until: endOf(held) }),
    };
  });
  const nextCursor = found.length > page.length ? (page.at(-1)?.id ?? null) : null;
  return { items, nextCursor, accounts: holdings.accounts };
}

// In the order of their ids, by entitlement.
function assignmentsOf(found: PageRow["assignments"]): Map<string, AssignmentRow[]> {
  const by = new Map<string, AssignmentRow[]>();
  for (const row of rowsOf(found)) by.set(row.entitlement, [...(by.get(row.entitlement) ?? []), row]);
  for (const rows of by.values()) rows.sort((a, b) => Number(a.id) - Number(b.id));
  return by;
}

function heldAssignment(it: AssignmentRow, permission: string, ids: ReadonlyMap<number, string>): HeldAssignment {
  return {
    id: it.id,
    holder: ids.get(it.holder) ?? "",
    permission,
    until: it.until === null ? null : new Date(it.until),
  };
}

/** When access ends by itself: with the last assignment that gives it; null when one of them has no end. */
export function endOf(held: readonly Pick<HeldAssignment, "until">[]): string | null {
  const ends = held.map(({ until }) => until?.getTime() ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? new Date(last).toISOString() : null;
}

const assignmentColumns = columnsSql({
  id: "s.id::text",
  entitlement: "s.entitlement_id",
  holder: "s.holder",
  until: "s.valid_until",
});

const entitlementColumns = columnsSql({
  id: "q.id",
  permission: "q.permission",
  privilege: "q.privilege",
  condition: "q.condition",
  pattern: "q.pattern",
  resource: "r.id",
  connection: "c.name",
  type: "r.type",
  name: "r.name",
  externalId: "r.external_id",
});

// Each holder's assignments are read in the order of the key, a page at most, so that one who holds a million costs no
// more than one who holds fifty.
const pageSql = (filters: { accounts: string; assignments: string }) =>
  byTime(
    (when) => `
  with recursive accounts (id) as materialized (
    select p.id from principals p
    where p.identity_id = $1 and p.type = 'account' and ${aliveSql("p", when, "$2")} ${filters.accounts}),
  ${heldSql(when, "$2")},
  nodes as materialized (select distinct holder as id from held), ${numberedSql},
  standing as materialized (
    select s.id, s.entitlement_id, s.valid_until, n.n as holder
    from numbered n cross join lateral (
      select s.id, s.entitlement_id, s.valid_until from assignments s ${filters.assignments}
      where s.principal_id = n.id and ${standsSql("s", when, "$2")} and s.entitlement_id > $3
      order by s.entitlement_id limit $4) s),
  asked as materialized (
    select e.id, e.permission, e.privilege, e.condition, e.pattern is not null as pattern, e.resource_id
    from (select distinct entitlement_id as id from standing order by 1 limit $4) as page
    join entitlements e on e.id = page.id)
  select ${holdingsSql(when, "$2")}, ${usesSql("$2")},
    (select ${assignmentColumns} from standing s where s.entitlement_id in (select id from asked)) as assignments,
    (select ${entitlementColumns} from asked q join resources r on r.id = q.resource_id
      join connections c on c.id = r.connection_id) as entitlements`,
  );

const allSql = pageSql({ accounts: "", assignments: "" });
const narrowedSql = pageSql({
  accounts: `and ($7::text is null or p.connection_id in (
    select c.id from connections c where $7 in (c.name, c.id::text)))`,
  assignments: `join entitlements e on e.id = s.entitlement_id and ($5::text is null or e.permission = $5)
    join resources r on r.id = e.resource_id and ($6::text is null or $6 in (r.name, r.external_id, r.id::text))`,
});

type PageRow = HoldingsRow & {
  uses: Columns<UseRow>;
  assignments: Columns<AssignmentRow>;
  entitlements: Columns<EntitlementRow>;
};

async function readPage(asked: Asked): Promise<PageRow> {
  const when = whenOf(asked.at);
  const values = [asked.identityId, asked.at ?? now(), afterOf(asked.cursor), asked.limit + 1];
  const filters = [asked.permission, asked.resource, asked.connection];
  const [row] = filters.every((filter) => filter === undefined)
    ? await rows<PageRow>(allSql[when], values, `identity-access-${when}`)
    : await rows<PageRow>(narrowedSql[when], [...values, ...filters.map((filter) => filter ?? null)]);
  if (!row) throw new Error("a query without a table answered no row");
  return row;
}

/** The key after which a page begins. @throws AppError `invalid` */
function afterOf(cursor: string | undefined): string {
  if (cursor === undefined) return "00000000-0000-0000-0000-000000000000";
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(cursor)) return cursor;
  throw new AppError("invalid", "The cursor is not one that this list gave.", {
    field: "cursor",
    remedy: "Begin again without a cursor.",
  });
}

const countSql = byTime(
  (when) => `
  with recursive accounts (id) as (select unnest($1::uuid[])), ${heldSql(when, "$2")},
  holders as materialized (select distinct holder from held),
  reached as materialized (
    select distinct s.entitlement_id as id from holders h join assignments s on s.principal_id = h.holder
    where ${standsSql("s", when, "$2")} limit ${countAtMost + 1})
  select (select count(*)::int from holders h where h.holder <> all ($1::uuid[])) as groups,
    least(count(*), ${countAtMost})::int as entitlements, count(distinct e.resource_id)::int as resources,
    count(*) > ${countAtMost} as "isCapped"
  from reached join entitlements e on e.id = reached.id`,
);

type Reached = { groups: number; entitlements: number; resources: number; isCapped: boolean };

async function countReached(accounts: AccountFacts[], at?: Date): Promise<Reached> {
  const when = whenOf(at);
  const [counts] = await rows<Reached>(countSql[when], [accounts.map((account) => account.id), at ?? now()]);
  return counts ?? { groups: 0, entitlements: 0, resources: 0, isCapped: false };
}
