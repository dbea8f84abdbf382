import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { now } from "../time";
import { byTime, standsSql, whenOf } from "./held-sql";
import { endOf } from "./identity-access-queries";
import { identityOf } from "./own-identities";
import { reachedNarrowedSql, reachedNowSql, reachedThenSql } from "./reached-sql";
import { type AccountFacts, readAccounts, readHoldings } from "./read-holdings";
import { lastUseOf, readUses } from "./read-last-use";
import { type AskedResource, readSources, type Source } from "./read-sources";
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
  const resource = await readResource(asked.resourceId);
  const owns = resource.owners.includes(identityOf(actor) ?? nobody);
  const own = reach === "all" || owns ? null : (identityOf(actor) ?? nobody);
  const time = asked.at ?? now();
  const sources = await readSources(resource, time, asked.at);
  const wanted = sources.filter((it) => asked.permission === undefined || it.permission === asked.permission);
  const after = asked.cursor === undefined ? null : afterOf(asked.cursor);
  const reached: Reaching = { sources: wanted, time, at: asked.at, identity: asked.identity ?? null, own };
  const [ids, hidden] = await Promise.all([
    // One more account than entries: the first may have been shown in part, and one tells whether there is more.
    readReached(reached, after?.account ?? nobody, asked.limit + 2),
    own === null ? { count: 0, isCapped: false } : countHidden(reached),
  ]);
  const entries = (await entriesOf(ids, reached, { resource: asked.resourceId, paths: asked.paths })).filter(
    (it) => after === null || isAfter(it.place, after),
  );
  const page = entries.slice(0, asked.limit);
  const last = page.at(-1);
  const nextCursor = entries.length > page.length && last ? cursorOf(last.place) : null;
  return { items: page.map((it) => it.entry), nextCursor, hidden };
}

type Reaching = { sources: Source[]; time: Date; at?: Date; identity: string | null; own: string | null };

async function readResource(id: string): Promise<AskedResource & { owners: (string | null)[] }> {
  const [found] = await rows<AskedResource & { owners: (string | null)[] }>(
    `select r.type, r.external_id as "externalId", r.name, r.attributes, array[r.owner_id, c.owner_id] as owners,
       json_build_object('id', c.id, 'connector', c.connector) as connection
     from resources r join connections c on c.id = r.connection_id where r.id = $1`,
    [id],
    "resource-of-access",
  );
  if (found) return found;
  throw new AppError("not_found", "There is no such resource.", { field: "id" });
}

async function readReached(it: Reaching, from: string, limit: number): Promise<string[]> {
  const entitlements = [...new Set(it.sources.map((source) => source.entitlement))];
  if (entitlements.length === 0) return [];
  const values = [entitlements, it.time, from, limit];
  const narrowed = [...values, it.identity, it.own];
  const read = () => {
    if (it.at !== undefined) return rows<{ id: string }>(reachedThenSql, narrowed);
    if (it.identity === null && it.own === null) return rows<{ id: string }>(reachedNowSql, values, "reached-now");
    return rows<{ id: string }>(reachedNarrowedSql, narrowed);
  };
  return (await read()).map((row) => row.id);
}

async function countHidden(it: Reaching): Promise<Hidden> {
  const [all, mine] = await Promise.all([
    readReached({ ...it, own: null }, nobody, hiddenAtMost + 1),
    readReached(it, nobody, hiddenAtMost + 1),
  ]);
  return {
    count: Math.min(all.length, hiddenAtMost) - Math.min(mine.length, all.length),
    isCapped: all.length > hiddenAtMost,
  };
}

/** Where an entry stands in the list. */
type Place = { account: string; permission: string; condition: string | null };

async function entriesOf(ids: string[], it: Reaching, asked: { resource: string; paths: number }) {
  if (ids.length === 0) return [];
  const [accounts, holdings, uses] = await Promise.all([
    readAccounts(ids, it.time, it.at),
    readHoldings(ids, it.time, it.at),
    readUses(ids, [asked.resource], it.time),
  ]);
  const held = await readHeld(it, [...holdings.names.keys()]);
  const trace = pathTracer(accounts, holdings, asked.paths);
  const kinds = kindsOf(it.sources, held);
  return accounts.flatMap((account) =>
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
        justifications: [{ type: "unmanaged", id: null, until: ends }],
      };
      return [{ entry, place: { account: account.id, permission, condition } }];
    }),
  );
}

function accountOf({ id, externalId, name, connection }: AccountFacts): ResourceAccessEntry["account"] {
  return { id, externalId, name, connection: connection.name };
}

const heldSql = byTime(
  (when) => `
  select s.id::text, s.principal_id as holder, s.entitlement_id as entitlement, s.valid_until as until
  from assignments s
  where s.entitlement_id = any($1::uuid[]) and s.principal_id = any($2::uuid[]) and ${standsSql("s", when, "$3")}
    and $3::timestamptz is not null order by s.id`,
);

type Held = { id: string; holder: string; entitlement: string; until: Date | null };

async function readHeld(it: Reaching, holders: string[]): Promise<Held[]> {
  const when = whenOf(it.at);
  const entitlements = [...new Set(it.sources.map((source) => source.entitlement))];
  return rows<Held>(heldSql[when], [entitlements, holders, it.time], `held-sources-${when}`);
}

type Kind = { permission: string; condition: string | null; privilege: number; assignments: HeldAssignment[] };

// What gives the same permission under the same condition is one entry, whatever entitlement it comes from.
function kindsOf(sources: Source[], held: Held[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { entitlement, permission, condition, privilege } of sources) {
    const assignments = held
      .filter((it) => it.entitlement === entitlement)
      .map(({ id, holder, until }) => ({ id, holder, until, permission }));
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
