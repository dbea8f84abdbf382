import { type ChannelKind, messageEvents } from "./schema";
import type { DeliveryState } from "./states";

export const kindLabels = {
  email: "E-mail",
  slack: "Slack",
  teams: "Microsoft Teams",
  webhook: "Webhook",
} as const satisfies Record<ChannelKind, string>;

export const stateLabels = {
  waiting: "Waiting",
  sent: "Sent",
  failed: "Failed",
  given_up_by_person: "Given up",
} as const satisfies Record<DeliveryState, string>;

/** What an event is called; one that this version does not know, by its own name. */
export function eventWords(event: string): string {
  const known: Record<string, { label: string }> = messageEvents;
  return known[event]?.label ?? event;
}
