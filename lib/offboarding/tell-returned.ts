import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { lockRun } from "./move-run";
import { orderAdvance } from "./order-steps";
import { nextStepState, type StepState } from "./states";
import { tellOfRun } from "./tell-of-run";

/** What a run proved gone and is there again, and what the system says of it. */
export type Returned = { offboardingId: string; stepId: string; name: string; detail: string };

const mostNamed = 5;

/** Says of one run, in one message, all that is back, each in an event of its own, and has the run looked at again. */
export async function tellReturned(
  tx: Tx,
  actor: Actor,
  { offboardingId, returned }: { offboardingId: string; returned: readonly Returned[] },
): Promise<void> {
  const run = await lockRun(tx, offboardingId);
  if (!run || run.state === "cancelled") return;
  const at = await clockOf(tx);
  const told: string[] = [];
  for (const { stepId, name, detail } of returned) {
    const step = await markReturned(tx, { stepId, detail, at });
    if (!step) continue;
    const target = { ...run.target, name: step.name };
    const details = { detail: detail.slice(0, 1_000) };
    await record(tx, actor, { action: "offboarding.came_back", target, outcome: "failed", details });
    told.push(`${name}: ${detail}`);
  }
  if (told.length === 0) return;
  const more = told.length > mostNamed ? [`and ${told.length - mostNamed} more`] : [];
  const detail = [...told.slice(0, mostNamed), ...more].join("; ");
  await tellOfRun(tx, run, "came_back", { occasion: `${returned[0]?.stepId} ${at.toISOString()}`, detail });
  await orderAdvance(tx, run.id);
}

type Mark = { stepId: string; detail: string; at: Date };

async function markReturned(tx: Tx, { stepId, detail, at }: Mark): Promise<{ name: string } | null> {
  const [step] = await tx.$queryRaw<{ name: string; state: StepState }[]>`
    select name, state from offboarding_steps where id = ${stepId}::uuid for update`;
  const state = step ? nextStepState(step.state, "return") : null;
  if (!step || state === null) return null;
  const data = { state, resurrectedAt: at, detail: detail.slice(0, 4_000) };
  await tx.offboardingStep.update({ where: { id: stepId }, data, select: { id: true } });
  return step;
}
