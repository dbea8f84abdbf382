import { recordUsage } from "@/lib/usage/record-usage";
import { recordedUsage, recordUsageInput } from "@/lib/usage/schema";
import { endpoint } from "../endpoint";

export const usageEndpoints = [
  endpoint({
    method: "POST",
    path: "/usage",
    summary: "Say what was used",
    description:
      "A batch of usage events of one connection. An event counts only when it is later than the last one counted for the same account, credential, resource, permission and day, so that a batch sent twice changes nothing.",
    tag: "Usage",
    permission: "usage:write",
    body: recordUsageInput,
    bodyLimit: 5_000_000,
    takesOddText: true,
    answer: recordedUsage,
    run: (actor, { body }) => recordUsage(actor, body),
  }),
];
