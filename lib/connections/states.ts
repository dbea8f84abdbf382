/** The states of one run of a sync. */
export const syncStates = ["queued", "reading", "reconciling", "paused", "done", "failed", "discarded"] as const;
export type SyncState = (typeof syncStates)[number];

/**
 * From each state, what may happen and where it leads. A run is paused by the brake, and then a person applies or
 * discards it; a run whose worker died is taken up again from `reading`.
 */
const transitions = {
  queued: { start: "reading", fail: "failed", discard: "discarded" },
  reading: { resume: "reading", reconcile: "reconciling", pause: "paused", finish: "done", fail: "failed" },
  reconciling: { resume: "reading", finish: "done", fail: "failed" },
  paused: { apply: "done", discard: "discarded" },
  done: {},
  failed: {},
  discarded: {},
} as const satisfies Record<SyncState, Record<string, SyncState>>;

export type SyncStep = "start" | "resume" | "reconcile" | "pause" | "finish" | "fail" | "apply" | "discard";

/** Where `step` leads from `state`, or null where it is not allowed. */
export function nextState(state: SyncState, step: SyncStep): SyncState | null {
  return (transitions[state] as Partial<Record<SyncStep, SyncState>>)[step] ?? null;
}

/** Is a run in this state still to end? At most one such run exists for a connection. */
export function isLive(state: SyncState): boolean {
  return Object.keys(transitions[state]).length > 0;
}
