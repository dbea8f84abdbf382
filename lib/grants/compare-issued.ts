import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { currentPolicies } from "../policies/current-policies";
import type { PolicyRules } from "../policies/schema";
import { endGrant } from "./end-grant";
import { heldAccessOf } from "./held-access";
import { lockGrant } from "./lock-grant";
import { targetOf as recordTarget } from "./move-grants";
import { targetOf } from "./target";
import { writeReceipt } from "./write-receipt";

type Issued = {
  id: string;
  connectionId: string;
  accountId: string;
  groupId: string | null;
  entitlementId: string | null;
  drift: string | null;
};

/**
 * Short-lived accounts after a sync: one that somebody dropped, or took its access from, in the system itself is seen and
 * shown. The system is asked before anything is said. What was handed out with it is void and cannot be made good by
 * making it again, so where the policies would give again, the grant ends too.
 */
export async function compareIssued(actor: Actor, connectionId: string, signal: AbortSignal): Promise<void> {
  const suspects = await rows<Issued>(suspectsSql, [connectionId]);
  if (suspects.length === 0) return;
  const target = await targetOf(connectionId, signal);
  if (!target.connector.readBack) return;
  const { rules } = await currentPolicies();
  for (const suspect of suspects) {
    const { held } = await target.connector.readBack(target.context(), await heldAccessOf(suspect));
    if (held === (suspect.drift === null)) continue;
    await transaction((tx) => (held ? isBack(tx, suspect) : isTaken(tx, actor, suspect, rules)));
  }
}

// Those whose account or access the last sync did not find, and those of which that was said before. While one of them
// is being worked on, its state in the system is about to change.
const suspectsSql = `
  select g.id, g.connection_id as "connectionId", g.account_id as "accountId", g.group_id as "groupId",
    g.entitlement_id as "entitlementId", g.drift
  from grants g
  where g.connection_id = $1 and g.give = 'credential' and g.state = 'active' and g.account_id is not null
    and g.claim is null and (g.drift is not null or not exists (
      select from principals p where p.id = g.account_id and p.removed_at is null and (
        exists (select from memberships m where m.member_id = p.id and m.group_id = g.group_id and m.removed_at is null)
        or exists (select from assignments a where a.principal_id = p.id and a.entitlement_id = g.entitlement_id
          and a.removed_at is null))))
  order by g.id limit 500`;

async function isTaken(tx: Tx, actor: Actor, suspect: Issued, { byHand }: PolicyRules): Promise<void> {
  const grant = await lockGrant(tx, suspect.id);
  if (grant?.state !== "active") return;
  const { id } = grant;
  const seen = await tx.grant.findUniqueOrThrow({ where: { id }, select: { drift: true, claim: true } });
  if (seen.drift !== null || seen.claim !== null) return;
  const at = await clockOf(tx);
  const ends = byHand.takenAway !== "show";
  const detail = `Somebody dropped the short-lived account, or took its access, in the system itself. ${ends ? "The grant ends with it." : "It is shown, and left so."}`;
  await tx.grant.update({ where: { id }, data: { drift: "taken_away", driftSeenAt: at }, select: { id: true } });
  await writeReceipt(tx, [id], { step: "taken_away_by_hand", at, detail });
  const details = { policy: ends ? "end" : "show" };
  await record(tx, actor, { action: "grant.taken_away", target: recordTarget(grant), outcome: "failed", details });
  if (ends)
    await endGrant(tx, actor, id, {
      because: "revoked",
      words: "Its account was taken away by hand in the system itself.",
    });
}

async function isBack(tx: Tx, { id }: Issued): Promise<void> {
  await tx.grant.updateMany({ where: { id, state: "active" }, data: { drift: null, driftSeenAt: null } });
}
