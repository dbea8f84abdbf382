export const deliveryStates = ["waiting", "sent", "failed", "given_up_by_person"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export type DeliveryStep = "answered" | "refused" | "gave_up" | "retried" | "dropped";

const table: Record<DeliveryState, Partial<Record<DeliveryStep, DeliveryState>>> = {
  waiting: {
    answered: "sent",
    refused: "failed",
    gave_up: "failed",
    retried: "waiting",
    dropped: "given_up_by_person",
  },
  failed: { retried: "waiting", dropped: "given_up_by_person" },
  given_up_by_person: { retried: "waiting" },
  sent: {},
};

/** The state after this step, or null where the step makes no sense. */
export function nextState(state: DeliveryState, step: DeliveryStep): DeliveryState | null {
  return table[state][step] ?? null;
}

/** The states from which this step can be taken. */
export function statesBefore(step: DeliveryStep): DeliveryState[] {
  return deliveryStates.filter((state) => nextState(state, step) !== null);
}
