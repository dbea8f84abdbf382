import type { Command } from "commander";
import { listMatchRules } from "@/lib/connections/match-rule-queries";
import { matchFields, matchRuleInput, matchTargets } from "@/lib/connections/match-schema";
import { getConnection } from "@/lib/connections/queries";
import { deleteMatchRule, previewMatchRule, saveMatchRule } from "@/lib/connections/save-match-rule";
import { AppError } from "@/lib/errors";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable, tell } from "../terminal";

type Flags = { json?: true };
type AddFlags = Flags & {
  connection?: string;
  field: string;
  pattern: string;
  makes: string;
  target: string;
  sure: string;
  try?: true;
};

/** `rollcall match-rule list | add | delete` */
export function addMatchRuleCommands(program: Command): void {
  const rules = program.command("match-rule").description("rules that tell whose an account is");
  rules.command("list").description("the rules, in the order they are tried").action(list);
  rules
    .command("add")
    .description("save a rule and match by it at once; --try only says what it would match")
    .argument("<name>")
    .requiredOption("--pattern <expression>", "what the account's field must be, from its beginning to its end")
    .requiredOption("--makes <template>", "what that makes; \\1 is what the first brackets took")
    .option("--field <field>", `the account's field: ${matchFields.join(", ")}`, "name")
    .option("--target <field>", `the identity's field that must equal it: ${matchTargets.join(", ")}`, "email")
    .option("--connection <name>", "only accounts of this system")
    .option("--sure <percent>", "how sure that is", "80")
    .option("--try", "change nothing")
    .action(add);
  rules.command("delete").description("try a rule no more; what it matched stays").argument("<name>").action(remove);
}

async function list(flags: Flags): Promise<void> {
  const found = await listMatchRules(await openInstallation());
  if (flags.json) return found.forEach(printJson);
  if (found.length === 0) return tell("There are no rules.");
  printTable([
    ["NAME", "SYSTEM", "FIELD", "PATTERN", "MAKES", "TARGET", "SURE", "MATCHED"],
    ...found.map((rule) => [
      rule.name,
      rule.connection?.name ?? "every",
      rule.field,
      rule.pattern,
      rule.template,
      rule.target,
      `${Math.round(rule.confidence * 100)} %`,
      String(rule.matched),
    ]),
  ]);
}

async function add(name: string, flags: AddFlags): Promise<void> {
  const actor = await openInstallation();
  const { field, pattern, makes: template, target } = flags;
  const connectionId = flags.connection ? (await getConnection(actor, flags.connection)).id : null;
  const confidence = Number(flags.sure) / 100;
  const rule = matchRuleInput.parse({ name, connectionId, field, pattern, template, target, confidence });
  if (!flags.try) {
    const saved = await saveMatchRule(actor, rule);
    return flags.json ? printJson(saved) : print(`Saved. It has matched ${saved.matched} accounts.`);
  }
  const found = await previewMatchRule(actor, rule);
  if (flags.json) return found.forEach(printJson);
  printTable([
    ["ACCOUNT", "SYSTEM", "MAKES", "WHO"],
    ...found.map((one) => [one.account, one.connection, one.made, one.identity ?? "nobody, or several"]),
  ]);
}

async function remove(name: string, flags: Flags): Promise<void> {
  const actor = await openInstallation();
  const rule = (await listMatchRules(actor)).find((one) => one.name === name);
  if (!rule) throw new AppError("not_found", `There is no rule ${name}.`);
  const deleted = await deleteMatchRule(actor, { id: rule.id });
  return flags.json ? printJson(deleted) : print("Deleted.");
}
