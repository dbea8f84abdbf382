import { randomUUID } from "node:crypto";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import type { Edge } from "./note-edge";
import { wantedAmong } from "./order-convergence";
import type { Claimed } from "./settle-access";

type Row = Edge & {
  id: string;
  state: "held" | "absent";
  foundStanding: boolean;
  intendedAt: Date | null;
  claimedAt: Date | null;
};

/** Takes edges for this worker: whoever had them before settles nothing any more. */
export async function claimEdges(tx: Tx, ids: readonly string[], verify: boolean): Promise<Claimed[]> {
  const rows = await tx.$queryRaw<Row[]>`
    select id, connection_id as "connectionId", account_id as "accountId", group_id as "groupId",
      entitlement_id as "entitlementId", state, found_standing as "foundStanding", intended_at as "intendedAt",
      claimed_at as "claimedAt"
    from managed_accesses where id = any(${ids}::uuid[]) order by id for update`;
  if (rows.length === 0) return [];
  const at = await clockOf(tx);
  const live = await wantedAmong(tx, ids, at);
  const claim = randomUUID();
  const wanted = [...live.keys()];
  // Whether a grant of an edge waits for just this, in the same statement.
  const pressed = await tx.$queryRaw<{ id: string; pressing: boolean }[]>`
    update managed_accesses m set claim = ${claim}::uuid, claimed_at = ${at}::timestamptz where id = any(${ids}::uuid[])
    returning id, exists (select 1 from grants g where g.account_id = m.account_id and g.give = 'assignment'
      and (g.group_id = m.group_id or g.entitlement_id = m.entitlement_id)
      and g.state = any(case when m.id = any(${wanted}::uuid[]) then ${waitingToBegin}::text[] else ${waitingToEnd}::text[] end)) as pressing`;
  const pressing = new Set(pressed.flatMap((row) => (row.pressing ? [row.id] : [])));
  return rows.map(({ state, intendedAt, claimedAt, ...edge }) => ({
    ...{ ...edge, claim, verify },
    ...{ wanted: live.has(edge.id), until: live.get(edge.id) ?? null },
    ...{ held: state === "held", intended: intendedAt !== null, takenOver: claimedAt !== null },
    pressing: verify || pressing.has(edge.id),
  }));
}

const waitingToBegin = ["activating", "activation_failed"];
const waitingToEnd = ["ending", "ending_failed"];

/** Is this one to be taken at the system now? */
export function isToBeTaken({ wanted, foundStanding, held, intended, pressing }: Claimed): boolean {
  return !wanted && !foundStanding && (held || intended || pressing);
}
