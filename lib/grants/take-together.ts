import type { Actor } from "../auth/actor";
import type { HeldAccess } from "../connectors/provisioning";
import { transaction } from "../db/client";
import { nowMs, secondMs } from "../time";
import { findHeldAccesses } from "./held-access";
import { provenTaken } from "./prove-taken";
import { type Claimed, type Converged, settleFailure } from "./settle-access";
import { settleTaken, type TakenEdge } from "./settle-taken";
import { isAway, takeAll } from "./take-all";
import { provisionErrorOf, type Target, targetOf, whyNotGiving } from "./target";

type Failed = { claimed: Claimed; error: unknown };
type Asked = { taken: TakenEdge[]; failed: Failed[] };

// What was taken is written down this often, however many accounts come after it.
const settleEveryMs = secondMs;

/**
 * Takes edges of one system there, those of one account in one go, and settles each for itself: one that fails is tried
 * again alone.
 * @returns what is so now of each; of none where a person has to do it
 */
export async function takeTogether(
  actor: Actor,
  edges: readonly Claimed[],
  signal: AbortSignal,
): Promise<Map<string, Converged>> {
  const done = new Map<string, Converged>();
  let waiting: Asked = { taken: [], failed: [] };
  let settledAtMs = nowMs();
  const settle = async () => {
    const { taken, failed } = waiting;
    waiting = { taken: [], failed: [] };
    if (taken.length > 0) await transaction((tx) => settleTaken(tx, actor, taken));
    // Each in a transaction of its own: an edge is never locked after grants.
    for (const { claimed, error } of failed)
      await transaction((tx) => settleFailure(tx, actor, claimed, provisionErrorOf(error)));
    for (const { claimed } of taken) done.set(claimed.id, "absent");
    for (const { claimed } of failed) done.set(claimed.id, "waiting");
    settledAtMs = nowMs();
  };
  for await (const { taken, failed } of askEach(edges, signal)) {
    waiting.taken.push(...taken);
    waiting.failed.push(...failed);
    if (nowMs() - settledAtMs > settleEveryMs) await settle();
  }
  await settle();
  return done;
}

// Account by account. Where the system is away, the others need not find out.
async function* askEach(edges: readonly Claimed[], signal: AbortSignal): AsyncGenerator<Asked> {
  const asking = await beginAsking(edges, signal);
  if (!("named" in asking)) return yield asking;
  let away: unknown = null;
  for (const ofAccount of byAccount(asking.named)) {
    const asked: Asked = away ? failedAll(ofAccount, away) : await ask(asking.target, ofAccount, signal);
    away ??= asked.failed.find(({ error }) => isAway(error))?.error ?? null;
    yield asked;
  }
}

type Named = { claimed: Claimed; held: HeldAccess | null };

async function beginAsking(
  edges: readonly Claimed[],
  signal: AbortSignal,
): Promise<Asked | { target: Target; named: Named[] }> {
  const names = findHeldAccesses(edges);
  // Heard where they are needed: of a system that cannot be changed they are not.
  names.catch(() => undefined);
  try {
    const target = await targetOf(edges[0]?.connectionId ?? "", signal);
    if (whyNotGiving(target.connector, target.context().settings)) return { taken: [], failed: [] };
    const held = await names;
    return { target, named: edges.map((claimed, n) => ({ claimed, held: held[n] ?? null })) };
  } catch (error) {
    if (signal.aborted) throw error;
    const named = edges.map((claimed) => ({ claimed, held: null }));
    return failedAll(named, error);
  }
}

function byAccount(named: readonly Named[]): Named[][] {
  const accounts = new Map<string, Named[]>();
  for (const one of named) {
    const { accountId } = one.claimed;
    accounts.set(accountId, [...(accounts.get(accountId) ?? []), one]);
  }
  return [...accounts.values()];
}

async function ask(target: Target, named: readonly Named[], signal: AbortSignal): Promise<Asked> {
  try {
    const held = named.map((one) => {
      if (!one.held) throw new Error("an end of an edge is gone from the inventory");
      return one.held;
    });
    const { each, sessions } = await takeAll(target, held, { endingSessions: true });
    const asked: Asked = { taken: [], failed: [] };
    for (const [n, { claimed }] of named.entries()) {
      try {
        const one = each[n];
        if (!one) throw new Error("the connector did not answer for each");
        if ("error" in one) throw one.error;
        asked.taken.push({ claimed, outcome: provenTaken({ ...one, sessions }) });
      } catch (error) {
        asked.failed.push({ claimed, error });
      }
    }
    if (asked.failed.length > 0) signal.throwIfAborted();
    return asked;
  } catch (error) {
    if (signal.aborted) throw error;
    return failedAll(named, error);
  }
}

function failedAll(named: readonly Named[], error: unknown): Asked {
  return { taken: [], failed: named.map(({ claimed }) => ({ claimed, error })) };
}
