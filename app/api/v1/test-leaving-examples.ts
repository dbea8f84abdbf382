import { itemRow, leaverRow, rehireRow, runRow, stepRow } from "@/lib/offboarding/test-leaving-rows";
import type { Caller, Example } from "./test-access-examples";

// For tests: what the endpoints of leaving are called with.

/** How each of these endpoints is called. */
export function leavingExamples(): Record<string, (who: Caller) => Example | Promise<Example>> {
  return {
    "GET /offboardings": () => ({ query: "?limit=5&open=true", ownStatus: 200 }),
    "POST /offboardings": async () => {
      const identity = await leaverRow();
      return { body: () => ({ identity, reason: "a test" }) };
    },
    "POST /offboardings/preview": async () => {
      const identity = await leaverRow();
      return { body: () => ({ identity }) };
    },
    "GET /offboardings/clocks": () => ({ ownStatus: 200 }),
    "GET /offboardings/{id}": async () => ({ path: `/offboardings/${await runRow()}` }),
    "GET /offboardings/{id}/receipt": async () => ({ path: `/offboardings/${await runRow()}/receipt` }),
    "POST /offboardings/{id}/cancel": async () => ({
      path: `/offboardings/${await runRow("ordered")}/cancel`,
      body: () => ({ reason: "a test" }),
    }),
    "POST /offboardings/{id}/rehire-dismissal": async () => ({
      path: `/offboardings/${await rehireRow()}/rehire-dismissal`,
      body: () => ({ reason: "a test" }),
    }),
    "POST /offboardings/{id}/release": async () => ({
      path: `/offboardings/${await runRow("paused_by_brake")}/release`,
      body: () => ({ reason: "a test" }),
    }),
    "POST /offboardings/{id}/suggestions": async () => ({ path: `/offboardings/${await runRow()}/suggestions` }),
    "GET /offboarding-items/handed-to-me": () => ({ ownStatus: 200 }),
    "POST /offboarding-items/{id}/disposition": async () => ({
      path: `/offboarding-items/${await itemRow()}/disposition`,
      body: () => ({ disposition: "cancel", reason: "a test" }),
    }),
    "POST /offboarding-steps/{id}/decision": async () => ({
      path: `/offboarding-steps/${await stepRow()}/decision`,
      body: () => ({ decision: "by_hand", reason: "see OPS-1" }),
    }),
  };
}
