import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db, rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { currentPolicies } from "../policies/current-policies";
import { endGrant } from "./end-grant";
import { heldAccessOf } from "./held-access";
import { lockGrant } from "./lock-grant";
import { move, targetOf as recordTarget } from "./move-grants";
import { managedAccess, orderConvergence } from "./order-convergence";
import { targetOf } from "./target";
import { writeReceipt } from "./write-receipt";

type Suspect = {
  id: string;
  state: string;
  drift: string | null;
  accountId: string;
  groupId: string | null;
  entitlementId: string | null;
};

/**
 * The job behind `compare-grants`, after each sync: what was given or taken by hand in the system meanwhile is seen and
 * shown, and undone or adopted only where the policies say so. The system itself is asked before anything is said.
 */
export async function compareGrants(
  actor: Actor,
  { connectionId }: { connectionId: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await authorize(actor, "grant:provision");
  const suspects = await findSuspects(connectionId);
  if (suspects.length === 0) return;
  const target = await targetOf(connectionId, signal);
  for (const suspect of suspects) {
    const names = await heldAccessOf({ connectionId, ...suspect });
    const now = target.connector.readBack ? await target.connector.readBack(target.context(), names) : null;
    const held = now ? now.held : suspect.state !== "active";
    if (suspect.state === "active" && !held) await takenAway(actor, suspect.id);
    if (suspect.state === "active" && held && suspect.drift !== null) await isBack(suspect.id);
    if (suspect.state === "ended" && held) await cameBack(actor, suspect.id);
    if (suspect.state === "resurrected" && !held) await isGone(actor, suspect.id);
  }
}

// Of an edge whose grants have all ended, the last of them speaks for it.
async function findSuspects(connectionId: string): Promise<Suspect[]> {
  return rows<Suspect>(
    `with edges as (
       select distinct on (g.account_id, g.group_id, g.entitlement_id) g.id, g.state, g.drift, g.account_id as "accountId",
         g.group_id as "groupId", g.entitlement_id as "entitlementId", g.ended_at,
         (select min(s.at) from grant_steps s where s.grant_id = g.id and s.step = 'left_standing') as standing
       from grants g where g.connection_id = $1 and g.give = 'assignment' and g.account_id is not null
         and g.state in ('active', 'ended', 'resurrected')
       order by g.account_id, g.group_id, g.entitlement_id, (g.state = 'active') desc, g.id desc),
     seen as (
       select e.*, coalesce(
           (select true from memberships m where m.member_id = e."accountId" and m.group_id = e."groupId" and m.removed_at is null limit 1),
           (select true from assignments a where a.principal_id = e."accountId" and a.entitlement_id = e."entitlementId"
              and a.removed_at is null limit 1), false) as held
       from edges e)
     select id, state, drift, "accountId", "groupId", "entitlementId" from seen
     where (state = 'active' and held = (drift is not null)) or (state = 'ended' and held and standing is null)
       or (state = 'resurrected' and not held)
     limit 500`,
    [connectionId],
  );
}

async function takenAway(actor: Actor, id: string): Promise<void> {
  const { rules } = await currentPolicies();
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, id);
    if (grant?.state !== "active" || grant.accountId === null) return;
    const at = await clockOf(tx);
    await tx.grant.update({ where: { id }, data: { drift: "taken_away", driftSeenAt: at }, select: { id: true } });
    const what = {
      show: "It is shown, and left so.",
      give_again: "It is given again.",
      end: "The grant ends with it.",
    }[rules.byHand.takenAway];
    await writeReceipt(tx, [id], {
      step: "taken_away_by_hand",
      at,
      detail: `Somebody took it away in the system itself. ${what}`,
    });
    await record(tx, actor, {
      action: "grant.taken_away",
      target: recordTarget(grant),
      outcome: "failed",
      details: { policy: rules.byHand.takenAway },
    });
    if (rules.byHand.takenAway === "end")
      await endGrant(tx, actor, id, { because: "revoked", words: "It was taken away by hand in the system itself." });
    if (rules.byHand.takenAway === "give_again") {
      const { connectionId, accountId, groupId, entitlementId } = grant;
      const access = await managedAccess(tx, { connectionId, accountId, groupId, entitlementId });
      await tx.managedAccess.update({ where: { id: access.id }, data: { state: "absent" }, select: { id: true } });
      await orderConvergence(tx, access);
    }
  });
}

async function isBack(id: string): Promise<void> {
  await db().grant.updateMany({ where: { id, state: "active" }, data: { drift: null, driftSeenAt: null } });
}

async function cameBack(actor: Actor, id: string): Promise<void> {
  const { rules } = await currentPolicies();
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, id);
    if (grant?.state !== "ended") return;
    const at = await clockOf(tx);
    await move(tx, grant, "return", { drift: "came_back", driftSeenAt: at });
    await writeReceipt(tx, [id], {
      step: "came_back",
      at,
      detail: "It is held again in the system itself, and nobody here can say why.",
    });
    await record(tx, actor, {
      action: "grant.came_back",
      target: recordTarget(grant),
      outcome: "failed",
      details: { policy: rules.byHand.cameBack },
    });
    if (rules.byHand.cameBack === "take_away") await takeAwayAgain(tx, actor, id);
  });
}

async function takeAwayAgain(tx: Tx, actor: Actor, id: string): Promise<void> {
  const grant = await tx.grant.findUniqueOrThrow({ where: { id } });
  if (grant.accountId === null) return;
  const { connectionId, accountId, groupId, entitlementId } = grant;
  const access = await managedAccess(tx, { connectionId, accountId, groupId, entitlementId });
  await tx.managedAccess.update({
    where: { id: access.id },
    data: { intendedAt: await clockOf(tx) },
    select: { id: true },
  });
  await endGrant(tx, actor, id, {
    because: "revoked",
    words: "It came back by hand and is taken away again, as the policies say.",
  });
}

async function isGone(actor: Actor, id: string): Promise<void> {
  await transaction(async (tx) => {
    const grant = await lockGrant(tx, id);
    if (grant?.state !== "resurrected") return;
    const at = await clockOf(tx);
    await move(tx, grant, "prove", { endedAt: at, drift: null, driftSeenAt: null });
    await writeReceipt(tx, [id], { step: "proven", at, detail: "It is gone again." });
    await record(tx, actor, { action: "grant.ended", target: recordTarget(grant), details: { because: "gone again" } });
  });
}
