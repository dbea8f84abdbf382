import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { Prisma } from "../db/generated/client";
import { finishGrants, type GrantFacts } from "./move-grants";
import { noteEdgesGone } from "./note-edge";
import { orderConvergence, wantedAmong } from "./order-convergence";
import { type Claimed, coverLost, lookAgainWhereTakenOver, type Taken } from "./settle-access";
import { grantStatesBefore } from "./states";
import type { ReceiptLine } from "./write-receipt";

/** An edge, and what taking it came to. */
export type TakenEdge = { claimed: Claimed; outcome: Taken };

/**
 * Edges of one connection were taken and read back, each for itself: the grants that waited for that are over, proven.
 * An edge that another worker has taken over is not settled.
 */
export async function settleTaken(tx: Tx, actor: Actor, edges: readonly TakenEdge[]): Promise<void> {
  const at = await clockOf(tx);
  const settled = await giveUpClaims(tx, edges, at);
  const gone = settled.filter(({ outcome }) => !outcome.standing && !outcome.readBack?.held);
  await noteEdgesGone(
    tx,
    gone.map(({ claimed }) => claimed),
    at,
  );
  const ending = await grantsOf(tx, settled);
  const outcomes = new Map(settled.map(({ claimed, outcome }) => [claimed.id, outcome]));
  const accessOf = new Map(ending.map(({ id, accessId }) => [id, accessId]));
  const linesFor = ({ id }: GrantFacts) => {
    const outcome = outcomes.get(accessOf.get(id) ?? "");
    return outcome ? linesOf(outcome, at) : [];
  };
  await finishGrants(tx, actor, ending, at, linesFor);
  const ids = settled.map(({ claimed }) => claimed.id);
  const wanted = await wantedAmong(tx, ids, at);
  for (const { claimed } of settled) if (wanted.has(claimed.id)) await orderConvergence(tx, claimed);
}

// The fence, as for one.
async function giveUpClaims(tx: Tx, edges: readonly TakenEdge[], at: Date): Promise<TakenEdge[]> {
  const wanted = JSON.stringify(edges.map(({ claimed: { id, claim } }) => ({ id, claim })));
  const own = await tx.$queryRaw<{ id: string }[]>`
    select m.id from managed_accesses m join json_to_recordset(${wanted}::json) as e(id uuid, claim uuid) on e.id = m.id
    where m.claim = e.claim order by m.id for update of m`;
  const ids = own.map(({ id }) => id);
  await tx.managedAccess.updateMany({
    where: { id: { in: ids } },
    data: {
      ...{ state: "absent", foundStanding: false, intendedAt: null, attempts: 0, nextTryAt: null },
      ...{ lastError: Prisma.DbNull, claim: null, claimedAt: null, checkedAt: at },
    },
  });
  const still = new Set(ids);
  for (const { claimed } of edges) {
    await lookAgainWhereTakenOver(tx, claimed, at);
    if (!still.has(claimed.id)) await coverLost(tx, claimed, at);
  }
  return edges.filter(({ claimed }) => still.has(claimed.id));
}

/** The grants of these edges that are over when the edges are gone, locked, each with its edge. */
async function grantsOf(tx: Tx, edges: readonly TakenEdge[]): Promise<(GrantFacts & { accessId: string })[]> {
  const states = grantStatesBefore("prove").filter((state) => state !== "scheduled" && state !== "resurrected");
  const given = JSON.stringify(
    edges.map(({ claimed: { id, accountId, groupId, entitlementId } }) => ({ id, accountId, groupId, entitlementId })),
  );
  return tx.$queryRaw<(GrantFacts & { accessId: string })[]>`
    select g.id, g.state, g.subject_id as "subjectId", g.request_id as "requestId", g.duration_seconds as "durationSeconds",
      g.permission, g.resource_name as "resourceName", g.ended_because as "endedBecause", g.ended_words as "endedWords",
      g.ends_at as "endsAt", g.connection_id as "connectionId", g.give, e.id as "accessId"
    from json_to_recordset(${given}::json) as e(id uuid, "accountId" uuid, "groupId" uuid, "entitlementId" uuid)
    join grants g on g.account_id = e."accountId" and (g.group_id = e."groupId" or g.entitlement_id = e."entitlementId")
    where g.give = 'assignment' and g.state = any(${states}::text[]) order by g.id for update of g`;
}

function linesOf({ taken, readBack, sessions, standing }: Taken, at: Date): ReceiptLine[] {
  const lines: ReceiptLine[] = [];
  const line = (step: ReceiptLine["step"], detail: string) => lines.push({ step, at, detail });
  if (taken && taken.outcome !== "impossible") line("taken", taken.detail);
  if (sessions) line("sessions_ended", sessions.detail);
  if (readBack) line("read_back", readBack.detail);
  if (standing) line("left_standing", "It was held before Rollcall gave it, and stands as it did.");
  else if (readBack?.held)
    line("left_standing", `What Rollcall gave is gone. It is still held, given by ${readBack.alsoBy.join(", ")}.`);
  return lines;
}
