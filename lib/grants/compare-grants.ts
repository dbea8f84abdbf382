import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows, type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { enqueue } from "../jobs/enqueue";
import { currentPolicies } from "../policies/current-policies";
import type { PolicyRules } from "../policies/schema";
import { minuteMs, plus } from "../time";
import { compareIssued } from "./compare-issued";
import { endGrant } from "./end-grant";
import { heldAccessOf } from "./held-access";
import { lockGrant } from "./lock-grant";
import { move, targetOf as recordTarget } from "./move-grants";
import type { Edge } from "./note-edge";
import { managedAccess, orderConvergence } from "./order-convergence";
import { targetOf } from "./target";
import { writeReceipt } from "./write-receipt";

type Suspect = {
  id: string;
  connectionId: string;
  state: string;
  drift: string | null;
  accountId: string;
  groupId: string | null;
  entitlementId: string | null;
  /** Changes with each change of the edge by Rollcall itself. */
  version: string | null;
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
  await compareIssued(actor, connectionId, signal);
  const suspects = await findSuspects(connectionId);
  if (suspects.length === 0) return;
  const target = await targetOf(connectionId, signal);
  const moved: Suspect[] = [];
  for (const suspect of suspects) {
    const names = await heldAccessOf(suspect);
    const now = target.connector.readBack ? await target.connector.readBack(target.context(), names) : null;
    const held = now ? now.held : suspect.state !== "active";
    const { rules } = await currentPolicies();
    await transaction(async (tx) => {
      if (!(await stillSo(tx, suspect))) return void moved.push(suspect);
      if (suspect.state === "active" && !held) await takenAway(tx, actor, suspect, rules);
      if (suspect.state === "active" && held && suspect.drift !== null) await isBack(tx, suspect);
      if (suspect.state === "ended" && held) await cameBack(tx, actor, suspect.id, rules);
      if (suspect.state === "resurrected" && !held) await isGone(tx, actor, suspect.id);
    });
  }
  if (moved.length > 0) await transaction(async (tx) => orderComparison(tx, connectionId, await clockOf(tx)));
}

// Rollcall itself gave or took in the meantime: what was read back says nothing of how it is now.
async function stillSo(tx: Tx, { id, version }: Suspect): Promise<boolean> {
  const grant = await lockGrant(tx, id);
  if (grant === null || grant.accountId === null) return false;
  const [row] = await tx.$queryRaw<{ same: boolean }[]>`
    select m.xmin::text is not distinct from ${version}::text and m.claim is null and not exists (
      select 1 from grants o where o.give = 'assignment' and o.account_id = ${grant.accountId}::uuid
        and (o.group_id = ${grant.groupId}::uuid or o.entitlement_id = ${grant.entitlementId}::uuid)
        and o.state in ('activating', 'ending', 'ending_failed')) as same
    from (select 1) edge left join managed_accesses m on m.account_id = ${grant.accountId}::uuid
      and (m.group_id = ${grant.groupId}::uuid or m.entitlement_id = ${grant.entitlementId}::uuid)`;
  return row?.same ?? false;
}

async function orderComparison(tx: Tx, connectionId: string, at: Date): Promise<void> {
  const timing = { key: `compare ${connectionId}`, runAt: plus(at, minuteMs), sooner: true };
  await enqueue(tx, "compare-grants", { connectionId }, timing);
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
         -- What ended before it was ever given cannot come back: held now, it was given by hand.
         and (g.activated_at is not null or exists (select 1 from managed_accesses m where m.account_id = g.account_id
           and (m.group_id = g.group_id or m.entitlement_id = g.entitlement_id)))
       order by g.account_id, g.group_id, g.entitlement_id, (g.state = 'active') desc, (g.state = 'resurrected') desc,
         (g.activated_at is not null) desc, g.id desc),
     seen as (
       select e.*, coalesce(
           (select true from memberships m where m.member_id = e."accountId" and m.group_id = e."groupId" and m.removed_at is null limit 1),
           (select true from assignments a where a.principal_id = e."accountId" and a.entitlement_id = e."entitlementId"
              and a.removed_at is null limit 1), false) as held
       from edges e)
     select id, $1::uuid as "connectionId", state, drift, "accountId", "groupId", "entitlementId",
       (select m.xmin::text from managed_accesses m where m.account_id = "accountId"
          and (m.group_id = "groupId" or m.entitlement_id = "entitlementId")) as version from seen
     where (state = 'active' and held = (drift is not null)) or (state = 'ended' and held and standing is null)
       or (state = 'resurrected' and not held)
     limit 500`,
    [connectionId],
  );
}

async function takenAway(tx: Tx, actor: Actor, suspect: Suspect, { byHand }: PolicyRules): Promise<void> {
  const at = await clockOf(tx);
  const what = {
    show: "It is shown, and left so.",
    give_again: "It is given again.",
    end: "The grant ends with it.",
  }[byHand.takenAway];
  const detail = `Somebody took it away in the system itself. ${what}`;
  for (const grant of await activeOf(tx, suspect)) {
    const { id } = grant;
    await tx.grant.update({ where: { id }, data: { drift: "taken_away", driftSeenAt: at }, select: { id: true } });
    await writeReceipt(tx, [id], { step: "taken_away_by_hand", at, detail });
    const details = { policy: byHand.takenAway };
    await record(tx, actor, { action: "grant.taken_away", target: recordTarget(grant), outcome: "failed", details });
    if (byHand.takenAway === "end")
      await endGrant(tx, actor, id, { because: "revoked", words: "It was taken away by hand in the system itself." });
  }
  if (byHand.takenAway === "give_again") {
    const access = await managedAccess(tx, edgeOf(suspect));
    await tx.managedAccess.update({ where: { id: access.id }, data: { state: "absent" }, select: { id: true } });
    await orderConvergence(tx, access);
  }
}

/** The live grants of a suspect's edge whose drift is not known yet, locked: all of them lost it. */
function activeOf(tx: Tx, { accountId, groupId, entitlementId }: Suspect) {
  return tx.$queryRaw<{ id: string; permission: string; resourceName: string }[]>`
    select id, permission, resource_name as "resourceName" from grants
    where give = 'assignment' and account_id = ${accountId}::uuid and state = 'active' and drift is null
      and (group_id = ${groupId}::uuid or entitlement_id = ${entitlementId}::uuid) order by id for update`;
}

function edgeOf({ connectionId, accountId, groupId, entitlementId }: Suspect): Edge {
  return { connectionId, accountId, groupId, entitlementId };
}

async function isBack(tx: Tx, suspect: Suspect): Promise<void> {
  const { connectionId, accountId, groupId, entitlementId } = suspect;
  await tx.grant.updateMany({
    where: { connectionId, accountId, groupId, entitlementId, state: "active" },
    data: { drift: null, driftSeenAt: null },
  });
}

async function cameBack(tx: Tx, actor: Actor, id: string, { byHand }: PolicyRules): Promise<void> {
  const grant = await lockGrant(tx, id);
  if (grant?.state !== "ended") return;
  const at = await clockOf(tx);
  await move(tx, grant, "return", { drift: "came_back", driftSeenAt: at });
  const detail = "It is held again in the system itself, and nobody here can say why.";
  await writeReceipt(tx, [id], { step: "came_back", at, detail });
  const details = { policy: byHand.cameBack };
  await record(tx, actor, { action: "grant.came_back", target: recordTarget(grant), outcome: "failed", details });
  if (byHand.cameBack === "take_away") await takeAwayAgain(tx, actor, id);
}

async function takeAwayAgain(tx: Tx, actor: Actor, id: string): Promise<void> {
  const { connectionId, accountId, groupId, entitlementId } = await tx.grant.findUniqueOrThrow({ where: { id } });
  if (accountId === null) return;
  const access = await managedAccess(tx, { connectionId, accountId, groupId, entitlementId });
  const intended = { where: { id: access.id }, data: { intendedAt: await clockOf(tx) }, select: { id: true } } as const;
  await tx.managedAccess.update(intended);
  const words = "It came back by hand and is taken away again, as the policies say.";
  await endGrant(tx, actor, id, { because: "revoked", words });
}

async function isGone(tx: Tx, actor: Actor, id: string): Promise<void> {
  const grant = await lockGrant(tx, id);
  if (grant?.state !== "resurrected") return;
  const at = await clockOf(tx);
  await move(tx, grant, "prove", { endedAt: at, drift: null, driftSeenAt: null });
  await writeReceipt(tx, [id], { step: "proven", at, detail: "It is gone again." });
  await record(tx, actor, { action: "grant.ended", target: recordTarget(grant), details: { because: "gone again" } });
}
