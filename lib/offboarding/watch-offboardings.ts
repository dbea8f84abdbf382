import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, rows, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { eachAlone } from "../grants/each-alone";
import { minuteMs, plus } from "../time";
import { advanceOffboarding } from "./advance-offboarding";
import { beginOffboarding } from "./begin-offboarding";
import { nameCallers } from "./name-callers";
import { isOpenSql } from "./open-items";
import { orderApart } from "./order-steps";
import type { StepKind } from "./schema";
import { tellLate } from "./tell-late";
import { tellOfItems } from "./tell-of-items";

/**
 * The job behind `watch-offboardings`, each minute: what has its own job and whose job did not come is not forgotten;
 * whoever still calls a machine that is shut is named; what is not contained or not complete in time is said loudly.
 */
export async function watchOffboardings(actor: Actor): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  const at = await clockOf(db());
  const due = await db().offboarding.findMany({ where: { state: "ordered", startsAt: { lte: at } }, take: 500 });
  await eachAlone(due, ({ id }) => beginOffboarding(actor, { offboardingId: id }));
  await orderLost(at);
  await tellLate(actor, at);
  await tellOfItems(actor, at);
  await nameCallers();
  const live = await db().offboarding.findMany({
    where: { state: { in: ["executing", "verifying", "waiting_for_people"] } },
    orderBy: { id: "asc" },
    take: 1_000,
    select: { id: true },
  });
  const open = [...live, ...(await rows<{ id: string }>(orphaningSql))];
  await eachAlone(open, ({ id }) => advanceOffboarding(actor, { offboardingId: id }));
}

// Closed, and something is open once more: what was kept until a day that has come, what came to somebody after they left,
// a machine that was to be retired and was brought back.
const orphaningSql = `select o.id from offboardings o join identities l on l.id = o.identity_id and l.left_at is not null
  where o.state = 'closed' and o.kind = 'person' and not exists (select 1 from offboardings n
      where n.identity_id = o.identity_id and n.id > o.id and n.kind <> 'mover' and n.state <> 'cancelled')
    and (exists (select 1 from offboarding_items i where i.offboarding_id = o.id and ${isOpenSql})
      or exists (select 1 from offboarding_steps s where s.offboarding_id = o.id and s.state = 'kept' and s.kept_until <= clock_timestamp())
      or exists (select 1 from identities x where x.owner_id = o.identity_id and x.removed_at is null
        and not exists (select 1 from offboardings r where r.identity_id = x.id and r.state <> 'cancelled')
        and not exists (select 1 from offboarding_items i where i.offboarding_id = o.id and i.kind = 'owned_identity'
          and i.subject_id = x.id::text and i.settled_at is null))
      or exists (select 1 from connections c where c.owner_id = o.identity_id and c.removed_at is null
        and not exists (select 1 from offboarding_items i where i.offboarding_id = o.id and i.kind = 'owned_connection'
          and i.subject_id = c.id::text and i.settled_at is null)))
  order by o.id limit 500`;

// A step is carried out within its own deadlines: of a job that runs for longer the worker stands still, and so does its
// lane. A machine that sleeps keeps its connections, so that it does not count as dead.
const longestRunMs = 3 * minuteMs;

async function orderLost(at: Date): Promise<void> {
  const before = plus(at, -minuteMs);
  const stuck = plus(at, -longestRunMs);
  const lost = await db().$queryRaw<
    { id: string; kind: StepKind; connectionId: string | null; accountId: string | null }[]
  >`
    select s.id, s.kind, s.connection_id as "connectionId", s.account_id as "accountId" from offboarding_steps s join offboardings o on o.id = s.offboarding_id
    where s.kind not in ('credential', 'sign_in') and (s.state in ('planned', 'failed') or s.state = 'acknowledged' and s.kind <> 'grant')
      and (o.state <> 'cancelled' or s.wanted = 'back') and o.begun_at < ${before}::timestamptz
      and (s.not_before is null or s.not_before < ${before}::timestamptz) and (s.next_try_at is null or s.next_try_at < ${before}::timestamptz)
      and not exists (select 1 from graphile_worker._private_jobs j left join graphile_worker._private_job_queues q on q.id = j.job_queue_id
        where j.attempts < j.max_attempts and coalesce(j.locked_at, q.locked_at, 'infinity') > ${stuck}::timestamptz
        and (j.key = 'step ' || s.id or j.key like 'step %' and j.payload -> 'also' is not null and (j.payload -> 'also')::jsonb ? s.id::text))
    limit 1000`;
  await transaction((tx) => orderApart(tx, lost));
}
