import { ConnectorError } from "../connectors/connector-error";
import type { AccountRef, AccountStanding, HeldAccess, Outcome, TakenOne } from "../connectors/provisioning";
import { heldAccessOf } from "../grants/held-access";
import type { ProvisionError } from "../grants/schema";
import { takeAll } from "../grants/take-all";
import { provisionErrorOf, type Target, whyNotGiving } from "../grants/target";
import { withVerbs } from "../grants/with-verbs";
import { nowMs } from "../time";
import type { ClaimedStep } from "./claimed-step";

/** What carrying out a step came to, as the system itself says. */
export type Finding =
  | {
      move: "acknowledge" | "verify" | "undo";
      detail: string;
      changed: boolean;
      outlives?: AccountStanding["outlives"];
      /** When the system had acknowledged it, by the worker's clock; what follows is the asking back. */
      doneAtMs?: number;
      /** What became of a sign-in that must fail. */
      signIn?: "refused" | "not_tried";
    }
  /** It stays with the account, which is shut: nobody can use it. */
  | { move: "leave"; detail: string }
  /** A person has to do it. */
  | { move: "need"; because: string; remedy: string }
  | { move: "fail"; error: ProvisionError };

/** Shuts an account: no sign-in, no open session, and a sign-in that must fail. */
export async function shut(target: Target, step: ClaimedStep): Promise<Finding> {
  const { connector, context } = target;
  const account = accountOf(step);
  const why = whyNotLeaving(target, "disable");
  if (why) return why;
  const done = await connector.disable?.(context(), account);
  if (!done || done.outcome === "impossible") return needed(done);
  const doneAtMs = nowMs();
  const standing = await connector.probe?.(context(), account);
  // Shutting ended its sessions; where nobody asks afterwards whether they are gone, they are looked for once more.
  const sessions = typeof standing?.sessions === "number" ? null : await connector.endSessions?.(context(), account);
  if (sessions && sessions.left > 0) throw notSo(`${sessions.left} sessions are still open: ${sessions.detail}`);
  if (standing && standing.open === null) return untold(standing);
  if (standing && standing.open !== false) throw notSo(`the system says it can still sign in: ${standing.detail}`);
  if (standing && (standing.sessions ?? 0) > 0) throw notSo(`sessions slipped in: ${standing.detail}`);
  if (standing?.signIn === "accepted") throw notSo(`a sign-in that must fail was let in: ${standing.detail}`);
  return {
    move: "verify",
    detail: [done.detail, sessions?.detail, standing?.detail].filter(Boolean).join("; "),
    changed: done.outcome === "done",
    outlives: standing?.outlives ?? [],
    doneAtMs,
    ...(standing ? { signIn: standing.signIn } : {}),
  };
}

/** Lets an account in again that this run shut. */
export async function reopen({ connector, context }: Target, step: ClaimedStep): Promise<Finding> {
  const account = accountOf(step);
  const done = await connector.enable?.(context(), account);
  if (!done || done.outcome === "impossible") return needed(done);
  const standing = await connector.probe?.(context(), account);
  if (standing && standing.open === false) throw notSo(`the system says it is still shut: ${standing.detail}`);
  return { move: "undo", detail: [done.detail, standing?.detail].filter(Boolean).join("; "), changed: false };
}

/**
 * Takes accesses of one account, and reads back of each that it is gone.
 * @param names both ends of each as the system calls them
 * @returns what came of each, in their order
 */
export async function takeAccesses(
  target: Target,
  steps: readonly ClaimedStep[],
  names: Promise<HeldAccess[]>,
): Promise<Finding[]> {
  const why = whyNotGiving(target.connector, target.context().settings);
  if (why) return steps.map(() => ({ move: "leave", detail: `It goes with the account: ${why.because}.` }));
  const { each } = await takeAll(target, await names, { endingSessions: false });
  return each.map(findingOf);
}

function findingOf(one: TakenOne): Finding {
  if ("error" in one) return { move: "fail", error: provisionErrorOf(one.error) };
  const { taken, doneAtMs, readBack } = one;
  if (taken.outcome === "impossible") return { move: "leave", detail: `${taken.because}. ${taken.remedy}` };
  const detail = `${taken.detail}; ${readBack.detail}`;
  if (!readBack.held) return { move: "verify", detail, changed: taken.outcome === "done", doneAtMs };
  const still = `was taken and is still held when asked back: ${readBack.detail}`;
  return readBack.ours
    ? { move: "fail", error: provisionErrorOf(notSo(still)) }
    : { move: "leave", detail: `${detail}. It was given by ${readBack.alsoBy.join(", ")}, and goes with the account.` };
}

/** Gives back what this run took, after a false alarm. */
export async function putBackAccess(target: Target, step: ClaimedStep): Promise<Finding> {
  const names = await heldAccessOf(edgeOf(step));
  return withVerbs(target, names, async (verbs): Promise<Finding> => {
    const given = await verbs.grant(null);
    if (given.outcome === "impossible") return needed(given);
    const after = await verbs.readBack();
    if (!after.held) throw notSo(`was given back and is not held when asked: ${after.detail}`);
    return { move: "undo", detail: `${given.detail}; ${after.detail}`, changed: false };
  });
}

/** Deletes an account that is shut, and reads back that it is gone. */
export async function destroy(target: Target, step: ClaimedStep): Promise<Finding> {
  const { connector, context } = target;
  const why = whyNotLeaving(target, "remove");
  if (why) return why;
  const account = accountOf(step);
  const done = await connector.remove?.(context(), account);
  if (!done || done.outcome === "impossible") return needed(done);
  const standing = await connector.probe?.(context(), account);
  if (standing?.there) throw notSo(`was deleted and is still there when asked: ${standing.detail}`);
  const detail = [done.detail, standing?.detail].filter(Boolean).join("; ");
  return { move: "verify", detail, changed: done.outcome === "done" };
}

/** The two ends of the access that a step is about. */
export function edgeOf({ connectionId, accountId, groupId, entitlementId }: ClaimedStep) {
  return { connectionId: connectionId ?? "", accountId: accountId ?? "", groupId, entitlementId };
}

function accountOf({ account, name }: ClaimedStep): AccountRef {
  if (account === null) throw new Error(`the account of the step ${name} is gone from the inventory`);
  return account;
}

function whyNotLeaving({ connector, name, context }: Target, verb: "disable" | "remove"): Finding | null {
  const what = verb === "disable" ? "shut" : "deleted";
  const remedy = `Have the account ${what} in ${name} by hand, and say what was done.`;
  if (!connector[verb]) return { move: "need", because: `${connector.label} is only read, not changed`, remedy };
  const may = connector.mayProvision?.(context().settings) ?? true;
  return may === true ? null : { move: "need", because: may.because, remedy: `${may.remedy} Or: ${remedy}` };
}

// It did as it was told, and whether that keeps anybody out it does not say: no receipt may.
function untold({ detail, remedy }: AccountStanding): Finding {
  const byHand = "Have somebody look there whether it is shut, and say what was done.";
  const ways = remedy ? `${remedy} Or: ${byHand}` : byHand;
  return {
    move: "need",
    because: `nothing proves that it is shut: ${detail}`,
    remedy: ways,
  };
}

function needed(outcome: Outcome | undefined): Finding {
  if (outcome?.outcome === "impossible") return { move: "need", because: outcome.because, remedy: outcome.remedy };
  return { move: "need", because: "the system cannot do this", remedy: "Do it there by hand, and say what was done." };
}

function notSo(words: string): ConnectorError {
  return new ConnectorError("protocol", words, {
    remedy: "Rollcall tries again by itself. Look at the system if it stays so.",
    retryable: true,
  });
}
