import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { db } from "../db/client";
import { clockOf } from "../db/clock";
import { AppError } from "../errors";
import { findConflicts } from "../grants/find-conflicts";
import { accessFacts, factsOf, identityFacts } from "../grants/policy-facts";
import { ways } from "../grants/schema";
import { isId } from "../lists/conditions";
import { currentPolicies } from "../policies/current-policies";
import { decidePolicy, preparePolicies } from "../policies/decide-policy";
import { parsePolicies } from "../policies/parse-policies";
import { readPolicySchema } from "../policies/read-policy-files";
import { type AskingFacts, duration, type PolicyDecision, type PolicyFault, policyFile } from "../policies/schema";
import { findAsked } from "./find-asked";
import { planApproval } from "./plan-approval";
import { requestItem } from "./schema";

export const simulatePolicyInput = z.strictObject({
  action: z.enum(["request", "break_glass", "activate", "extend"]).default("request"),
  requester: z.string().min(1).max(300).meta({ description: "Id or e-mail of whoever asks." }),
  subject: z
    .string()
    .max(300)
    .default("")
    .meta({ description: "Id or e-mail of whoever would hold it; the same without." }),
  item: requestItem,
  duration: duration.prefault("PT4H"),
  give: z.enum(ways).default("assignment"),
  ticket: z.string().trim().max(500).optional(),
  at: z.iso.datetime({ offset: true }).nullish().meta({ description: "When; now without." }),
  files: z.array(policyFile).max(50).optional().meta({
    description: "A draft of the policies: what it would say beside what those in force say.",
  }),
});
export type SimulatePolicyInput = z.input<typeof simulatePolicyInput>;

export type Verdict = PolicyDecision & {
  words: { id: string; effect: "permit" | "forbid"; because: string | null; file: string; line: number }[];
  steps: { name: string; who: string[]; needed: number }[];
};

export type Simulation = {
  facts: {
    requester: string;
    subject: string;
    access: string;
    environment: string;
    privilege: number;
    conflicts: string[];
  };
  verdict: Verdict;
  /** What the draft would say, or what is wrong with it. */
  draft: Verdict | { faults: PolicyFault[] } | null;
};

/**
 * What the policies in force say of somebody asking for something, and what a draft of them would. Changes nothing.
 * @throws AppError `forbidden`, `not_found`, `invalid`
 */
export async function simulatePolicy(actor: Actor, input: SimulatePolicyInput): Promise<Simulation> {
  await authorize(actor, "policy:simulate", { type: "policies" });
  const given = simulatePolicyInput.parse(input);
  const policies = await currentPolicies();
  const requesterId = await identityNamed(given.requester, "requester");
  const subjectId = given.subject === "" ? requesterId : await identityNamed(given.subject, "subject");
  const { items, obstacles } = await findAsked([given.item], { id: subjectId, name: given.subject }, "credential");
  const [item] = items;
  if (!item)
    throw new AppError("invalid", obstacles[0]?.message ?? "There is no such access.", {
      field: "item",
      remedy: obstacles[0]?.remedy,
    });
  const owners = item.ownerId ? [item.ownerId] : [];
  const people = await identityFacts([requesterId, subjectId, ...owners], policies.namedGroups);
  const [requester, subject] = [factsOf(people, requesterId), factsOf(people, subjectId)];
  const { connection, permission, resource } = item;
  const asked = [{ connection, permission, resource }];
  const facts: AskingFacts = {
    action: given.action,
    principal: requester,
    subject,
    access: accessFacts(item, item.ownerId ? (people.get(item.ownerId) ?? null) : null),
    relation: requesterId === subjectId ? "self" : subject.kind === "human" ? "report" : "owned",
    give: given.give,
    durationSeconds: given.duration,
    hasReason: true,
    ticket: given.ticket ?? null,
    alreadyHeld: false,
    conflicts: await findConflicts(policies.rules.conflicts, { subjectId, asked, exceptRequestId: null }),
    at: given.at ? new Date(given.at) : await clockOf(db()),
  };
  return {
    facts: {
      requester: requester.name,
      subject: subject.name,
      access: `${permission} on ${resource} in ${connection}`,
      environment: item.environment,
      privilege: item.privilege,
      conflicts: [...facts.conflicts],
    },
    verdict: verdictOf(policies, facts, item.ownerId),
    draft: given.files ? await draftVerdict(given.files, facts, item.ownerId) : null,
  };
}

type Prepared = Awaited<ReturnType<typeof currentPolicies>>;

function verdictOf(policies: Prepared, facts: AskingFacts, ownerId: string | null): Verdict {
  const decision = decidePolicy(policies, facts);
  const words = policies.policies
    .filter(({ id }) => decision.policies.includes(id))
    .map(({ id, effect, because, file, line }) => ({ id, effect, because, file, line }));
  const { steps } = planApproval(policies.rules, [{ approvals: decision.approvals, ownerId }]);
  return { ...decision, words, steps: steps.map(({ name, who, needed }) => ({ name, who, needed })) };
}

// A draft's groups are not looked up anew: those that the policies in force name are known of everybody.
async function draftVerdict(
  files: z.output<typeof policyFile>[],
  facts: AskingFacts,
  ownerId: string | null,
): Promise<Simulation["draft"]> {
  const schema = await readPolicySchema();
  const parsed = parsePolicies(files, schema);
  if (!parsed.ok) return { faults: parsed.faults };
  // Prepared and asked in one turn, so that two drafts never meet under the same name.
  return verdictOf(preparePolicies(parsed.set, 0, schema), facts, ownerId);
}

// By id or e-mail address; by a name that only one has, since a machine may have nothing else.
async function identityNamed(word: string, field: string): Promise<string> {
  const found = await db().identity.findMany({
    where: {
      removedAt: null,
      ...(isId(word) ? { id: word } : { OR: [{ email: { equals: word, mode: "insensitive" } }, { name: word }] }),
    },
    select: { id: true, email: true },
    take: 3,
  });
  const mailed = found.filter(({ email }) => email?.toLowerCase() === word.toLowerCase());
  const [only, another] = mailed.length > 0 ? mailed : found;
  if (only && !another) return only.id;
  const words = only ? `Several are called ${word.slice(0, 100)}.` : `There is no identity ${word.slice(0, 100)}.`;
  throw new AppError("not_found", words, { field, remedy: "Give an id or an e-mail address." });
}
