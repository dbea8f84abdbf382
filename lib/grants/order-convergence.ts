import type { Db, Tx } from "../db/client";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, plus } from "../time";
import type { Edge } from "./note-edge";

// By then every verb of a worker that was stopped in the middle has ended by its own deadline.
const lookAgainMs = 2 * minuteMs;

// How many changes of one system run side by side: enough to be quick, few enough that a system that hangs holds up no
// other.
const lanes = 5;

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
