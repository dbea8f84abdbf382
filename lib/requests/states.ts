/** The states of a request. */
export const requestStates = [
  "pending",
  "approved",
  "fulfilled",
  "denied",
  "cancelled",
  "expired",
  "withdrawn",
  "failed",
] as const;
export type RequestState = (typeof requestStates)[number];

/**
 * From each state, what may happen and where it leads. `withdraw`: its subject or what it asks for is gone. A request whose
 * access could not be given keeps its approvals, and may be tried again.
 */
const transitions = {
  pending: { approve: "approved", deny: "denied", cancel: "cancelled", expire: "expired", withdraw: "withdrawn" },
  approved: { fulfil: "fulfilled", fail: "failed", cancel: "cancelled", withdraw: "withdrawn" },
  failed: { retry: "approved", fulfil: "fulfilled", cancel: "cancelled", withdraw: "withdrawn" },
  fulfilled: {},
  denied: {},
  cancelled: {},
  expired: {},
  withdrawn: {},
} as const satisfies Record<RequestState, Record<string, RequestState>>;

export type RequestStep = "approve" | "deny" | "cancel" | "expire" | "withdraw" | "fulfil" | "fail" | "retry";

/** Where `step` leads from `state`, or null where it is not allowed. */
export function nextRequestState(state: RequestState, step: RequestStep): RequestState | null {
  return (transitions[state] as Partial<Record<RequestStep, RequestState>>)[step] ?? null;
}
