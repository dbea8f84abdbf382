import { randomUUID } from "node:crypto";
import type { Db, Tx } from "../db/client";
import { Prisma } from "../db/generated/client";
import { enqueue, enqueueMany } from "../jobs/enqueue";
import { minuteMs, plus } from "../time";
import type { Edge } from "./note-edge";

// By then every verb of a worker that was stopped in the middle has ended by its own deadline.
const lookAgainMs = 2 * minuteMs;

// How many changes of one system run side by side: enough to be quick, few enough that a system that hangs holds up no
// other.
const lanes = 5;

// So many accesses are taken in one job, and of so many accounts, which are asked one after another.
const together = 25;
const accountsTogether = 10;

type Ordered = { id: string; connectionId: string };

type Timing = {
  runAt?: Date;
  taking?: boolean;
  /** Look at the target even where all is as it should be: a worker that was given up may have changed it. */
  verify?: boolean;
  /** Not in its lane: whoever has that does not go on. */
  apart?: boolean;
};

/**
 * Orders that an edge is brought in line, now or later; what was ordered for sooner stays so. Taking goes ahead of giving,
 * and both ahead of reading.
 */
export async function orderConvergence(tx: Tx, { id, connectionId }: Ordered, timing: Timing = {}): Promise<void> {
  const { runAt, taking = false, verify = false, apart = false } = timing;
  const key = `${verify ? "verify" : "access"} ${id}`;
  const payload = verify ? { accessId: id, verify } : { accessId: id };
  const queue = apart ? undefined : laneOf(connectionId, id);
  await enqueue(tx, "converge-access", payload, { key, queue, priority: taking ? -20 : -10, runAt, sooner: true });
}

/** Orders that edges which end together are taken: those of one account, and of some accounts of one system, in one job. */
export async function orderTakings(tx: Tx, accesses: readonly Ended[]): Promise<void> {
  const jobs = batchesOf(accesses).map(({ first, others }) => {
    const timing = { queue: laneOf(first.connectionId, first.id), priority: -20 };
    if (others.length === 0)
      return { payload: { accessId: first.id }, timing: { ...timing, key: `access ${first.id}` } };
    const payload = { accessId: first.id, also: others.map(({ id }) => id) };
    // A name of its own: what is ordered for one of them alone takes the place of none.
    return { payload, timing: { ...timing, key: `accesses ${randomUUID()}` } };
  });
  if (jobs.length > 0) await enqueueMany(tx, "converge-access", jobs);
}

type Ended = Ordered & { accountId: string };
type Batch = { first: Ended; others: Ended[]; accounts: Set<string> };

function batchesOf(accesses: readonly Ended[]): Batch[] {
  const batches: Batch[] = [];
  const placeOf = ({ connectionId, accountId }: Ended) => `${connectionId} ${accountId}`;
  for (const access of [...accesses].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))) {
    const open = batches.at(-1);
    if (!open || !fits(open, access)) {
      batches.push({ first: access, others: [], accounts: new Set([access.accountId]) });
      continue;
    }
    open.others.push(access);
    open.accounts.add(access.accountId);
  }
  return batches;
}

function fits({ first, others, accounts }: Batch, { connectionId, accountId }: Ended): boolean {
  if (connectionId !== first.connectionId || others.length + 1 >= together) return false;
  return accounts.has(accountId) || accounts.size < accountsTogether;
}

/** Orders a second look at the target, for when a worker that was given up may yet change something there. */
export async function lookAgain(tx: Tx, { id, connectionId }: Ordered, at: Date): Promise<void> {
  const timing = { key: `look ${id}`, queue: laneOf(connectionId, id), priority: -10, runAt: plus(at, lookAgainMs) };
  await enqueue(tx, "converge-access", { accessId: id, verify: true }, timing);
}

/** Orders that a short-lived account is brought in line, which is of one grant alone. */
export async function orderCredentialConvergence(
  tx: Tx,
  { id, connectionId }: Ordered,
  { runAt, taking = false, verify = false, apart = false }: Timing = {},
): Promise<void> {
  const key = `${verify ? "verify" : "credential"} ${id}`;
  const payload = verify ? { grantId: id, verify } : { grantId: id };
  const queue = apart ? undefined : laneOf(connectionId, id);
  await enqueue(tx, "converge-credential", payload, { key, queue, priority: taking ? -20 : -10, runAt, sooner: true });
}

/** The same second look for a short-lived account. */
export async function lookAgainAtCredential(tx: Tx, { id, connectionId }: Ordered, at: Date): Promise<void> {
  const timing = { key: `look ${id}`, queue: laneOf(connectionId, id), priority: -10, runAt: plus(at, lookAgainMs) };
  await enqueue(tx, "converge-credential", { grantId: id, verify: true }, timing);
}

function laneOf(connectionId: string, id: string): string {
  return `change ${connectionId} ${Number.parseInt(id.slice(-6), 16) % lanes}`;
}

/**
 * The edge as managed, made where it is not yet, its row locked: whoever ends or begins a justification of it comes after
 * whoever did before, and sees what that left.
 */
export async function managedAccess(tx: Tx, edge: Edge): Promise<Ordered & { state: string }> {
  const known = await lockAccess(tx, edge);
  if (known) return known;
  await tx.$executeRaw`insert into managed_accesses (connection_id, account_id, group_id, entitlement_id, state)
    values (${edge.connectionId}::uuid, ${edge.accountId}::uuid, ${edge.groupId}::uuid, ${edge.entitlementId}::uuid, 'absent')
    on conflict do nothing`;
  const made = await lockAccess(tx, edge);
  if (!made) throw new Error("a managed access went while it was made");
  return made;
}

async function lockAccess(tx: Tx, edge: Edge): Promise<(Ordered & { state: string }) | undefined> {
  const [row] = await tx.$queryRaw<(Ordered & { state: string })[]>`
    select id, connection_id as "connectionId", state from managed_accesses where account_id = ${edge.accountId}::uuid
      and (group_id = ${edge.groupId}::uuid or entitlement_id = ${edge.entitlementId}::uuid) for update`;
  return row;
}

/** An edge as managed, and whether it is still wanted. */
export type Wanted = Ordered & { accountId: string; state: string; wanted: boolean };

/** The edges of these grants as managed, made where they are not yet, by the id of the grant. */
export async function accessesOf(
  tx: Tx,
  grants: readonly (Edge & { id: string })[],
  at: Date,
): Promise<Map<string, Wanted>> {
  if (grants.length === 0) return new Map();
  let found = await findAccesses(tx, grants, at);
  const known = new Set(found.map(({ grantId }) => grantId));
  const unknown = grants.filter(({ id }) => !known.has(id));
  for (const edge of unknown) await managedAccess(tx, edge);
  if (unknown.length > 0) found = await findAccesses(tx, grants, at);
  return new Map(found.map(({ grantId, ...access }) => [grantId, access]));
}

function findAccesses(tx: Tx, grants: readonly (Edge & { id: string })[], at: Date) {
  return tx.$queryRaw<(Wanted & { grantId: string })[]>`
    select e.id as "grantId", m.id, m.connection_id as "connectionId", m.account_id as "accountId", m.state,
      exists (select 1 from justifications j where ${isLive(at)}) as wanted
    from json_to_recordset(${JSON.stringify(grants)}::json) as e(id uuid, "accountId" uuid, "groupId" uuid, "entitlementId" uuid)
    join managed_accesses m on m.account_id = e."accountId" and (m.group_id = e."groupId" or m.entitlement_id = e."entitlementId")
    order by m.id`;
}

/** Which of these managed edges are wanted at `at`, and until when; null: without an end. */
export async function wantedAmong(db: Db, ids: readonly string[], at: Date): Promise<Map<string, Date | null>> {
  const live = await db.$queryRaw<{ id: string; until: Date | null }[]>(wantedEdges(ids, at));
  return new Map(live.map(({ id, until }) => [id, until]));
}

/** SQL: the same, as rows of `id` and `until`. */
export function wantedEdges(ids: readonly string[], at: Date): Prisma.Sql {
  return Prisma.sql`
    select m.id, case when bool_or(j.until is null) then null else max(j.until) end as until
    from managed_accesses m join justifications j on ${isLive(at)} where m.id = any(${ids}::uuid[]) group by m.id`;
}

// Of the edge `m` the justification `j`.
const isLive = (at: Date) => Prisma.sql`j.account_id = m.account_id and j.ended_at is null
  and (j.group_id = m.group_id or j.entitlement_id = m.entitlement_id)
  and j.since <= ${at}::timestamptz and (j.until is null or j.until > ${at}::timestamptz)`;

/** Is this edge wanted at `at`, and until when? */
export async function wantedOf(db: Db, edge: Edge, at: Date): Promise<{ wanted: boolean; until: Date | null }> {
  const live = await db.$queryRaw<{ until: Date | null }[]>`
    select until from justifications where account_id = ${edge.accountId}::uuid and ended_at is null
      and (group_id = ${edge.groupId}::uuid or entitlement_id = ${edge.entitlementId}::uuid)
      and since <= ${at}::timestamptz and (until is null or until > ${at}::timestamptz)`;
  const ends = live.map(({ until }) => until?.getTime() ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...ends);
  return { wanted: live.length > 0, until: Number.isFinite(last) ? new Date(last) : null };
}
