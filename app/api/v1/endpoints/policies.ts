import { z } from "zod";
import { loadPolicies } from "@/lib/policies/load-policies";
import { getPolicies } from "@/lib/policies/queries";
import { policyFault, policyFile } from "@/lib/policies/schema";
import { simulatePolicy, simulatePolicyInput } from "@/lib/requests/simulate-queries";
import { endpoint } from "../endpoint";
import { simulationShape } from "../shapes/asking";
import { durationText } from "./requests";

const time = z.iso.datetime();
const policy = z.object({
  id: z.string(),
  effect: z.enum(["permit", "forbid"]),
  because: z.string().nullable(),
  approval: z.string().nullable().meta({ description: "The rules of approval that it names, with commas between." }),
  file: z.string(),
  line: z.number().int(),
  text: z.string(),
});

export const policyEndpoints = [
  endpoint({
    method: "GET",
    path: "/policies",
    summary: "The policies in force, or an older version of them",
    tag: "Policies",
    permission: "policy:read",
    query: z.strictObject({ version: z.coerce.number().int().min(1).max(2_147_483_647).optional() }),
    answer: z.object({
      version: z.number().int(),
      current: z.number().int().meta({ description: "The version in force." }),
      source: z.enum(["default", "folder"]),
      loadedAt: time,
      loadedBy: z.string(),
      files: z.array(policyFile),
      policies: z.array(policy),
      rules: z.record(z.string(), z.unknown()).nullable().meta({ description: "Of rules.yaml; durations in seconds." }),
      refused: z
        .object({ at: time, faults: z.array(policyFault) })
        .nullable()
        .meta({ description: "What is wrong with the set that was refused last, while it is." }),
      versions: z.array(
        z.object({ version: z.number().int(), loadedAt: time, loadedBy: z.string(), source: z.string() }),
      ),
    }),
    run: (actor, { query }) => getPolicies(actor, query),
  }),
  endpoint({
    method: "POST",
    path: "/policies/load",
    summary: "Load the policies from the installation's files, all of them or none",
    description: "Where a file has a fault, the version before stays in force and the faults are answered.",
    tag: "Policies",
    permission: "policy:load",
    answer: z.object({ version: z.number().int(), changed: z.boolean(), faults: z.array(policyFault) }),
    run: (actor) => loadPolicies(actor),
  }),
  endpoint({
    method: "POST",
    path: "/policies/simulate",
    summary: "What the policies say of somebody asking for something",
    description: "With `files`, also what a draft of the policies would say. Changes nothing.",
    tag: "Policies",
    permission: "policy:simulate",
    body: simulatePolicyInput.extend({ duration: durationText.default("PT4H") }),
    bodyLimit: 5_000_000,
    answer: simulationShape,
    safe: true,
    run: (actor, { body }) => simulatePolicy(actor, body),
  }),
];
