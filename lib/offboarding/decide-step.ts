import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { type Tx, transaction } from "../db/client";
import { clockOf } from "../db/clock";
import { Prisma } from "../db/generated/client";
import { AppError } from "../errors";
import { advance } from "./advance-offboarding";
import { assertMayDecide } from "./cancel-offboarding";
import { wordsOf } from "./decision-words";
import { type LockedRun, lockRun } from "./move-run";
import { orderSteps } from "./order-steps";
import { type DecideStepInput, decideStepInput, type StepKind } from "./schema";
import { nextStepState, type StepMove, type StepState } from "./states";

const moves = { retry: "retry", by_hand: "decide", keep: "keep" } as const satisfies Record<string, StepMove>;

type Given = ReturnType<typeof decideStepInput.parse>;

/**
 * Says what becomes of a step that Rollcall could not carry out: it is tried again now, it was done by hand (with where that
 * can be seen), or what it takes stays, with a reason and a date.
 * @throws AppError `forbidden`, `not_found`, `invalid`, `conflict`
 */
export async function decideStep(actor: Actor, input: DecideStepInput): Promise<{ id: string; state: StepState }> {
  const given = decideStepInput.parse(input);
  await authorizeReach(actor, "offboarding:decide", { type: "offboarding_step", id: given.id });
  const step = await transaction((tx) => tx.offboardingStep.findUnique({ where: { id: given.id } }));
  if (!step) throw new AppError("not_found", "There is no such step.", { field: "id" });
  await assertMayDecide(actor, "offboarding:decide", step.offboardingId);
  return transaction((tx) => decide(tx, actor, step.offboardingId, given));
}

async function decide(tx: Tx, actor: Actor, offboardingId: string, given: Given) {
  const run = await lockRun(tx, offboardingId);
  const [step] = await tx.$queryRaw<
    {
      id: string;
      kind: StepKind;
      name: string;
      state: StepState;
      connectionId: string | null;
      accountId: string | null;
      isBack: boolean;
    }[]
  >`select id, kind, name, state, connection_id as "connectionId", account_id as "accountId", wanted = 'back' as "isBack" from offboarding_steps
    where id = ${given.id}::uuid for update`;
  if (!run || !step) throw new AppError("not_found", "There is no such step.", { field: "id" });
  if (run.kind === "mover" && step.state === "planned" && run.state !== "cancelled") {
    return decideOnMove(tx, actor, { run, step, given });
  }
  const state = given.decision === "end" ? null : nextStepState(step.state, moves[given.decision]);
  // Of a run that is undone only the way back is left to be settled.
  if (state === null || (run.state === "cancelled" && !step.isBack)) {
    throw new AppError("conflict", `This step is ${step.state.replaceAll("_", " ")}.`, {
      remedy: "Reload the page to see what happened.",
    });
  }
  if (step.isBack && given.decision === "keep")
    throw new AppError("invalid", "This was to be given back, so that there is nothing to keep.", {
      field: "decision",
      remedy: "Have it tried again, or give it back by hand and say so.",
    });
  const at = await clockOf(tx);
  const said = wordsOf(given, at);
  await tx.offboardingStep.update({
    where: { id: step.id },
    data: {
      state,
      ...{ words: said.words, keptUntil: said.until, wordsBy: actor.name, resurrectedAt: null, nextTryAt: null },
      ...(given.decision === "retry"
        ? { attempts: 0, lastError: Prisma.DbNull, verifiedAt: null, acknowledgedAt: null }
        : { verifiedAt: at }),
    },
    select: { id: true },
  });
  if (given.decision === "retry") await orderSteps(tx, [step]);
  else if (step.kind === "account" && !step.isBack)
    await settleCredentials(tx, { offboardingId, accountId: step.accountId, state, at });
  const details = { step: step.kind, stepId: step.id, decision: given.decision, reason: said.words, until: said.until };
  await record(tx, actor, { action: "offboarding.step_decided", target: { ...run.target, name: step.name }, details });
  await advance(tx, actor, offboardingId);
  return { id: step.id, state };
}

type Moving = {
  run: LockedRun;
  step: { id: string; kind: StepKind; name: string; connectionId: string | null; accountId: string | null };
  given: Given;
};

// What a mover had stays until a day, or ends now; it is planned as before, at another time.
async function decideOnMove(tx: Tx, actor: Actor, { run, step, given }: Moving) {
  if (given.decision !== "keep" && given.decision !== "end") {
    throw new AppError("conflict", "This ends at its time: nothing failed.", {
      remedy: "Keep it until a day, or end it now.",
    });
  }
  const said = wordsOf(given, await clockOf(tx));
  await tx.offboardingStep.update({
    where: { id: step.id },
    data: { words: said.words, wordsBy: actor.name, keptUntil: said.until, notBefore: said.until },
    select: { id: true },
  });
  await orderSteps(tx, [{ ...step, runAt: said.until }]);
  const details = { step: step.kind, stepId: step.id, decision: given.decision, reason: said.words, until: said.until };
  await record(tx, actor, { action: "offboarding.step_decided", target: { ...run.target, name: step.name }, details });
  await advance(tx, actor, run.id);
  return { id: step.id, state: "planned" as const };
}

type Settling = { offboardingId: string; accountId: string | null; state: StepState; at: Date };

async function settleCredentials(tx: Tx, { offboardingId, accountId, state, at }: Settling): Promise<void> {
  await tx.offboardingStep.updateMany({
    where: { offboardingId, accountId, kind: "credential", state: "planned" },
    data: { state, detail: "Goes by what was said of its account.", verifiedAt: at, acknowledgedAt: at },
  });
}
