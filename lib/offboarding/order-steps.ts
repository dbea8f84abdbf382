import type { Tx } from "../db/client";
import { enqueue, enqueueMany } from "../jobs/enqueue";

// How many steps of one system run side by side, so that a system that hangs holds up no other.
const lanes = 3;

// What shuts the ways in goes first, and all of it ahead of whatever is given or read.
const urgency = { sign_in: -40, account: -40, credential: -40, grant: -30, access: -25, deletion: 0 } as const;

type Ordered = { id: string; kind: keyof typeof urgency; connectionId: string | null };

/** Orders steps to be carried out, now or at their time. */
export async function orderSteps(tx: Tx, steps: readonly (Ordered & { runAt?: Date | null })[]): Promise<void> {
  if (steps.length === 0) return;
  await enqueueMany(
    tx,
    "carry-out-step",
    steps.map(({ id, kind, connectionId, runAt }) => ({
      payload: { stepId: id },
      timing: {
        key: `step ${id}`,
        queue: `leave ${connectionId} ${Number.parseInt(id.slice(-6), 16) % lanes}`,
        priority: urgency[kind],
        runAt: runAt ?? undefined,
      },
    })),
  );
}

/** Orders a second look, for when a worker that was given up may yet change something there. */
export async function lookAgainAt(tx: Tx, step: Ordered, runAt: Date): Promise<void> {
  const timing = { key: `look ${step.id}`, queue: `leave ${step.connectionId} look`, priority: -20, runAt };
  await enqueue(tx, "carry-out-step", { stepId: step.id }, timing);
}

/** Orders that a run is looked at as a whole. */
export async function orderAdvance(tx: Tx, offboardingId: string, runAt?: Date): Promise<void> {
  const timing = { key: `advance ${offboardingId}`, priority: -35, ...(runAt ? { runAt, sooner: true } : {}) };
  await enqueue(tx, "advance-offboarding", { offboardingId }, timing);
}

/** Orders that a run begins at its time. */
export async function orderBeginning(tx: Tx, offboardingId: string, startsAt: Date): Promise<void> {
  const timing = { key: `begin ${offboardingId}`, runAt: startsAt, priority: -40 };
  await enqueue(tx, "begin-offboarding", { offboardingId }, timing);
}
