import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { reachOf } from "../auth/authorize";
import { rows } from "../db/client";
import { type OffboardingRow, rowSql } from "./queries";

const mostShown = 50;

/** Runs that wait for a person and that the actor may decide on, the oldest first. */
export async function listWaitingRuns(actor: Actor): Promise<OffboardingRow[]> {
  const reach = reachOf(actor, "offboarding:decide");
  if (reach === "none") return [];
  const mine = identityOf(actor);
  return rows<OffboardingRow>(
    `${rowSql} where o.state in ('waiting_for_people', 'paused_by_brake')
      and ($1 or (o.identity_id <> $2::uuid and o.identity_id in (${ownIdentitiesSql("$2")})))
     order by o.id limit ${mostShown}`,
    [reach === "all", mine],
  );
}
