import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { lockRun } from "./move-run";
import { orderAdvance } from "./order-steps";
import { nextStepState, type StepState } from "./states";
import { tellOfRun } from "./tell-of-run";

/** What a run proved gone and is there again, and what the system says of it. */
export type Returned = {
  offboardingId: string;
  /** The step that proved it gone; null for an account that came after the run. */
  stepId: string | null;
  /** The account that came after the run, which gets a step. */
  made?: { connectionId: string; accountId: string; name: string };
  name: string;
  detail: string;
};

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
  for (const { stepId, made, name, detail } of returned) {
    const said = { state: "resurrected", resurrectedAt: at, detail: detail.slice(0, 4_000) } as const;
    const step = stepId
      ? await markReturned(tx, stepId, said)
      : made
        ? await addReturned(tx, run.id, made, said)
        : null;
    if (!step) continue;
    const target = { ...run.target, name: step.name };
    const details = { detail: detail.slice(0, 1_000) };
    await record(tx, actor, { action: "offboarding.came_back", target, outcome: "failed", details });
    told.push(`${name}: ${detail}`);
  }
  if (told.length === 0) return;
  const more = told.length > mostNamed ? [`and ${told.length - mostNamed} more`] : [];
  const detail = [...told.slice(0, mostNamed), ...more].join("; ");
  await tellOfRun(tx, run, "came_back", {
    occasion: `${returned[0]?.stepId ?? returned[0]?.made?.accountId} ${at.toISOString()}`,
    detail,
  });
  await orderAdvance(tx, run.id);
}

type Said = { state: "resurrected"; resurrectedAt: Date; detail: string };

async function markReturned(tx: Tx, stepId: string, said: Said): Promise<{ name: string } | null> {
  const [step] = await tx.$queryRaw<{ name: string; state: StepState }[]>`
    select name, state from offboarding_steps where id = ${stepId}::uuid for update`;
  if (!step || nextStepState(step.state, "return") === null) return null;
  await tx.offboardingStep.update({ where: { id: stepId }, data: said, select: { id: true } });
  return step;
}

// The run is locked: of two looks at once, the second finds the step of the first.
async function addReturned(
  tx: Tx,
  offboardingId: string,
  made: NonNullable<Returned["made"]>,
  said: Said,
): Promise<{ name: string } | null> {
  const where = { offboardingId };
  if ((await tx.offboardingStep.count({ where: { ...where, accountId: made.accountId } })) > 0) return null;
  const { _max } = await tx.offboardingStep.aggregate({ where, _max: { position: true } });
  const position = (_max.position ?? -1) + 1;
  const data = { ...where, ...made, ...said, position, kind: "account", contains: true, was: "active" };
  return tx.offboardingStep.create({ data, select: { name: true } });
}
