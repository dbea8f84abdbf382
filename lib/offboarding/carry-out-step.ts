import { randomUUID } from "node:crypto";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { ConnectorError } from "../connectors/connector-error";
import { type Tx, transaction } from "../db/client";
import { clockOf, clockTold } from "../db/clock";
import { endGrants } from "../grants/end-grant";
import { heldAccessesOf } from "../grants/held-access";
import { provisionErrorOf, type Target, targetOf } from "../grants/target";
import { plus, secondMs } from "../time";
import type { ClaimedStep } from "./claimed-step";
import { orderSteps } from "./order-steps";
import { type Settling, settleSteps } from "./settle-step";
import type { StepState } from "./states";
import { destroy, edgeOf, type Finding, putBackAccess, reopen, shut, takeAccesses } from "./step-verbs";

/**
 * Carries out a step of a run, and those that were ordered with it: shuts an account, takes accesses of one, ends grants,
 * deletes an account after its hold; or, after a false alarm, the reverse. Asks the system afterwards, and only then says
 * so. May run twice, at the same time, and after a crash at any point: whoever claimed a step last settles it.
 */
export async function carryOutStep(
  actor: Actor,
  { stepId, also = [] }: { stepId: string; also?: readonly string[] },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  await authorize(actor, "offboarding:carry_out");
  const claimed = await transaction((tx) => claim(tx, stepId, also));
  if (claimed.length === 0) return;
  if (claimed[0]?.kind === "grant") return endTheirGrants(actor, claimed, signal);
  const settling = await askEach(claimed, signal);
  await transaction((tx) => settleSteps(tx, actor, settling));
}

const mayRun: readonly StepState[] = ["planned", "acknowledged", "failed", "verified", "restored"];
// Of those that were ordered with another: what is settled is not asked again.
const isOpen: readonly StepState[] = ["planned", "acknowledged", "failed"];

type Row = ClaimedStep & { notBefore: Date | null; claimedAt: Date | null; runState: string; at: Date };

async function claim(tx: Tx, stepId: string, also: readonly string[]): Promise<ClaimedStep[]> {
  const rows = await tx.$queryRaw<Row[]>`
    select s.id, s.offboarding_id as "offboardingId", s.kind, s.wanted, s.state, s.name, s.contains, s.detail, s.verified_at as "verifiedAt", s.changed, s.attempts,
      s.connection_id as "connectionId", s.account_id as "accountId", s.group_id as "groupId", s.entitlement_id as "entitlementId",
      s.grant_id as "grantId",
      case when p.id is not null then jsonb_build_object('externalId', p.external_id, 'name', p.name, 'stableId', p.attributes->>'stableId') end as account, s.not_before as "notBefore", s.claimed_at as "claimedAt", o.state as "runState", o.kind as "runKind",
      clock_timestamp() as at
    from offboarding_steps s join offboardings o on o.id = s.offboarding_id left join principals p on p.id = s.account_id where s.id = any(${[stepId, ...also]}::uuid[])
    order by s.position for update of s`;
  const at = rows[0] ? clockTold(rows[0].at) : await clockOf(tx);
  const token = randomUUID();
  const claimed: ClaimedStep[] = [];
  for (const { notBefore, claimedAt, runState, at: _, ...step } of rows) {
    const may = also.length === 0 ? mayRun : isOpen;
    if (!may.includes(step.state) || step.kind === "credential" || step.kind === "sign_in") continue;
    const later = await whenLater(tx, { ...step, notBefore }, at);
    if (later) await orderSteps(tx, [{ ...step, runAt: later }]);
    else if (step.wanted === "back" || runState !== "cancelled")
      claimed.push({ ...step, claim: token, takenOver: claimedAt !== null });
  }
  if (claimed.length > 0)
    await tx.$executeRaw`update offboarding_steps set claim = ${token}::uuid, claimed_at = ${at}::timestamptz,
      ordered_at = coalesce(ordered_at, ${at}::timestamptz) where id = any(${claimed.map(({ id }) => id)}::uuid[])`;
  return claimed;
}

type Waiting = Pick<Row, "wanted" | "kind" | "offboardingId" | "accountId" | "notBefore">;

async function whenLater(tx: Tx, step: Waiting, at: Date): Promise<Date | null> {
  if (step.wanted === "back") return null;
  if (step.notBefore !== null && step.notBefore > at) return step.notBefore;
  return step.kind === "deletion" && (await isWorkedOn(tx, step)) ? plus(at, secondMs) : null;
}

// Without a hold the deletion is due with all the rest, and comes after it: only an account that is shut is deleted.
async function isWorkedOn(tx: Tx, { offboardingId, accountId }: Pick<ClaimedStep, "offboardingId" | "accountId">) {
  const moving: StepState[] = ["planned", "acknowledged", "failed"];
  const others = { offboardingId, accountId, kind: { not: "deletion" }, state: { in: moving } };
  return (await tx.offboardingStep.count({ where: others })) > 0;
}

const isTaken = ({ kind, wanted }: ClaimedStep) => kind === "access" && wanted === "gone";

async function askEach(steps: readonly ClaimedStep[], signal: AbortSignal): Promise<Settling[]> {
  const taken = steps.filter(isTaken);
  const others = steps.filter((step) => !isTaken(step));
  return [...(await takeTogether(taken, signal)), ...(await askOneByOne(others, signal))];
}

async function takeTogether(steps: readonly ClaimedStep[], signal: AbortSignal): Promise<Settling[]> {
  if (steps.length === 0) return [];
  try {
    const names = heldAccessesOf(steps.map(edgeOf));
    // Heard where they are needed: of a system that cannot be changed they are not.
    names.catch(() => undefined);
    const findings = await takeAccesses(await targetOf(steps[0]?.connectionId ?? "", signal), steps, names);
    // A worker that stops settles nothing: it was stopped, and not the system.
    if (findings.some(({ move }) => move === "fail")) signal.throwIfAborted();
    return steps.map((step, n) => ({ step, finding: ofRun(step, findings[n] ?? failed(new Error("no answer"))) }));
  } catch (error) {
    if (signal.aborted) throw error;
    return steps.map((step) => ({ step, finding: failed(error) }));
  }
}

const failed = (error: unknown): Finding => ({ move: "fail", error: provisionErrorOf(error) });

// One after another, in one session where the connector keeps it. Where the system is away, the others need not find out.
async function askOneByOne(steps: readonly ClaimedStep[], signal: AbortSignal): Promise<Settling[]> {
  const settling: Settling[] = [];
  let target: Target | null = null;
  let away: ConnectorError | null = null;
  for (const step of steps) {
    try {
      if (away) throw away;
      target ??= await targetOf(step.connectionId ?? "", signal);
      settling.push({ step, finding: await ask(target, step) });
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ConnectorError && ["unreachable", "timeout", "credentials"].includes(error.code))
        away = error;
      settling.push({ step, finding: failed(error) });
    }
  }
  return settling;
}

async function ask(target: Target, step: ClaimedStep): Promise<Finding> {
  if (step.kind === "access") return putBackAccess(target, step);
  if (step.kind === "deletion") return destroy(target, step);
  return step.wanted === "gone" ? shut(target, step) : reopen(target, step);
}

// A mover's account stays open: what would go with it is somebody's to take.
function ofRun(step: ClaimedStep, finding: Finding): Finding {
  if (step.runKind !== "mover" || finding.move !== "leave") return finding;
  return { move: "need", because: finding.detail, remedy: "Have it taken there by hand, or say why it stays." };
}

// Their own jobs take them and prove it; the run hears of that when it looks at itself. That the end was ordered is noted in
// the same transaction: a grant that is over already when it is asked for again was not ended by its holder's leaving.
async function endTheirGrants(actor: Actor, steps: readonly ClaimedStep[], signal: AbortSignal): Promise<void> {
  const ending =
    steps[0]?.runKind === "mover"
      ? ({ because: "eligibility_lost", words: "Its holder moved to another manager or team." } as const)
      : ({ because: "subject_left", words: "Its holder leaves." } as const);
  try {
    await transaction(async (tx) => {
      const ids = steps.flatMap(({ grantId }) => (grantId === null ? [] : [grantId]));
      const states = await endGrants(tx, actor, ids, ending);
      const byLeaving = await endedByLeaving(tx, ids, { run: steps[0]?.offboardingId ?? "", because: ending.because });
      const settling = steps.map((step): Settling => {
        const state = states.get(step.grantId ?? "") ?? null;
        // Ordered before, or by the watch over who is gone, and over since: how it ended is on its own receipt.
        const isOver =
          (state === "ended" || state === null) && step.state !== "acknowledged" && !byLeaving.has(step.grantId ?? "");
        const over = { move: "verify", detail: "the grant is over", changed: false } as const;
        const ordered = { move: "acknowledge", detail: "its end is ordered", changed: true } as const;
        return { step, finding: isOver ? over : ordered };
      });
      await settleSteps(tx, actor, settling);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = failed(error);
    await transaction((tx) =>
      settleSteps(
        tx,
        actor,
        steps.map((step) => ({ step, finding: failure })),
      ),
    );
  }
}

// Each minute the grants of whoever is not active any more are ended, which may come before the step of the run.
async function endedByLeaving(
  tx: Tx,
  ids: readonly string[],
  { run, because }: { run: string; because: string },
): Promise<Set<string>> {
  const ended = await tx.$queryRaw<{ id: string }[]>`
    select g.id from grants g, offboardings o where g.id = any(${ids}::uuid[]) and o.id = ${run}::uuid
      and g.ended_because = ${because} and g.end_ordered_at >= o.begun_at`;
  return new Set(ended.map(({ id }) => id));
}
