import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { type Columns, columnsSql, rowsOf } from "./columns";
import { numberedSql } from "./graph-sql";
import { aliveSql, byTime, standsSql, whenOf } from "./held-sql";
import { type AccountFacts, type HoldingsRow, holdingsOf, holdingsSql } from "./holdings";
import { endOf } from "./identity-access-queries";
import { lastUseOf, type UseRow, usesOf, usesSql } from "./last-use";
import { identityOf } from "./own-identities";
import { reachedNarrowedSql, reachedNowSql, reachedThenSql } from "./reached-sql";
import { readResource, readSources, type Source } from "./read-sources";
import {
  type AccessPage,
  type Hidden,
  type ListResourceAccessInput,
  listResourceAccessInput,
  type ResourceAccessEntry,
} from "./schema";
import { conditionOf, type HeldAssignment, pathTracer } from "./trace-paths";

const nobody = "00000000-0000-0000-0000-000000000000";
const hiddenAtMost = 1_000;

/**
 * Who can reach a resource: every permission that an account has on it, by its own entitlements, by those of what
 * encloses it and by patterns, with every path. `hidden` counts the accounts that this reader may not see.
 * @throws AppError `forbidden`, `not_found` (no such resource)
 */
export async function listResourceAccess(
  actor: Actor,
  input: ListResourceAccessInput,
): Promise<AccessPage<ResourceAccessEntry> & { hidden: Hidden }> {
  const asked = listResourceAccessInput.parse(input);
  const reach = await authorizeReach(actor, "access:read", { type: "resource", id: asked.resourceId });
  const time = asked.at ?? now();
  const resource = await readResource(asked.resourceId, time, asked.at);
  if (!resource) throw new AppError("not_found", "There is no such resource.", { field: "id" });
  const owns = resource.owners.includes(identityOf(actor) ?? nobody);
  const sources = await readSources(resource, time, asked.at);
  const reaching: Reaching = {
    sources: sources.filter((it) => asked.permission === undefined || it.permission === asked.permission),
    time,
    at: asked.at,
    identity: asked.identity ?? null,
    own: reach === "all" || owns ? null : (identityOf(actor) ?? nobody),
  };
  const after = asked.cursor === undefined ? null : afterOf(asked.cursor);
  const [found, hidden] = await Promise.all([
    // One more account than entries: the first may have been shown in part, and one tells whether there is more.
    readReached(reaching, { resource: asked.resourceId, from: after?.account ?? nobody, limit: asked.limit + 2 }),
    reaching.own === null ? { count: 0, isCapped: false } : countHidden(reaching),
  ]);
  const entries = entriesOf(found, reaching, { resource: asked.resourceId, paths: asked.paths });
  const rest = entries.filter((it) => after === null || isAfter(it.place, after));
  const page = rest.slice(0, asked.limit);
  const last = page.at(-1);
  const nextCursor = rest.length > page.length && last ? cursorOf(last.place) : null;
  return { items: page.map((it) => it.entry), nextCursor, hidden };
}

type Reaching = { sources: Source[]; time: Date; at?: Date; identity: string | null; own: string | null };

type Held = { id: string; holder: number; entitlement: string; until: string | null };
type ReachedRow = HoldingsRow & { uses: Columns<UseRow>; held: Columns<Held> };

const heldColumns = columnsSql({
  id: "s.id::text",
  holder: "n.n",
  entitlement: "s.entitlement_id",
  until: "s.valid_until",
});

const forms = { all: reachedNowSql, narrowed: reachedNarrowedSql, past: reachedThenSql } as const;

// Besides those of the reached: the resource, and the permissions whose use is looked for.
const entriesSql = (form: keyof typeof forms) => {
  const when = form === "past" ? "past" : "now";
  const [resource, permissions] = form === "all" ? ["$5", "$6"] : ["$7", "$8"];
  return `
  with recursive ${forms[form]},
  accounts as (select id from reached),
  nodes (id) as (
    select id from accounts
    union
    select m.group_id from nodes n
    join memberships m on m.member_id = n.id and ${aliveSql("m", when, "$2")} and (m.inherits or m.switches)
    where m.group_id in (select id from below)), ${numberedSql},
  asked as (select ${resource}::uuid as resource_id, unnest(${permissions}::text[]) as permission)
  select ${holdingsSql(when, "$2")}, ${usesSql("$2")},
    (select ${heldColumns} from numbered n join assignments s on s.principal_id = n.id
      where s.entitlement_id = any($1::uuid[]) and ${standsSql("s", when, "$2")}) as held`;
};
const allSql = entriesSql("all");
const narrowedSql = { now: entriesSql("narrowed"), past: entriesSql("past") };

async function readReached(it: Reaching, page: { resource: string; from: string; limit: number }): Promise<ReachedRow> {
  const entitlements = [...new Set(it.sources.map((source) => source.entitlement))];
  const permissions = [...new Set(it.sources.map((source) => source.permission))];
  const values = [entitlements, it.time, page.from, page.limit];
  const asked = [page.resource, permissions];
  const isNarrow = it.at !== undefined || it.identity !== null || it.own !== null;
  const [row] = isNarrow
    ? await rows<ReachedRow>(narrowedSql[whenOf(it.at)], [...values, it.identity, it.own, ...asked])
    : await rows<ReachedRow>(allSql, [...values, ...asked], "resource-access");
  if (!row) throw new Error("a query without a table answered no row");
  return row;
}

const countSql = byTime(
  (when) => `with recursive ${when === "now" ? reachedNarrowedSql : reachedThenSql} select count(*)::int from reached`,
);

async function countHidden(it: Reaching): Promise<Hidden> {
  const entitlements = [...new Set(it.sources.map((source) => source.entitlement))];
  const count = async (own: string | null) => {
    const values = [entitlements, it.time, nobody, hiddenAtMost + 1, it.identity, own];
    return (await rows<{ count: number }>(countSql[whenOf(it.at)], values))[0]?.count ?? 0;
  };
  const [all, mine] = await Promise.all([count(null), count(it.own)]);
  return { count: Math.max(0, Math.min(all, hiddenAtMost) - mine), isCapped: all > hiddenAtMost };
}

/** Where an entry stands in the list. */
type Place = { account: string; permission: string; condition: string | null };

function entriesOf(found: ReachedRow, it: Reaching, asked: { resource: string; paths: number }) {
  const holdings = holdingsOf(found);
  const uses = usesOf(found.uses);
  const trace = pathTracer(holdings, asked.paths);
  const kinds = kindsOf(it.sources, heldOf(found.held), holdings.ids);
  return holdings.accounts.flatMap((account) =>
    kinds.flatMap(({ permission, condition, privilege, assignments }) => {
      const { paths, morePaths, morePathsCapped, ...traced } = trace(assignments, account);
      if (paths.length === 0) return [];
      const use = { accounts: [account], resource: asked.resource, permission, pattern: false, at: it.at };
      const ends = endOf(assignments.filter(({ id }) => paths.some((path) => path.at(-1)?.id === id)));
      const entry: ResourceAccessEntry = {
        key: [account.id, permission, condition].filter((part) => part !== null).join(" "),
        permission,
        privilege,
        condition: conditionOf(condition, traced),
        identity: account.identity,
        account: accountOf(account),
        paths,
        morePaths,
        morePathsCapped,
        lastUse: lastUseOf(use, uses),
        justifications: holdings.justify(paths, { all: morePaths === 0, until: ends }),
      };
      return [{ entry, place: { account: account.id, permission, condition } }];
    }),
  );
}

function accountOf({ id, externalId, name, connection }: AccountFacts): ResourceAccessEntry["account"] {
  return { id, externalId, name, connection: connection.name };
}

function heldOf(found: ReachedRow["held"]): Held[] {
  return rowsOf(found).sort((a, b) => Number(a.id) - Number(b.id));
}

type Kind = { permission: string; condition: string | null; privilege: number; assignments: HeldAssignment[] };

// What gives the same permission under the same condition is one entry, whatever entitlement it comes from.
function kindsOf(sources: Source[], held: Held[], ids: ReadonlyMap<number, string>): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { entitlement, permission, condition, privilege } of sources) {
    const assignments = held
      .filter((it) => it.entitlement === entitlement)
      .map(({ id, holder, until }) => ({
        id,
        holder: ids.get(holder) ?? "",
        permission,
        until: until === null ? null : new Date(until),
      }));
    if (assignments.length === 0) continue;
    const key = JSON.stringify([permission, condition]);
    const kind = kinds.get(key) ?? { permission, condition, privilege: 0, assignments: [] };
    kind.privilege = Math.max(kind.privilege, privilege);
    kind.assignments.push(...assignments);
    kinds.set(key, kind);
  }
  return [...kinds.values()].sort((a, b) => compare(a.permission, b.permission) || compareConditions(a, b));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const compareConditions = (a: { condition: string | null }, b: { condition: string | null }) =>
  compare(a.condition ?? "", b.condition ?? "");

function isAfter(a: Place, b: Place): boolean {
  return (compare(a.account, b.account) || compare(a.permission, b.permission) || compareConditions(a, b)) > 0;
}

const place = z.tuple([z.uuid(), z.string(), z.string().nullable()]);

function cursorOf({ account, permission, condition }: Place): string {
  return Buffer.from(JSON.stringify([account, permission, condition])).toString("base64url");
}

function afterOf(cursor: string): Place {
  try {
    const [account, permission, condition] = place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { account, permission, condition };
  } catch (cause) {
    throw new AppError("invalid", "The cursor is not one that this list gave.", {
      field: "cursor",
      remedy: "Begin again without a cursor.",
      cause,
    });
  }
}
