import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { reachOf } from "../auth/authorize";
import { rows } from "../db/client";
import { isOwnRunSql } from "./own-runs";
import { type OffboardingRow, rowSql } from "./queries";

const mostShown = 50;
// Of a mover it is asked until somebody has said what becomes of each.
const isAskedSql = `o.state in ('executing', 'verifying') and exists (select 1 from offboarding_steps s
  where s.offboarding_id = o.id and s.state = 'planned' and s.words is null)`;

/** Runs that wait for a person and that the actor may decide on, the oldest first. */
export async function listWaitingRuns(actor: Actor): Promise<OffboardingRow[]> {
  const reach = reachOf(actor, "offboarding:decide");
  if (reach === "none") return [];
  const mine = identityOf(actor);
  return rows<OffboardingRow>(
    `${rowSql} where (o.state in ('waiting_for_people', 'paused_by_brake') or o.kind = 'mover' and ${isAskedSql})
      and ($1 or ${isOwnRunSql("$2")})
     order by o.id limit ${mostShown}`,
    [reach === "all", mine],
  );
}
