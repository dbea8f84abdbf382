import type { Tx } from "../db/client";
import { enqueue, enqueueMany } from "../jobs/enqueue";

// How many steps of one system run side by side, so that a system that hangs holds up no other.
const lanes = 3;
const looks = 8;

// What shuts the ways in goes first, and all of it ahead of whatever is given or read.
const urgency = { sign_in: -40, account: -40, credential: -40, grant: -30, access: -25, deletion: 0 } as const;

// So many of one account go in one job, one session of the system and one transaction here; the rest of a kind one by one.
const together = { access: 25, grant: 25, sign_in: 1, account: 1, credential: 1, deletion: 1 } as const;

type Ordered = { id: string; kind: keyof typeof urgency; connectionId: string | null; accountId: string | null };
type Timed = Ordered & { runAt?: Date | null };

/** Orders steps to be carried out, now or at their time. */
export async function orderSteps(tx: Tx, steps: readonly Timed[]): Promise<void> {
  return orderBatches(
    tx,
    steps.map((step) => [step]),
    (step) => laneOf(step),
  );
}

/** The same, in no lane: whoever has that does not go on. */
export async function orderApart(tx: Tx, steps: readonly Timed[]): Promise<void> {
  return orderBatches(
    tx,
    steps.map((step) => [step]),
    () => undefined,
  );
}

/** Orders the steps of a new run: those of one kind and account together, in their order. */
export async function orderTogether(tx: Tx, steps: readonly Timed[]): Promise<void> {
  const batches: Timed[][] = [];
  const open = new Map<string, Timed[]>();
  const begun = new Map<string, number>();
  const further = new Map<string, number>();
  for (const step of steps) {
    const key = `${step.kind} ${step.connectionId} ${step.accountId} ${step.runAt?.getTime()}`;
    const batch = open.get(key) ?? [];
    if (batch.length === 0) {
      const before = begun.get(key) ?? 0;
      begun.set(key, before + 1);
      further.set(step.id, before);
      batches.push(batch);
    }
    batch.push(step);
    if (batch.length < together[step.kind]) open.set(key, batch);
    else open.delete(key);
  }
  await orderBatches(tx, batches, (step) => laneOf(step, further.get(step.id)));
}

// The end of a grant is only written down here: whatever its system does holds it up nowhere. What is of one account is in
// one lane, so that its ways in are shut before it is asked what it holds; of very much, each further batch is in the next.
function laneOf({ connectionId, accountId, kind, id }: Ordered, further = 0): string | undefined {
  return kind === "grant" ? undefined : `leave ${connectionId} ${(placeIn(accountId ?? id, lanes) + further) % lanes}`;
}

const placeIn = (id: string, of: number) => Number.parseInt(id.slice(-6), 16) % of;

type Lane = (step: Ordered) => string | undefined;

async function orderBatches(tx: Tx, batches: readonly Timed[][], lane: Lane): Promise<void> {
  const ordered = batches.flatMap(([first, ...others]) =>
    first ? [{ ...first, also: others.map(({ id }) => id) }] : [],
  );
  if (ordered.length === 0) return;
  await enqueueMany(
    tx,
    "carry-out-step",
    ordered.map(({ runAt, also, ...step }) => ({
      payload: { stepId: step.id, also },
      timing: {
        key: `step ${step.id}`,
        queue: lane(step),
        priority: urgency[step.kind],
        runAt: runAt ?? undefined,
      },
    })),
  );
}

/** Orders a second look, for when a worker that was given up may yet change something there. */
export async function lookAgainAt(tx: Tx, step: Ordered, runAt: Date): Promise<void> {
  const timing = { key: `look ${step.id}`, queue: `leave ${step.connectionId} look`, priority: -20, runAt };
  await enqueue(tx, "carry-out-step", { stepId: step.id, also: [] }, timing);
}

/** Orders that a run is looked at as a whole. */
export async function orderAdvance(tx: Tx, offboardingId: string, runAt?: Date): Promise<void> {
  // One look at a time: a second would only wait for the first, and a third sees nothing that the second does not. Few
  // lanes for all runs, because the queue looks through every lane there ever was.
  const queue = `advance ${placeIn(offboardingId, looks)}`;
  const timing = { key: `advance ${offboardingId}`, queue, priority: -35, ...(runAt ? { runAt, sooner: true } : {}) };
  await enqueue(tx, "advance-offboarding", { offboardingId }, timing);
}

/** Orders that a run begins at its time. */
export async function orderBeginning(tx: Tx, offboardingId: string, startsAt: Date): Promise<void> {
  const timing = { key: `begin ${offboardingId}`, runAt: startsAt, priority: -40 };
  await enqueue(tx, "begin-offboarding", { offboardingId }, timing);
}
