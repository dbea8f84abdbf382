import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import type { ReadBack } from "../connectors/provisioning";
import { db, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { askByHand, takeBackTasks } from "./ask-by-hand";
import { claimEdges, isToBeTaken } from "./claim-edges";
import { heldAccessOf } from "./held-access";
import { impossible, notSo } from "./prove-taken";
import { type Claimed, type Converged, settleFailure, settleGiven } from "./settle-access";
import { settleTaken } from "./settle-taken";
import { takeTogether } from "./take-together";
import { provisionErrorOf, targetOf, whyNotGiving } from "./target";
import { type EdgeVerbs, withVerbs } from "./with-verbs";

/**
 * Brings edges at the target in line with their justifications: held while one of them is live, and gone with the last.
 * Looks before it changes, changes, reads back, and only then says so. May run twice, at the same time and after a crash
 * at any point: whoever claimed an edge last settles it, and one that lost it settles nothing and orders another look.
 * @param also edges of the same account that ended with the first
 * @param verify look at the target even where all is as it should be
 * @returns what is so now of the first; `waiting` when it is not yet as wanted
 */
export async function convergeAccess(
  actor: Actor,
  { accessId, also = [], verify = false }: { accessId: string; also?: readonly string[]; verify?: boolean },
  signal: AbortSignal = new AbortController().signal,
): Promise<Converged> {
  await authorize(actor, "grant:provision");
  const claimed = await transaction((tx) => claimEdges(tx, [accessId, ...also], verify));
  const ending = claimed.filter(isToBeTaken);
  const done = ending.length > 0 ? await takeTogether(actor, ending, signal) : new Map<string, Converged>();
  for (const one of claimed) if (!done.has(one.id)) done.set(one.id, await converge(actor, one, signal));
  return done.get(accessId) ?? "absent";
}

async function converge(actor: Actor, claimed: Claimed, signal: AbortSignal): Promise<Converged> {
  try {
    const target = await targetOf(claimed.connectionId, signal);
    const why = whyNotGiving(target.connector, target.context().settings);
    if (why) return await byHand(actor, claimed);
    const settled = await settleAtHome(actor, claimed);
    if (settled) return settled;
    const names = await heldAccessOf(claimed);
    return await withVerbs(target, names, (verbs) => give(actor, claimed, verbs));
  } catch (error) {
    if (signal.aborted) throw error;
    await transaction((tx) => settleFailure(tx, actor, claimed, provisionErrorOf(error)));
    return "waiting";
  }
}

async function give(actor: Actor, claimed: Claimed, verbs: EdgeVerbs): Promise<"held" | "waiting"> {
  const before = claimed.intended ? null : await verbs.readBack();
  if (before) await intend(claimed, before);
  const given = await verbs.grant(claimed.until);
  if (given.outcome === "impossible") throw impossible(given);
  const after = await verbs.readBack();
  if (!after.held) throw notSo("was given and is not held when asked back", after);
  const standing = before ? before.held && before.ours : claimed.foundStanding;
  await transaction((tx) =>
    settleGiven(tx, actor, claimed, {
      detail: given.detail,
      readBack: after.detail,
      standing,
    }),
  );
  return "held";
}

// From here on, what is found at the target may be ours: a crash after the change must not take it for somebody else's.
async function intend(claimed: Claimed, before: ReadBack): Promise<void> {
  await transaction(async (tx) => {
    const at = await clockOf(tx);
    const { count } = await tx.managedAccess.updateMany({
      where: { id: claimed.id, claim: claimed.claim },
      data: { intendedAt: at, foundStanding: before.held && before.ours },
    });
    if (count === 0) throw new Error("another worker took this over");
  });
}

// What needs no look at the target, or null.
async function settleAtHome(actor: Actor, claimed: Claimed): Promise<"held" | "absent" | null> {
  if (claimed.wanted) {
    if (!claimed.held || claimed.pressing) return null;
    await release(claimed);
    return "held";
  }
  if (claimed.foundStanding) {
    const outcome = { taken: null, readBack: null, sessions: null, standing: true };
    await transaction((tx) => settleTaken(tx, actor, [{ claimed, outcome }]));
    return "absent";
  }
  if (isToBeTaken(claimed)) return null;
  await release(claimed);
  return "absent";
}

async function byHand(actor: Actor, claimed: Claimed): Promise<"waiting" | "held" | "absent"> {
  return transaction(async (tx) => {
    const matches = claimed.wanted === claimed.held;
    if (matches) await takeBackTasks(tx, claimed.id);
    if (matches && claimed.wanted && claimed.pressing) {
      await settleGiven(tx, actor, claimed, {
        detail: "held already, given by hand",
        readBack: "said by a person",
        standing: false,
      });
      return "held";
    }
    if (matches) {
      const outcome = { taken: null, readBack: null, sessions: null, standing: false };
      await settleTaken(tx, actor, [{ claimed, outcome }]);
      return claimed.held ? "held" : "absent";
    }
    await askByHand(tx, actor, claimed, claimed.wanted ? "give" : "take");
    await tx.managedAccess.updateMany({
      where: { id: claimed.id, claim: claimed.claim },
      data: { claim: null, claimedAt: null },
    });
    return "waiting";
  });
}

async function release(claimed: Claimed): Promise<void> {
  await db().managedAccess.updateMany({
    where: { id: claimed.id, claim: claimed.claim },
    data: { claim: null, claimedAt: null },
  });
}
