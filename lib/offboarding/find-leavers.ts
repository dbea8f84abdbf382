import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, rows } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { log } from "../log";
import type { Leaver } from "./find-leaver";
import { findMovers } from "./find-movers";
import { findReturned } from "./find-returned";
import { massLeaving } from "./limits";
import { proposeRehires } from "./propose-rehire";
import { startBySource } from "./start-offboarding";

/**
 * The job behind `find-leavers`, after each sync. In an identity source: whoever it showed as active before and now shows
 * as disabled, or not at all, leaves; many at once wait for a person. In every system: what a run proved gone and is there
 * again is said loudly, after the system itself was asked. Who left and is shown as active again is proposed as hired again.
 * Who moved to another manager or team is found as well.
 */
export async function findLeavers(
  actor: Actor,
  { connectionId }: { connectionId: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  await startLeaving(actor, connectionId);
  await findMovers(actor, { connectionId });
  await findReturned(actor, connectionId, signal);
  // Afterwards: what is shut although a sync read it as active shows nobody as hired again.
  await proposeRehires(actor, connectionId);
}

type Gone = Leaver & { shown: string };

// Whom the source never showed as active left before Rollcall knew them; whom another source still shows works here. In
// some systems an account that is shut is shown as a group from then on.
const wasActive = `v.principal_id = p.id and v.status = 'active' and coalesce(v.attributes ->> 'type', 'account') = 'account'`;
const goneAt = `coalesce(p.removed_at, (select max(v.valid_to) from principal_versions v where ${wasActive}))`;
// What happened longer ago is history: whoever begins to use this does not have years of leavers leave at once.
const goneSql = `select distinct on (i.id) i.id, i.name, i.kind, i.email, i.status, i.manager_id as "managerId", i.owner_id as "ownerId",
    case when p.removed_at is not null then 'gone from' when p.status = 'active' then 'disabled in' else p.status || ' in' end as shown
  from connections c join principals p on p.connection_id = c.id join identities i on i.id = p.identity_id
  where c.id = $1::uuid and c.is_identity_source and c.removed_at is null and i.kind = 'human' and i.left_at is null
    and case when p.removed_at is not null then p.type = 'account' and p.status = 'active'
      else (p.status <> 'active' or p.type <> 'account') and exists (select 1 from principal_versions v where ${wasActive}) end
    and not exists (select 1 from principals q join connections s on s.id = q.connection_id and s.is_identity_source and s.removed_at is null
      where q.identity_id = i.id and q.type = 'account' and q.removed_at is null and q.status = 'active')
    and ${goneAt} > clock_timestamp() - interval '7 days'
    and not exists (select 1 from offboardings o where o.identity_id = i.id and o.kind <> 'mover' and case
      when o.state = 'ordered' then o.starts_at <= clock_timestamp()
      else o.state not in ('closed', 'cancelled') or o.created_at > ${goneAt} end)
  order by i.id limit 10000`;

async function startLeaving(actor: Actor, connectionId: string): Promise<void> {
  const gone = await rows<Gone>(goneSql, [connectionId]);
  if (gone.length === 0) return;
  const { name } = await db().connection.findUniqueOrThrow({ where: { id: connectionId }, select: { name: true } });
  const brake = await massLeaving(db(), { more: gone.length, at: await clockOf(db()) });
  for (const { shown, ...leaver } of gone) {
    const cause = { by: "source" as const, connectionId, brake };
    await startBySource(actor, leaver, { reason: `${shown} ${name}`, cause }).catch((error: unknown) => {
      // The last administrator, say: whoever reads the record decides.
      if (!(error instanceof AppError)) throw error;
      log().warn({ err: error, identityId: leaver.id }, "somebody who left could not be offboarded by their source");
    });
  }
}
