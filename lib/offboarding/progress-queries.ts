import type { Actor } from "../auth/actor";
import { rows } from "../db/client";
import { assertMayDecide } from "./cancel-offboarding";
import { isGoneSql } from "./gone-steps";
import { isOpenSql } from "./open-items";
import { runIdOf } from "./schema";

/** How far a run is, in one system or here. */
export type SystemProgress = {
  name: string;
  steps: number;
  gone: number;
  troubled: number;
  /** Why not, where something is wrong. */
  because: string | null;
};

/** How far a run is: what a page shows while it goes. */
export type Progress = {
  state: string;
  containedAt: string | null;
  openItems: number;
  systems: SystemProgress[];
};

/** How far a run is. @throws AppError `forbidden`, `not_found` */
export async function getProgress(actor: Actor, input: { id: string }): Promise<Progress> {
  const id = runIdOf(input);
  await assertMayDecide(actor, "offboarding:read", id);
  const [[run], systems] = await Promise.all([
    rows<Omit<Progress, "systems">>(
      `select o.state, to_char(o.contained_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "containedAt",
         (select count(*)::int from offboarding_items i where i.offboarding_id = o.id and ${isOpenSql}) as "openItems"
       from offboardings o where o.id = $1`,
      [id],
    ),
    rows<SystemProgress>(
      `select coalesce(c.name, 'Rollcall') as name, count(*)::int as steps,
         count(*) filter (where ${isGoneSql})::int as gone,
         count(*) filter (where s.state in ('failed', 'needs_person', 'resurrected'))::int as troubled,
         min(s.last_error ->> 'message') filter (where s.state in ('failed', 'needs_person')) as because
       from offboarding_steps s left join connections c on c.id = s.connection_id
       where s.offboarding_id = $1 and s.kind <> 'deletion' group by c.id, c.name order by c.name nulls first`,
      [id],
    ),
  ]);
  if (!run) throw new Error("a run went while it was read");
  return { ...run, systems };
}
