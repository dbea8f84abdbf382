import type { Actor } from "../auth/actor";
import { transaction } from "../db/client";
import { heldAccessesOf } from "./held-access";
import { provenTaken } from "./prove-taken";
import { type Claimed, type Converged, settleFailure } from "./settle-access";
import { settleTaken, type TakenEdge } from "./settle-taken";
import { takeAll } from "./take-all";
import { provisionErrorOf, targetOf, whyNotGiving } from "./target";

type Failed = { claimed: Claimed; error: unknown };

/**
 * Takes edges of one account at its system in one go, and settles each for itself: one that fails is tried again alone.
 * @returns what is so now of each; of none where a person has to do it
 */
export async function takeTogether(
  actor: Actor,
  edges: readonly Claimed[],
  signal: AbortSignal,
): Promise<Map<string, Converged>> {
  const answers = await ask(edges, signal);
  if (answers === null) return new Map();
  const { taken, failed } = answers;
  if (taken.length > 0) await transaction((tx) => settleTaken(tx, actor, taken));
  // Each in a transaction of its own: an edge is never locked after grants.
  for (const { claimed, error } of failed)
    await transaction((tx) => settleFailure(tx, actor, claimed, provisionErrorOf(error)));
  return new Map([
    ...taken.map(({ claimed }) => [claimed.id, "absent"] as const),
    ...failed.map(({ claimed }) => [claimed.id, "waiting"] as const),
  ]);
}

async function ask(
  edges: readonly Claimed[],
  signal: AbortSignal,
): Promise<{ taken: TakenEdge[]; failed: Failed[] } | null> {
  try {
    const names = heldAccessesOf(edges);
    // Heard where they are needed: of a system that cannot be changed they are not.
    names.catch(() => undefined);
    const target = await targetOf(edges[0]?.connectionId ?? "", signal);
    if (whyNotGiving(target.connector, target.context().settings)) return null;
    const { each, sessions } = await takeAll(target, await names, { endingSessions: true });
    const taken: TakenEdge[] = [];
    const failed: Failed[] = [];
    for (const [n, claimed] of edges.entries()) {
      try {
        const one = each[n];
        if (!one) throw new Error("the connector did not answer for each");
        if ("error" in one) throw one.error;
        taken.push({ claimed, outcome: provenTaken({ ...one, sessions }) });
      } catch (error) {
        failed.push({ claimed, error });
      }
    }
    if (failed.length > 0) signal.throwIfAborted();
    return { taken, failed };
  } catch (error) {
    if (signal.aborted) throw error;
    return { taken: [], failed: edges.map((claimed) => ({ claimed, error })) };
  }
}
