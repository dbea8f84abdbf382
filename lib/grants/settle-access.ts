import type { Actor } from "../auth/actor";
import type { Outcome, ReadBack, SessionsEnded } from "../connectors/provisioning";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { Prisma } from "../db/generated/client";
import { plus } from "../time";
import { beginGrants, failGrants, finishGrants, type GrantFacts } from "./move-grants";
import { type Edge, noteEdge } from "./note-edge";
import { lookAgain, orderConvergence, wantedOf } from "./order-convergence";
import type { ProvisionError } from "./schema";
import { grantStatesBefore } from "./states";
import { retryDelayMs } from "./target";
import { type ReceiptLine, writeReceipt } from "./write-receipt";

/** An edge as one worker has it now. */
export type Claimed = Edge & {
  id: string;
  claim: string;
  wanted: boolean;
  until: Date | null;
  held: boolean;
  foundStanding: boolean;
  intended: boolean;
  /** A grant that begins, ends or moves: the target is to be told even where it is so already. */
  pressing: boolean;
  /** This is the look at the target that a worker who was given up makes needful. */
  verify: boolean;
  /** Taken over from a worker that may yet wake up. */
  takenOver: boolean;
};

/** How an edge stands after a worker had it; `waiting`: not yet as wanted. */
export type Converged = "held" | "absent" | "waiting";

/** What taking came to. */
export type Taken = {
  taken: Outcome | null;
  readBack: ReadBack | null;
  sessions: SessionsEnded | null;
  /** It stood before Rollcall gave it, and is left as it was. */
  standing: boolean;
};

/** What giving came to. `standing`: it was held before, and is not Rollcall's to take. */
export type Given = { detail: string; readBack: string; standing: boolean };

/** The edge was given and read back: the grants that waited for it begin. */
export async function settleGiven(tx: Tx, actor: Actor, claimed: Claimed, given: Given): Promise<void> {
  const at = await clockOf(tx);
  const changed = { state: "held", foundStanding: given.standing, intendedAt: at } as const;
  if (!(await giveUpClaim(tx, claimed, at, changed))) return;
  await noteEdge(tx, claimed, true, at);
  const { wanted } = await wantedOf(tx, claimed, at);
  const beginning = await grantsOf(tx, claimed, "succeed");
  const ids = beginning.map(({ id }) => id);
  const found: ReceiptLine[] = given.standing ? [{ step: "found_standing", at, detail: foundStandingWords }] : [];
  const read: ReceiptLine = { step: "read_back", at, detail: given.readBack };
  await writeReceipt(tx, ids, ...found, { step: "done", at, detail: given.detail }, read);
  await beginGrants(tx, actor, beginning, at);
  if (wanted) await keepGrants(tx, actor, claimed, at);
  else await orderConvergence(tx, claimed, { taking: true });
}

const foundStandingWords =
  "It was held before Rollcall gave it, so that it is not Rollcall's to take: it will be left as it was when this ends.";

/** It could not be given or taken: said on the grants, and tried again. */
export async function settleFailure(tx: Tx, actor: Actor, claimed: Claimed, error: ProvisionError): Promise<void> {
  const at = await clockOf(tx);
  const [row] = await tx.$queryRaw<{ attempts: number }[]>`
    select attempts from managed_accesses where id = ${claimed.id}::uuid and claim = ${claimed.claim}::uuid for update`;
  const attempts = (row?.attempts ?? 0) + 1;
  // What can never be given waits for a person; what is to be taken is tried for ever.
  const again = error.retryable || !claimed.wanted ? plus(at, retryDelayMs(attempts)) : null;
  const facts = { attempts, nextTryAt: again, lastError: error };
  if (!(await giveUpClaim(tx, claimed, at, facts))) return;
  const failing = await grantsOf(tx, claimed, "fail");
  const concerned = failing.filter(({ state }) => state.startsWith("ending") !== claimed.wanted);
  await failGrants(tx, actor, concerned, { at, ...facts });
  if (again) await orderConvergence(tx, claimed, { runAt: again, taking: !claimed.wanted, verify: claimed.verify });
}

// The fence: a worker whose edge another has taken over settles nothing, and orders another look, because what it did at
// the target may have come after what the other did.
async function giveUpClaim(
  tx: Tx,
  claimed: Claimed,
  at: Date,
  facts: Partial<Parameters<Tx["managedAccess"]["updateMany"]>[0]["data"]>,
): Promise<boolean> {
  const { count } = await tx.managedAccess.updateMany({
    where: { id: claimed.id, claim: claimed.claim },
    data: {
      attempts: 0,
      nextTryAt: null,
      lastError: Prisma.DbNull,
      ...facts,
      claim: null,
      claimedAt: null,
      checkedAt: at,
    },
  });
  await lookAgainWhereTakenOver(tx, claimed, at);
  if (count === 0) await coverLost(tx, claimed, at);
  return count > 0;
}

/** Whoever had the edge before may yet wake up and change something: it is looked at again when that is over. */
export async function lookAgainWhereTakenOver(tx: Tx, claimed: Claimed, at: Date): Promise<void> {
  if (claimed.takenOver) await lookAgain(tx, claimed, at);
}

/** What a worker gave too late is Rollcall's to take, though whoever took the edge over never gave it. */
export async function coverLost(tx: Tx, claimed: Claimed, at: Date): Promise<void> {
  await tx.managedAccess.updateMany({ where: { id: claimed.id, intendedAt: null }, data: { intendedAt: at } });
  await orderConvergence(tx, claimed, { verify: true, taking: true });
}

async function keepGrants(tx: Tx, actor: Actor, claimed: Claimed, at: Date): Promise<void> {
  const kept = await grantsOf(tx, claimed, "prove");
  const ids = kept.map(({ id }) => id);
  await writeReceipt(tx, ids, {
    step: "kept",
    at,
    detail: "Other live justifications keep this access: nothing was taken.",
  });
  await finishGrants(tx, actor, kept, at);
}

/** The grants of this edge from whose state `step` may be taken, locked. */
async function grantsOf(tx: Tx, edge: Edge, step: "succeed" | "prove" | "fail"): Promise<GrantFacts[]> {
  const states = grantStatesBefore(step).filter((state) => state !== "scheduled" && state !== "resurrected");
  return tx.$queryRaw<GrantFacts[]>`
    select id, state, subject_id as "subjectId", request_id as "requestId", duration_seconds as "durationSeconds", permission,
      resource_name as "resourceName", ended_because as "endedBecause", ended_words as "endedWords", ends_at as "endsAt",
      connection_id as "connectionId", give
    from grants where give = 'assignment' and account_id = ${edge.accountId}::uuid
      and (group_id = ${edge.groupId}::uuid or entitlement_id = ${edge.entitlementId}::uuid)
      and state = any(${states}::text[]) order by id for update`;
}
