import { z } from "zod";
import { listMatchRules } from "@/lib/connections/match-rule-queries";
import { matchFields, matchRuleInput, matchTargets } from "@/lib/connections/match-schema";
import { deleteMatchRule, previewMatchRule, saveMatchRule } from "@/lib/connections/save-match-rule";
import { endpoint } from "../endpoint";
import { id, idParam } from "../list";

const named = z.object({ id, name: z.string() });

const rule = z.object({
  id,
  name: z.string(),
  connection: named.nullable().meta({ description: "Null: accounts of every system." }),
  field: z.enum(matchFields),
  pattern: z.string(),
  template: z.string(),
  target: z.enum(matchTargets),
  confidence: z.number(),
  createdAt: z.date(),
  matched: z.number().int().meta({ description: "Accounts that have their identity by it, at most 10,000." }),
});

const tried = z.object({
  account: z.string(),
  connection: z.string(),
  made: z.string().meta({ description: "What the rule makes of it." }),
  identity: z.string().nullable().meta({ description: "Whose that is; null: nobody's, or several people's." }),
});

export const matchRuleEndpoints = [
  endpoint({
    method: "GET",
    path: "/match-rules",
    summary: "The rules that tell whose an account is, in the order they are tried",
    tag: "Inventory",
    permission: "identity:read",
    answer: z.object({ items: z.array(rule) }),
    run: async (actor) => ({ items: z.array(rule).parse(await listMatchRules(actor)) }),
  }),
  endpoint({
    method: "POST",
    path: "/match-rules",
    summary: "Save a rule, and match by it at once",
    description:
      "The regular expression must fit the whole of the account's field; what `template` makes of it (`\\1` is the first group) must equal the identity's. It comes after the address and the employee number, and never changes what a person has said.",
    tag: "Inventory",
    permission: "identity:match",
    body: matchRuleInput,
    status: 201,
    answer: z.object({ id, matched: z.number().int() }),
    run: (actor, { body }) => saveMatchRule(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/match-rules/preview",
    summary: "What a rule would match now, of its first hundred accounts",
    tag: "Inventory",
    permission: "identity:match",
    body: matchRuleInput,
    safe: true,
    answer: z.object({ items: z.array(tried) }),
    run: async (actor, { body }) => ({ items: await previewMatchRule(actor, body) }),
  }),
  endpoint({
    method: "DELETE",
    path: "/match-rules/{id}",
    summary: "Delete a rule; what it has matched stays matched",
    tag: "Inventory",
    permission: "identity:match",
    params: idParam,
    answer: z.object({ id }),
    run: (actor, { params }) => deleteMatchRule(actor, params),
  }),
];
