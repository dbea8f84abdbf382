import type { RunKind } from "./schema";

/** The states of a run. *Contained* is a clock of its own beside them. */
export const offboardingStates = [
  "ordered",
  "executing",
  "verifying",
  "waiting_for_people",
  "closed",
  "paused_by_brake",
  "cancelled",
] as const;
export type OffboardingState = (typeof offboardingStates)[number];

/**
 * From each state, what may happen and where it leads. What comes to light later (a step that came back, somebody who
 * still calls) leads back to where it is worked on; a run that is closed can be undone while its accounts are still there.
 */
const transitions = {
  ordered: { begin: "executing", hold: "paused_by_brake", cancel: "cancelled" },
  paused_by_brake: { release: "ordered", cancel: "cancelled" },
  executing: { check: "verifying", cancel: "cancelled" },
  verifying: { work: "executing", wait: "waiting_for_people", close: "closed", cancel: "cancelled" },
  waiting_for_people: { work: "executing", check: "verifying", close: "closed", cancel: "cancelled" },
  closed: { cancel: "cancelled", work: "executing" },
  cancelled: {},
} as const satisfies Record<OffboardingState, Record<string, OffboardingState>>;

export type OffboardingMove = "begin" | "hold" | "release" | "check" | "work" | "wait" | "close" | "cancel";

/** Where `move` leads from `state`, or null where it is not allowed. */
export function nextOffboardingState(state: OffboardingState, move: OffboardingMove): OffboardingState | null {
  return (transitions[state] as Partial<Record<OffboardingMove, OffboardingState>>)[move] ?? null;
}

/** What became of the proposal that somebody was hired again; withdrawn: the source did not show it any more. */
export const rehireStates = ["open", "accepted", "dismissed", "withdrawn"] as const;
export type RehireState = (typeof rehireStates)[number];

/** The states of one step: an account that is shut, an access that is taken. */
export const stepStates = [
  "planned",
  "acknowledged",
  "verified",
  "failed",
  "needs_person",
  "by_hand",
  "kept",
  "with_account",
  "resurrected",
  "dropped",
  "restored",
] as const;
export type StepState = (typeof stepStates)[number];

const stepTransitions = {
  planned: { ...outcomes(), drop: "dropped" },
  acknowledged: { ...outcomes(), restore: "planned" },
  failed: { ...outcomes(), decide: "by_hand", keep: "kept", retry: "planned", drop: "dropped", restore: "planned" },
  needs_person: {
    ...outcomes(),
    decide: "by_hand",
    keep: "kept",
    retry: "planned",
    drop: "dropped",
    restore: "planned",
  },
  verified: { ...outcomes(), return: "resurrected", restore: "planned" },
  with_account: { ...outcomes(), retry: "planned", drop: "dropped" },
  by_hand: { return: "resurrected", drop: "dropped" },
  kept: { retry: "planned", drop: "dropped" },
  resurrected: { ...outcomes(), retry: "planned", keep: "kept", decide: "by_hand", drop: "dropped" },
  dropped: {},
  restored: { ...outcomes() },
} as const satisfies Record<StepState, Record<string, StepState>>;

// What a worker may find out, from wherever it begins: a step may run twice, and after it was settled.
function outcomes() {
  return {
    acknowledge: "acknowledged",
    verify: "verified",
    fail: "failed",
    need: "needs_person",
    leave: "with_account",
    undo: "restored",
  } as const;
}

export type StepMove =
  | "acknowledge"
  | "verify"
  | "fail"
  | "need"
  | "leave"
  | "undo"
  | "decide"
  | "keep"
  | "retry"
  | "return"
  | "restore"
  | "drop";

/** Where `move` leads from `state`, or null where it is not allowed. */
export function nextStepState(state: StepState, move: StepMove): StepState | null {
  return (stepTransitions[state] as Partial<Record<StepMove, StepState>>)[move] ?? null;
}

/**
 * Is it too late to undo a run that has begun? Never for a person who is hired again: what is left of their accounts is
 * let in. A false alarm it cannot have been once an account was deleted. A machine has its tombstone then, and where
 * nothing is ever to be deleted, once the run is closed. `deleted` and `toDelete` count its deletions.
 */
export function isBuried(
  { kind, state }: { kind: RunKind; state: OffboardingState },
  { deleted, toDelete, why }: { deleted: number; toDelete: number; why: "false_alarm" | "rehired" },
): boolean {
  if (kind === "person") return why === "false_alarm" && deleted > 0;
  return deleted > 0 || (state === "closed" && toDelete === 0);
}
