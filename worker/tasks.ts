import { sequenceEvents } from "@/lib/audit/sequence-events";
import { startDueSyncs } from "@/lib/connections/request-sync";
import { runSync } from "@/lib/connections/run-sync";
import { takeUsage } from "@/lib/connections/take-usage";
import { activateGrant } from "@/lib/grants/activate-grant";
import { compareGrants } from "@/lib/grants/compare-grants";
import { convergeAccess } from "@/lib/grants/converge-access";
import { convergeCredential } from "@/lib/grants/converge-credential";
import { endDueGrant } from "@/lib/grants/end-due-grant";
import { watchGrants } from "@/lib/grants/watch-grants";
import { keepHouse } from "@/lib/inventory/keep-house";
import { refreshInventory } from "@/lib/inventory/refresh-inventory";
import type { Tasks } from "@/lib/jobs/run-worker";
import { deliverMessage } from "@/lib/messages/deliver-message";
import { advanceOffboarding } from "@/lib/offboarding/advance-offboarding";
import { beginOffboarding } from "@/lib/offboarding/begin-offboarding";
import { carryOutStep } from "@/lib/offboarding/carry-out-step";
import { findLeavers } from "@/lib/offboarding/find-leavers";
import { watchOffboardings } from "@/lib/offboarding/watch-offboardings";
import { loadPolicies } from "@/lib/policies/load-policies";
import { settleRequest } from "@/lib/requests/settle-request";
import { watchRequests } from "@/lib/requests/watch-requests";

/** Job name → the command that it is. */
export const tasks: Tasks = {
  "sync-connection": ({ runId }, { actor, signal }) => runSync(actor, { runId }, signal),
  "refresh-facts": ({ connectionId }, { actor }) => refreshInventory(actor, { connectionId }),
  "take-usage": ({ connectionId }, { actor, signal }) => takeUsage(actor, { connectionId }, signal),
  "sequence-events": () => sequenceEvents(),
  "start-due-syncs": (_, { actor }) => startDueSyncs(actor),
  "keep-house": (_, { actor }) => keepHouse(actor),
  "load-policies": (_, { actor }) => loadPolicies(actor),
};

/** Access has hands of its own: a system that is read for an hour holds up no revocation. */
export const accessTasks: Tasks = {
  "activate-grant": ({ grantId }, { actor }) => activateGrant(actor, { grantId }),
  "converge-access": (payload, { actor, signal }) => convergeAccess(actor, payload, signal),
  "converge-credential": ({ grantId }, { actor, signal }) => convergeCredential(actor, { grantId }, signal),
  "end-grant": ({ grantId }, { actor }) => endDueGrant(actor, { grantId }),
  "watch-grants": (_, { actor }) => watchGrants(actor),
  "compare-grants": ({ connectionId }, { actor, signal }) => compareGrants(actor, { connectionId }, signal),
  "settle-request": ({ requestId }, { actor }) => settleRequest(actor, { requestId }),
  "watch-requests": (_, { actor }) => watchRequests(actor),
};

/** Leaving goes by the same hands, ahead of what is given. */
export const leavingTasks: Tasks = {
  "begin-offboarding": (input, { actor }) => beginOffboarding(actor, input),
  "carry-out-step": (input, { actor, signal }) => carryOutStep(actor, input, signal),
  "advance-offboarding": (input, { actor }) => advanceOffboarding(actor, input),
  "find-leavers": (input, { actor, signal }) => findLeavers(actor, input, signal),
  "watch-offboardings": (_, { actor }) => watchOffboardings(actor),
};

/**
 * Deliveries have hands of their own: however many servers hang, syncs and revocations do not wait behind them.
 */
export const deliveryTasks: Tasks = {
  "deliver-message": (input, { actor, signal }) => deliverMessage(actor, input, signal),
};
