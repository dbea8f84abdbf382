import { sequenceEvents } from "@/lib/audit/sequence-events";
import { startDueSyncs } from "@/lib/connections/request-sync";
import { runSync } from "@/lib/connections/run-sync";
import { takeUsage } from "@/lib/connections/take-usage";
import { keepHouse } from "@/lib/inventory/keep-house";
import { refreshInventory } from "@/lib/inventory/refresh-inventory";
import type { Tasks } from "@/lib/jobs/run-worker";
import { deliverMessage } from "@/lib/messages/deliver-message";

/**
 * Deliveries have hands of their own: however many servers hang, syncs and revocations do not wait behind them.
 */
export const deliveryTasks: Tasks = {
  "deliver-message": (input, { actor, signal }) => deliverMessage(actor, input, signal),
};

/** Job name → the command that it is. */
export const tasks: Tasks = {
  "sync-connection": ({ runId }, { actor, signal }) => runSync(actor, { runId }, signal),
  "refresh-facts": ({ connectionId }, { actor }) => refreshInventory(actor, { connectionId }),
  "take-usage": ({ connectionId }, { actor, signal }) => takeUsage(actor, { connectionId }, signal),
  "sequence-events": () => sequenceEvents(),
  "start-due-syncs": (_, { actor }) => startDueSyncs(actor),
  "keep-house": (_, { actor }) => keepHouse(actor),
};
