import { type EventInput, recordAll } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf, clockTold } from "../db/clock";
import { noteEdge, noteEdgesGone } from "../grants/note-edge";
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
  const rows = await tx.$queryRaw<{ id: string; state: StepState; wanted: string; at: Date }[]>`
    select id, state, wanted, clock_timestamp() as at from offboarding_steps where id = any(${settling.map(({ step }) => step.id)}::uuid[])
      and claim = ${first.step.claim}::uuid order by position for update`;
  const at = rows[0] ? clockTold(rows[0].at) : await clockOf(tx);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const told: Told[] = [];
  for (const { step, finding } of settling) {
    const row = byId.get(step.id);
    // The fence: whoever lost the step settles nothing, and orders another look, because what it did at the system may
    // have come after what the other did.
    if (!row || row.wanted !== step.wanted) await orderSteps(tx, [step]);
    else told.push({ step, finding, before: row.state, at });
  }
  if (told.length === 0) return;
  await writeSteps(tx, told);
  for (const { step, finding } of told) {
    if (step.takenOver) await lookAgainAt(tx, step, plus(at, lookAgainMs));
    await noteInInventory(tx, step, finding, at);
  }
  const gone = told.filter(({ step, finding }) => step.kind === "access" && finding.move === "verify");
  await noteEdgesGone(
    tx,
    gone.map(({ step }) => edgeOf(step)),
    at,
  );
  await recordAll(tx, actor, told.flatMap(eventsOf));
  await orderAdvance(tx, first.step.offboardingId);
}

type Told = Settling & { before: StepState; at: Date };

// All in one statement: of each only what is named is written.
async function writeSteps(tx: Tx, told: readonly Told[]): Promise<void> {
  const facts = told.map((one) => ({ id: one.step.id, facts: factsAfter(one) }));
  await tx.$executeRaw`
    update offboarding_steps s
    set (state, claim, claimed_at, attempts, next_try_at, last_error, detail, changed, outlives, acknowledged_at, verified_at,
        resurrected_at, sign_in, probed_at)
      = (select r.state, r.claim, r.claimed_at, r.attempts, r.next_try_at, r.last_error, r.detail, r.changed, r.outlives,
          r.acknowledged_at, r.verified_at, r.resurrected_at, r.sign_in, r.probed_at from jsonb_populate_record(s, e.facts) r)
    from jsonb_to_recordset(${JSON.stringify(facts, keepable)}::jsonb) as e(id uuid, facts jsonb) where s.id = e.id`;
  const failing = facts.flatMap(({ facts: { next_try_at: runAt } }, n) => {
    const { step, finding } = told[n] ?? {};
    return step && finding?.move === "fail" ? [{ ...step, runAt }] : [];
  });
  await orderSteps(tx, failing);
}

// PostgreSQL holds no NUL character and no half of a surrogate pair, which a cut leaves behind.
const keepable = (_: string, value: unknown) =>
  typeof value === "string" ? value.replaceAll("\0", "").toWellFormed() : value;

function factsAfter({ step, finding, before, at }: Told) {
  const state = nextStepState(before, finding.move);
  if (state === null) throw new Error(`a step that is ${before} cannot ${finding.move}`);
  const tried = finding.move === "fail" ? failed(step, finding.error, at) : noTrouble;
  return { state, claim: null, claimed_at: null, ...tried, ...factsOf(step, finding, at) };
}

const noTrouble = { attempts: 0, next_try_at: null, last_error: null };

function failed(step: ClaimedStep, error: ProvisionError, at: Date) {
  const attempts = step.attempts + 1;
  return { attempts, next_try_at: plus(at, retryDelayMs(attempts)), last_error: error };
}

// By the names of their columns.
function factsOf(step: ClaimedStep, finding: Finding, at: Date) {
  if (finding.move === "fail") return {};
  if (finding.move === "need") {
    return { last_error: { code: "impossible", message: finding.because, remedy: finding.remedy, retryable: false } };
  }
  const detail = finding.detail.slice(0, 4_000);
  if (finding.move === "leave") return { detail, acknowledged_at: at };
  const outlives = (finding.outlives ?? []).map(({ what, until }) => ({ what, until: until?.toISOString() ?? null }));
  const changed = step.changed || finding.changed || step.takenOver || step.attempts > 0;
  const probe = finding.signIn ? { sign_in: finding.signIn, probed_at: at } : {};
  // Asked once more: what was done the first time, and when, stays on the receipt.
  if (finding.move === "verify" && step.verifiedAt !== null)
    return { ...probe, changed, outlives, detail: `${step.detail.split("\n")[0]}\nAsked once more: ${detail}` };
  if (finding.move === "acknowledge") return { detail, changed, acknowledged_at: at };
  return {
    ...probe,
    detail,
    changed,
    outlives,
    acknowledged_at: doneAt(finding, at),
    verified_at: at,
    resurrected_at: null,
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
function eventsOf({ step, finding, before }: Told): EventInput[] {
  const target = { type: "offboarding", id: step.offboardingId, name: step.name };
  const details = { step: step.kind, stepId: step.id, connectionId: step.connectionId };
  if (finding.move === "fail") {
    if (before !== "planned" && before !== "acknowledged") return [];
    const { error } = finding;
    return [{ action: "offboarding.step_failed", target, outcome: "failed", details: { ...details, error } }];
  }
  if (finding.move === "need") {
    const { because, remedy } = finding;
    const why = { ...details, because, remedy };
    return [{ action: "offboarding.step_needs_person", target, outcome: "failed", details: why }];
  }
  if (finding.move === "acknowledge" || step.verifiedAt !== null) return [];
  const action = finding.move === "undo" ? "offboarding.step_restored" : "offboarding.step_verified";
  return [{ action, target, details: { ...details, detail: finding.detail.slice(0, 1_000) } }];
}
