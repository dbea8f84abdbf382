import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { reachOf } from "../auth/authorize";
import { rows } from "../db/client";
import type { Total } from "../lists/run-list";
import { countInbox } from "../requests/inbox-queries";
import { isStuckBackSql, isUnsaidSql, needsSomebodySql } from "./decider-queries";
import { isOwnRunSql } from "./own-runs";
import { type OffboardingRow, rowSql } from "./queries";
import { rehireOpenSql } from "./rehire-queries";

/** So many runs are listed at most. */
export const mostShown = 50;
const countAtMost = 99;

// Of a mover it is asked until somebody has said what becomes of each. It is the managers who are asked; whoever sees all is
// where there is none of them.
const isAskedSql = `(${isUnsaidSql}
  and (${isOwnRunSql("$2")} or not exists (select 1 from identities m, identities l where l.id = o.identity_id
    and m.id::text in (l.manager_id::text, o.moved ->> 'fromManagerId') and m.status = 'active' and m.left_at is null and m.removed_at is null)))`;

/** SQL: does the run `o` wait for somebody who sees all (`$1`), or whose own it is (`$2`), and who may let it go on (`$3`)? */
const waitsSql = `from offboardings o where ($1 or ${isOwnRunSql("$2")})
    and (o.state = 'paused_by_brake' and $3 and o.ordered_by_identity_id is distinct from $2::uuid
      or o.state <> 'cancelled' and ${rehireOpenSql}
      or ${isStuckBackSql}
      or o.state in ('executing', 'verifying', 'waiting_for_people') and (${needsSomebodySql} or ${isAskedSql}))`;

/** Runs that wait for the actor, who may decide on them, the oldest first. */
export async function listWaitingRuns(actor: Actor): Promise<OffboardingRow[]> {
  const reach = reachOf(actor, "offboarding:decide");
  if (reach === "none") return [];
  return rows<OffboardingRow>(`${rowSql} where o.id in (select o.id ${waitsSql}) order by o.id limit ${mostShown}`, [
    reach === "all",
    identityOf(actor),
    reachOf(actor, "offboarding:release") === "all",
  ]);
}

/** All that waits for the actor, counted to 99: what stands in their inbox, runs of leavers and movers among it. */
export async function countDesk(actor: Actor): Promise<Total> {
  const [inbox, runs] = await Promise.all([countInbox(actor), countWaitingRuns(actor)]);
  const { requests, reviews, tasks, answers } = inbox;
  const sum = requests.value + reviews + tasks + answers + runs;
  return { value: Math.min(sum, countAtMost), capped: requests.capped || sum > countAtMost };
}

async function countWaitingRuns(actor: Actor): Promise<number> {
  const reach = reachOf(actor, "offboarding:decide");
  if (reach === "none") return 0;
  const [row] = await rows<{ waiting: number }>(
    `select count(*)::int as waiting from (select 1 ${waitsSql} limit ${countAtMost + 1}) w`,
    [reach === "all", identityOf(actor), reachOf(actor, "offboarding:release") === "all"],
  );
  return row?.waiting ?? 0;
}
