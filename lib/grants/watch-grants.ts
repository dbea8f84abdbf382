import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { Prisma } from "../db/generated/client";
import { enqueue } from "../jobs/enqueue";
import { minuteMs, plus } from "../time";
import { subjectLeft } from "./check-eligibility";
import { eachAlone } from "./each-alone";
import { endDueGrants, endGrant } from "./end-grant";
import type { Ending } from "./end-locked";
import { orderConvergence, orderCredentialConvergence } from "./order-convergence";

/**
 * The job behind `watch-grants`, each minute: what has its own job and whose job did not come is not forgotten. Ends what
 * is due first, then ends what has lost its subject, then tries what waits, then begins what is due.
 */
export async function watchGrants(actor: Actor): Promise<void> {
  await authorize(actor, "grant:provision");
  await endDueGrants(actor);
  await endOfTheLeft(actor);
  await endOfOthers(actor);
  await tryAgain();
  await beginDue();
}

// Eligibility is looked at again while access is held, not only when it begins. An account that was found to be somebody
// else's holds what nobody asked for them.
async function endOfOthers(actor: Actor): Promise<void> {
  const others = await db().$queryRaw<{ id: string }[]>`
    select g.id from grants g join principals p on p.id = g.account_id
    where g.state in ('activating', 'activation_failed', 'active') and g.give = 'assignment' and p.identity_id <> g.subject_id limit 1000`;
  await eachAlone(others, ({ id }) => transaction((tx) => endGrant(tx, actor, id, accountOfAnother)));
}

const accountOfAnother: Ending = { because: "eligibility_lost", words: "Its account is somebody else's now." };

async function endOfTheLeft(actor: Actor): Promise<void> {
  const left = await db().$queryRaw<{ id: string; name: string }[]>`
    select g.id, i.name from grants g join identities i on i.id = g.subject_id
    left join users u on u.identity_id = i.id
    where g.state in ('scheduled', 'activating', 'activation_failed', 'active')
      and (i.removed_at is not null or i.status <> 'active' or u.disabled_at is not null) limit 1000`;
  await eachAlone(left, ({ id, name }) => transaction((tx) => endGrant(tx, actor, id, subjectLeft(name))));
}

async function tryAgain(): Promise<void> {
  const at = await clockOf(db());
  const before = plus(at, -minuteMs);
  // A job that waits for long, that the queue gave up, or whose worker stopped in the middle (a machine that sleeps keeps
  // its connections) is ordered anew; one that runs or is near comes by itself.
  const times = { soon: plus(at, minuteMs), stuck: plus(at, -longestRunMs) };
  const accesses = await db().$queryRaw<{ id: string; connectionId: string }[]>`
    select distinct m.id, m.connection_id as "connectionId" from managed_accesses m
    join grants g on g.account_id = m.account_id and g.give = 'assignment'
      and (g.group_id = m.group_id or g.entitlement_id = m.entitlement_id)
    where g.state in ('activating', 'ending', 'ending_failed') and (m.next_try_at is null or m.next_try_at < ${before}::timestamptz)
      and not exists (select 1 from graphile_worker.jobs j where (j.key = 'access ' || m.id or ${isAmong}) and ${comes(times)})
      and not exists (select 1 from hand_tasks h where h.access_id = m.id and h.done_at is null and h.cancelled_at is null)
    limit 1000`;
  const credentials = await db().$queryRaw<{ id: string; connectionId: string }[]>`
    select id, connection_id as "connectionId" from grants g
    where give = 'credential' and state in ('activating', 'ending', 'ending_failed')
      and (next_try_at is null or next_try_at < ${before}::timestamptz)
      and not exists (select 1 from graphile_worker.jobs j where j.key = 'credential ' || g.id and ${comes(times)}) limit 1000`;
  await eachAlone(accesses, (access) => transaction((tx) => orderConvergence(tx, access, { apart: true })));
  await eachAlone(credentials, (grant) => transaction((tx) => orderCredentialConvergence(tx, grant, { apart: true })));
}

// It was to be taken with others of its account.
const isAmong = Prisma.sql`j.key like 'accesses %' and exists (select 1 from graphile_worker._private_jobs p where p.id = j.id
  and (p.payload ->> 'accessId' = m.id::text or (p.payload -> 'also')::jsonb ? m.id::text))`;

// Every verb has its own deadline of half a minute, and there are four of them.
const longestRunMs = 3 * minuteMs;

function comes({ soon, stuck }: { soon: Date; stuck: Date }): Prisma.Sql {
  return Prisma.sql`j.attempts < j.max_attempts and case
    when j.locked_at is not null then j.locked_at > ${stuck}::timestamptz
    else j.run_at <= ${soon}::timestamptz and not exists (select 1 from graphile_worker._private_job_queues q
      where q.queue_name = j.queue_name and q.locked_at <= ${stuck}::timestamptz) end`;
}

async function beginDue(): Promise<void> {
  const at = await clockOf(db());
  const due = await db().grant.findMany({
    where: {
      state: "scheduled",
      startsAt: { lt: plus(at, -minuteMs) },
      // What waits for its subject to confirm it is looked at again when that time is over.
      OR: [{ confirmBy: null }, { confirmedAt: { not: null } }, { confirmBy: { lte: at } }],
    },
    take: 1_000,
    select: { id: true },
  });
  await eachAlone(due, ({ id }) =>
    transaction((tx) => enqueue(tx, "activate-grant", { grantId: id }, { key: `activate ${id}`, priority: -10 })),
  );
}
