import { randomUUID } from "node:crypto";
import type { Tx } from "../db/client";
import { clockTold } from "../db/clock";
import type { Edge } from "./note-edge";
import { wantedEdges } from "./order-convergence";
import type { Claimed } from "./settle-access";

type Row = Edge & {
  id: string;
  state: "held" | "absent";
  foundStanding: boolean;
  intendedAt: Date | null;
  claimedAt: Date | null;
  at: Date;
};

/** Takes edges for this worker: whoever had them before settles nothing any more. */
export async function claimEdges(tx: Tx, ids: readonly string[], verify: boolean): Promise<Claimed[]> {
  const rows = await tx.$queryRaw<Row[]>`
    select id, connection_id as "connectionId", account_id as "accountId", group_id as "groupId",
      entitlement_id as "entitlementId", state, found_standing as "foundStanding", intended_at as "intendedAt",
      claimed_at as "claimedAt", clock_timestamp() as at
    from managed_accesses where id = any(${ids}::uuid[]) order by id for update`;
  const [first] = rows;
  if (!first) return [];
  const at = clockTold(first.at);
  const claim = randomUUID();
  // Whether each is wanted, and whether a grant of it waits for just this, in the same statement: they are locked by now.
  const facts = await tx.$queryRaw<{ id: string; wanted: boolean; until: Date | null; pressing: boolean }[]>`
    with live as (${wantedEdges(ids, at)})
    update managed_accesses m set claim = ${claim}::uuid, claimed_at = ${at}::timestamptz
    from managed_accesses e left join live on live.id = e.id where m.id = any(${ids}::uuid[]) and e.id = m.id
    returning m.id, live.id is not null as wanted, live.until, exists (
      select 1 from grants g where g.account_id = m.account_id and g.give = 'assignment'
      and (g.group_id = m.group_id or g.entitlement_id = m.entitlement_id)
      and g.state = any(case when live.id is not null then ${waitingToBegin}::text[] else ${waitingToEnd}::text[] end)) as pressing`;
  const byId = new Map(facts.map((it) => [it.id, it]));
  return rows.map(({ state, intendedAt, claimedAt, at: _, ...edge }) => {
    const { wanted = false, until = null, pressing = false } = byId.get(edge.id) ?? {};
    return {
      ...{ ...edge, claim, verify, wanted, until },
      ...{ held: state === "held", intended: intendedAt !== null, takenOver: claimedAt !== null },
      pressing: verify || pressing,
    };
  });
}

const waitingToBegin = ["activating", "activation_failed"];
const waitingToEnd = ["ending", "ending_failed"];

/** Is this one to be taken at the system now? */
export function isToBeTaken({ wanted, foundStanding, held, intended, pressing }: Claimed): boolean {
  return !wanted && !foundStanding && (held || intended || pressing);
}
