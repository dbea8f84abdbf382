import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { clockOf, clockTold } from "../db/clock";
import { dropJobs } from "../jobs/enqueue";
import { log } from "../log";
import { minuteMs, ownTime, secondMs } from "../time";
import { endLocked } from "./end-locked";
import { durationWords } from "./labels";
import { type LockedGrant, lockGrants } from "./lock-grant";
import { endJobOf, orderEnd } from "./move-grants";

// So many end in one transaction.
const together = 50;
// First half of the lock's key; the second is the connection, hashed.
const endingLock = 1_380_927_310;

/**
 * The job behind `end-grant`: ends a grant whose time is over, and with it others of its system whose time is over too, so
 * that a thousand that end at once are soon gone. One that was extended meanwhile is left.
 */
export async function endDueGrant(actor: Actor, { grantId }: { grantId: string }): Promise<void> {
  await authorize(actor, "grant:provision");
  let others: string[] = [];
  try {
    await transaction(async (tx) => {
      others = await othersDue(tx, grantId);
      await endDue(tx, actor, grantId, others);
    });
  } catch (error) {
    if (others.length === 0) throw error;
    // Whichever of them cannot end, it holds up no other.
    log().warn({ err: error, grantId }, "grants did not end together, and end one by one");
    await transaction((tx) => endDue(tx, actor, grantId, []));
  }
}

// Only one at a time takes others than its own: two would wait for each other's.
async function othersDue(tx: Tx, grantId: string): Promise<string[]> {
  const others = await tx.$queryRaw<{ id: string; ours: boolean }[]>`
    with own as (
      select connection_id, coalesce(${ownTime()}::timestamptz, clock_timestamp()) as at from grants where id = ${grantId}::uuid),
    due as (
      select o.id from own join grants o on o.connection_id = own.connection_id
      where o.id <> ${grantId}::uuid and o.ends_at <= own.at and o.state in ('activating', 'activation_failed', 'active')
      order by o.ends_at, o.id limit ${together - 1})
    select due.id, lock.ours from due, lateral (
      select pg_try_advisory_xact_lock(${endingLock}::int, hashtext(connection_id::text)) as ours from own) lock`;
  return others.flatMap(({ id, ours }) => (ours ? [id] : []));
}

async function endDue(tx: Tx, actor: Actor, grantId: string, others: readonly string[]): Promise<void> {
  const grants = await lockGrants(tx, [grantId, ...others]);
  const at = grants[0] ? clockTold(grants[0].at) : await clockOf(tx);
  const due = new Map<string, LockedGrant[]>();
  for (const grant of grants) {
    if (!grant.endsAt) continue;
    if (grant.endsAt > at) await orderEnd(tx, grant.id, grant.endsAt);
    else {
      const words = lateWords(grant.endsAt, at);
      due.set(words, [...(due.get(words) ?? []), grant]);
    }
  }
  for (const [words, ending] of due) await endLocked(tx, actor, ending, { because: "expired", words, at });
  const ended = [...due.values()].flat().filter(({ id }) => id !== grantId);
  if (ended.length > 0)
    await dropJobs(
      tx,
      ended.map(({ id }) => endJobOf(id)),
    );
}

function lateWords(endsAt: Date, at: Date): string {
  const lateMs = at.getTime() - endsAt.getTime();
  return lateMs < minuteMs
    ? "Its time is over."
    : `Its time was over ${durationWords(lateMs / secondMs)} ago: it ends late.`;
}
