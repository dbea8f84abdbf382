import { randomUUID } from "node:crypto";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { endGrant } from "../grants/end-grant";
import { provisionErrorOf, type Target, targetOf } from "../grants/target";
import { plus, secondMs } from "../time";
import type { ClaimedStep } from "./claimed-step";
import { orderSteps } from "./order-steps";
import { settleStep } from "./settle-step";
import type { StepState } from "./states";
import { destroy, type Finding, putBackAccess, reopen, shut, takeAccess } from "./step-verbs";

/**
 * Carries out one step of a run: shuts an account, takes one access, ends a grant, deletes an account after its hold; or,
 * after a false alarm, the reverse. Asks the system afterwards, and only then says so. May run twice, at the same time, and
 * after a crash at any point: whoever claimed the step last settles it.
 */
export async function carryOutStep(
  actor: Actor,
  { stepId }: { stepId: string },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  const claimed = await transaction((tx) => claim(tx, stepId));
  if (claimed === null) return;
  try {
    const finding = claimed.kind === "grant" ? await endItsGrant(actor, claimed) : await ask(claimed, signal);
    await transaction((tx) => settleStep(tx, actor, claimed, finding));
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = { move: "fail", error: provisionErrorOf(error) } as const;
    await transaction((tx) => settleStep(tx, actor, claimed, failure));
  }
}

const mayRun: readonly StepState[] = ["planned", "acknowledged", "failed", "verified", "restored"];

async function claim(tx: Tx, stepId: string): Promise<ClaimedStep | null> {
  const [row] = await tx.$queryRaw<
    (ClaimedStep & { notBefore: Date | null; claimedAt: Date | null; runState: string })[]
  >`
    select s.id, s.offboarding_id as "offboardingId", s.kind, s.wanted, s.state, s.name, s.contains, s.detail, s.verified_at as "verifiedAt", s.changed, s.attempts,
      s.connection_id as "connectionId", s.account_id as "accountId", s.group_id as "groupId", s.entitlement_id as "entitlementId",
      s.grant_id as "grantId", s.not_before as "notBefore", s.claimed_at as "claimedAt", o.state as "runState", o.kind as "runKind"
    from offboarding_steps s join offboardings o on o.id = s.offboarding_id where s.id = ${stepId}::uuid for update of s`;
  if (!row || !mayRun.includes(row.state) || row.kind === "credential" || row.kind === "sign_in") return null;
  const at = await clockOf(tx);
  const { notBefore, claimedAt, runState, ...step } = row;
  if (step.wanted === "gone" && notBefore !== null && notBefore > at) {
    await orderSteps(tx, [{ ...step, runAt: notBefore }]);
    return null;
  }
  if (step.wanted === "gone" && runState === "cancelled") return null;
  if (step.kind === "deletion" && (await isWorkedOn(tx, step))) {
    await orderSteps(tx, [{ ...step, runAt: plus(at, secondMs) }]);
    return null;
  }
  const token = randomUUID();
  await tx.$executeRaw`update offboarding_steps set claim = ${token}::uuid, claimed_at = ${at}::timestamptz,
    ordered_at = coalesce(ordered_at, ${at}::timestamptz) where id = ${stepId}::uuid`;
  return { ...step, claim: token, takenOver: claimedAt !== null };
}

// Without a hold the deletion is due with all the rest, and comes after it: only an account that is shut is deleted.
async function isWorkedOn(tx: Tx, { offboardingId, accountId }: Pick<ClaimedStep, "offboardingId" | "accountId">) {
  const moving: StepState[] = ["planned", "acknowledged", "failed"];
  const others = { offboardingId, accountId, kind: { not: "deletion" }, state: { in: moving } };
  return (await tx.offboardingStep.count({ where: others })) > 0;
}

async function ask(step: ClaimedStep, signal: AbortSignal): Promise<Finding> {
  const target = await targetOf(step.connectionId ?? "", signal);
  if (step.kind === "access") return step.wanted === "gone" ? take(target, step) : putBackAccess(target, step);
  if (step.kind === "deletion") return destroy(target, step);
  return step.wanted === "gone" ? shut(target, step) : reopen(target, step);
}

// A mover's account stays open: what would go with it is somebody's to take.
async function take(target: Target, step: ClaimedStep): Promise<Finding> {
  const finding = await takeAccess(target, step);
  if (step.runKind !== "mover" || finding.move !== "leave") return finding;
  return { move: "need", because: finding.detail, remedy: "Have it taken there by hand, or say why it stays." };
}

// Its own jobs take it and prove it; the run hears of that when it looks at itself.
async function endItsGrant(actor: Actor, { grantId, runKind }: ClaimedStep): Promise<Finding> {
  const ending =
    runKind === "mover"
      ? ({ because: "eligibility_lost", words: "Its holder moved to another manager or team." } as const)
      : ({ because: "subject_left", words: "Its holder leaves." } as const);
  const state = await transaction((tx) => endGrant(tx, actor, grantId ?? "", ending));
  if (state === "ended" || state === null) return { move: "verify", detail: "the grant is over", changed: false };
  return { move: "acknowledge", detail: "its end is ordered", changed: true };
}
