/** The states of a grant. */
export const grantStates = [
  "scheduled",
  "activating",
  "active",
  "ending",
  "ended",
  "activation_failed",
  "ending_failed",
  "resurrected",
] as const;
export type GrantState = (typeof grantStates)[number];

/**
 * From each state, what may happen and where it leads. What failed stays in sight and is tried again; what a later sync
 * saw again at the system, after it was proven gone, came back.
 */
const transitions = {
  scheduled: { begin: "activating", prove: "ended" },
  activating: { succeed: "active", fail: "activation_failed", end: "ending" },
  activation_failed: { begin: "activating", succeed: "active", fail: "activation_failed", end: "ending" },
  active: { end: "ending" },
  ending: { prove: "ended", fail: "ending_failed" },
  ending_failed: { prove: "ended", fail: "ending_failed", end: "ending" },
  ended: { return: "resurrected" },
  resurrected: { end: "ending", prove: "ended" },
} as const satisfies Record<GrantState, Record<string, GrantState>>;

export type GrantStep = "begin" | "succeed" | "fail" | "end" | "prove" | "return";

/** Where `step` leads from `state`, or null where it is not allowed. */
export function nextGrantState(state: GrantState, step: GrantStep): GrantState | null {
  return (transitions[state] as Partial<Record<GrantStep, GrantState>>)[step] ?? null;
}

/** The states from which `step` may be taken. */
export function grantStatesBefore(step: GrantStep): GrantState[] {
  return grantStates.filter((state) => nextGrantState(state, step) !== null);
}

/** Why a grant ended. */
export const endReasons = ["expired", "revoked", "subject_left", "eligibility_lost", "never_active"] as const;
export type EndReason = (typeof endReasons)[number];
