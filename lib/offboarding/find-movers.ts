import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, rows, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { massLeaving } from "./limits";
import { type Mover, startMove } from "./start-move";

// Whose manager left did not move: somebody else leads the same people. A source that falls silent moves nobody either.
const movedSql = `select i.id, i.name, l.manager_id as "fromManagerId", f.name as "fromManager", i.manager_id as "toManagerId",
    t.name as "toManager", l.department as "fromTeam", i.department as "toTeam", '[]'::jsonb as between,
    exists (select 1 from offboardings o where o.identity_id = i.id and o.kind = 'mover' and o.state not in ('closed', 'cancelled')) as "isMoving"
  from placements l join identities i on i.id = l.identity_id
  left join identities f on f.id = l.manager_id left join identities t on t.id = i.manager_id
  where i.source_connection_id = $1::uuid and i.kind = 'human' and i.status = 'active' and i.left_at is null and i.removed_at is null
    and (l.manager_id <> i.manager_id and f.status = 'active' and f.left_at is null and f.removed_at is null
      or l.department <> i.department)
    and not exists (select 1 from offboardings o where o.identity_id = i.id and o.kind <> 'mover' and o.state not in ('closed', 'cancelled'))
  order by i.id limit 10000`;

const rememberSql = `insert into placements (identity_id, manager_id, department, seen_at)
  select i.id, i.manager_id, i.department, clock_timestamp() from identities i
  where i.source_connection_id = $1::uuid and i.kind = 'human' and i.removed_at is null
  on conflict (identity_id) do update set manager_id = coalesce(excluded.manager_id, placements.manager_id),
    department = coalesce(excluded.department, placements.department), seen_at = excluded.seen_at
  where (excluded.manager_id, excluded.department) is distinct from (placements.manager_id, placements.department)`;

/**
 * Finds whom an identity source shows under another manager or in another team than at the sync before: what they had
 * gets an end, and both managers are asked what stays. Many at once wait for a person.
 */
export async function findMovers(actor: Actor, { connectionId }: { connectionId: string }): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  const moved = await rows<Mover & { isMoving: boolean }>(movedSql, [connectionId]);
  // Who moves on while moving has a run, which somebody let go on where the brake held it.
  const fresh = moved.filter(({ isMoving }) => !isMoving).length;
  const brake = fresh > 0 ? await massLeaving(db(), { more: fresh, at: await clockOf(db()) }) : null;
  for (const { isMoving: _, ...mover } of moved) {
    await transaction((tx) => startMove(tx, actor, mover, { connectionId, brake }), { timeoutMs: 60_000 });
  }
  await rows(rememberSql, [connectionId]);
}
