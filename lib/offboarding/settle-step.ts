import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { Prisma } from "../db/generated/client";
import { type Edge, noteEdge, noteEdgesGone } from "../grants/note-edge";
import type { ProvisionError } from "../grants/schema";
import { retryDelayMs } from "../grants/target";
import { minuteMs, nowMs, plus } from "../time";
import type { ClaimedStep } from "./claimed-step";
import { lookAgainAt, orderAdvance, orderSteps } from "./order-steps";
import type { StepKind } from "./schema";
import { nextStepState, type StepState } from "./states";
import { edgeOf, type Finding } from "./step-verbs";

// By then every verb of a worker that was stopped in the middle has ended by its own deadline.
const lookAgainMs = 2 * minuteMs;

/** A step, and what carrying it out came to. */
export type Settling = { step: ClaimedStep; finding: Finding };

/**
 * Writes down what carrying out steps of one run came to, brings the inventory in line with it, and has the run look at
 * itself.
 */
export async function settleSteps(tx: Tx, actor: Actor, settling: readonly Settling[]): Promise<void> {
  const [first] = settling;
  if (!first) return;
  const rows = await tx.$queryRaw<{ id: string; state: StepState; wanted: string }[]>`
    select id, state, wanted from offboarding_steps where id = any(${settling.map(({ step }) => step.id)}::uuid[])
      and claim = ${first.step.claim}::uuid order by position for update`;
  const at = await clockOf(tx);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const gone: Edge[] = [];
  let settled = 0;
  for (const { step, finding } of settling) {
    const row = byId.get(step.id);
    // The fence: whoever lost the step settles nothing, and orders another look, because what it did at the system may
    // have come after what the other did.
    if (!row || row.wanted !== step.wanted) {
      await orderSteps(tx, [step]);
      continue;
    }
    await settleStep(tx, actor, { step, finding, before: row.state, at });
    if (step.kind === "access" && finding.move === "verify") gone.push(edgeOf(step));
    settled++;
  }
  await noteEdgesGone(tx, gone, at);
  if (settled > 0) await orderAdvance(tx, first.step.offboardingId);
}

type Told = Settling & { before: StepState; at: Date };

async function settleStep(tx: Tx, actor: Actor, told: Told): Promise<void> {
  const { step, finding, before, at } = told;
  const state = nextStepState(before, finding.move);
  if (state === null) throw new Error(`a step that is ${before} cannot ${finding.move}`);
  const tried = finding.move === "fail" ? failed(step, finding.error, at) : noTrouble;
  await tx.offboardingStep.updateMany({
    where: { id: step.id },
    data: { state, claim: null, claimedAt: null, ...tried, ...factsOf(step, finding, at) },
  });
  if (finding.move === "fail") await orderSteps(tx, [{ ...step, runAt: tried.nextTryAt }]);
  if (step.takenOver) await lookAgainAt(tx, step, plus(at, lookAgainMs));
  await noteInInventory(tx, step, finding, at);
  await tell(tx, actor, told);
}

const noTrouble = { attempts: 0, nextTryAt: null, lastError: Prisma.DbNull };

function failed(step: ClaimedStep, lastError: ProvisionError, at: Date) {
  const attempts = step.attempts + 1;
  return { attempts, nextTryAt: plus(at, retryDelayMs(attempts)), lastError };
}

function factsOf(step: ClaimedStep, finding: Finding, at: Date) {
  if (finding.move === "fail") return {};
  if (finding.move === "need") {
    return { lastError: { code: "impossible", message: finding.because, remedy: finding.remedy, retryable: false } };
  }
  const detail = finding.detail.slice(0, 4_000);
  if (finding.move === "leave") return { detail, acknowledgedAt: at };
  const outlives = (finding.outlives ?? []).map(({ what, until }) => ({ what, until: until?.toISOString() ?? null }));
  const changed = step.changed || finding.changed || step.takenOver || step.attempts > 0;
  const probe = finding.signIn ? { signIn: finding.signIn, probedAt: at } : {};
  // Asked once more: what was done the first time, and when, stays on the receipt.
  if (finding.move === "verify" && step.verifiedAt !== null)
    return { ...probe, changed, outlives, detail: `${step.detail.split("\n")[0]}\nAsked once more: ${detail}` };
  if (finding.move === "acknowledge") return { detail, changed, acknowledgedAt: at };
  return {
    ...probe,
    detail,
    changed,
    outlives,
    acknowledgedAt: doneAt(finding, at),
    verifiedAt: at,
    resurrectedAt: null,
  };
}

// How long ago by the worker's clock, taken from the database's: two clocks would put the proof before what it proves.
function doneAt({ doneAtMs }: { doneAtMs?: number }, at: Date): Date {
  return doneAtMs === undefined ? at : plus(at, Math.min(0, doneAtMs - nowMs()));
}

// Without waiting for the next sync: lists and findings would otherwise show for hours what is gone.
async function noteInInventory(tx: Tx, step: ClaimedStep, finding: Finding, at: Date): Promise<void> {
  if (step.accountId === null) return;
  const { accountId, kind } = step;
  if (kind === "access" && finding.move === "undo") await noteEdge(tx, edgeOf(step), true, at);
  if (kind === "account" && finding.move === "verify") {
    await noteStatus(tx, { accountId, from: "active", to: "disabled" });
    const words = "What it proves cannot sign in any more: its account is shut.";
    await settleOf(tx, step, { kind: "credential", state: "verified", detail: words, at });
  }
  if (kind === "account" && finding.move === "undo") {
    await noteStatus(tx, { accountId, from: "disabled", to: "active" });
    await settleOf(tx, step, { kind: "credential", state: "restored", detail: "Its account is let in again.", at });
  }
  if (kind === "deletion" && finding.move === "verify")
    await settleOf(tx, step, {
      kind: "access",
      state: "verified",
      detail: "Gone with its account.",
      at,
      from: "with_account",
    });
}

// Without its hash the row is compared with the next reading, whatever that says.
async function noteStatus(
  tx: Tx,
  { accountId, from, to }: { accountId: string; from: string; to: string },
): Promise<void> {
  await tx.principal.updateMany({ where: { id: accountId, status: from }, data: { status: to, contentHash: "" } });
}

type Of = { kind: StepKind; state: StepState; detail: string; at: Date; from?: StepState };

async function settleOf(tx: Tx, step: ClaimedStep, { kind, state, detail, at, from }: Of): Promise<void> {
  await tx.offboardingStep.updateMany({
    // Once: asked a second time, it keeps the time of the first.
    where: { offboardingId: step.offboardingId, accountId: step.accountId, kind, state: from ?? { not: state } },
    data: { state, detail, acknowledgedAt: at, verifiedAt: at, orderedAt: at },
  });
}

// Each step once: what is tried again and again is an event when it first fails and when it ends.
async function tell(tx: Tx, actor: Actor, { step, finding, before }: Told): Promise<void> {
  const target = { type: "offboarding", id: step.offboardingId, name: step.name };
  const details = { step: step.kind, stepId: step.id, connectionId: step.connectionId };
  if (finding.move === "fail") {
    if (before !== "planned" && before !== "acknowledged") return;
    const { error } = finding;
    await record(tx, actor, {
      action: "offboarding.step_failed",
      target,
      outcome: "failed",
      details: { ...details, error },
    });
  } else if (finding.move === "need") {
    const { because, remedy } = finding;
    const why = { ...details, because, remedy };
    await record(tx, actor, { action: "offboarding.step_needs_person", target, outcome: "failed", details: why });
  } else if (finding.move !== "acknowledge" && step.verifiedAt === null) {
    const action = finding.move === "undo" ? "offboarding.step_restored" : "offboarding.step_verified";
    await record(tx, actor, { action, target, details: { ...details, detail: finding.detail.slice(0, 1_000) } });
  }
}
