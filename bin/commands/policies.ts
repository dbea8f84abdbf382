import path from "node:path";
import { type Command, Option } from "commander";
import type { Actor } from "@/lib/auth/actor";
import { findResourceNamed } from "@/lib/inventory/find-named";
import { loadPolicies } from "@/lib/policies/load-policies";
import { parsePolicies } from "@/lib/policies/parse-policies";
import { getPolicies } from "@/lib/policies/queries";
import { readPolicyFolder, readPolicySchema } from "@/lib/policies/read-policy-files";
import type { PolicyFault } from "@/lib/policies/schema";
import { simulatePolicy, type Verdict } from "@/lib/requests/simulate-queries";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable } from "../terminal";

type Flags = { json?: true };

type ExplainFlags = Flags & {
  action: "request" | "break_glass" | "activate" | "extend";
  for?: string;
  duration: string;
  type?: string;
  draft?: string;
};

/** `rollcall policies [list] | check | load | explain` */
export function addPolicyCommands(program: Command): void {
  const policies = program.command("policies").description("who may ask for, approve and receive what");
  policies.command("list", { isDefault: true }).description("the policies in force").action(list);
  policies
    .command("check")
    .description("check a folder of policies, without an installation; exits 1 where something is wrong")
    .argument("<folder>", "with .cedar files and rules.yaml")
    .action(check);
  policies.command("load").description("load this installation's policies now, all of them or none").action(load);
  policies
    .command("explain")
    .description("what the policies say of somebody asking for something, and why; exits 1 unless it is allowed")
    .argument("<person>", "who asks, by e-mail or id")
    .argument("<connection>")
    .argument("<permission>")
    .argument("<resource>", "its name or external id")
    .addOption(
      new Option("--action <action>").choices(["request", "break_glass", "activate", "extend"]).default("request"),
    )
    .option("--for <whom>", "who would hold it; whoever asks, without")
    .option("--duration <duration>", "for how long", "PT4H")
    .option("--type <type>", "the resource's type; else it is looked up")
    .option("--draft <folder>", "also what the policies in this folder would say")
    .action((person: string, connection: string, permission: string, named: string, flags: ExplainFlags) =>
      explain({ person, connection, permission, named, type: flags.type }, flags),
    );
}

async function list(flags: Flags): Promise<void> {
  const { version, loadedAt, loadedBy, policies, refused } = await getPolicies(await openInstallation());
  if (flags.json) return policies.map((policy) => ({ version, ...policy })).forEach(printJson);
  print(`Version ${version}, loaded ${loadedAt} by ${loadedBy}.`);
  printTable(policies.map((it) => [`${it.file}:${it.line}`, it.effect, it.id, it.because ?? ""]));
  if (refused) print(`A newer set was refused at ${refused.at}; see: rollcall policies load`);
}

type Case = { person: string; connection: string; permission: string; named: string; type: string | undefined };

async function explain(asked: Case, flags: ExplainFlags): Promise<void> {
  const files = flags.draft ? await readPolicyFolder(path.resolve(flags.draft)) : undefined;
  const actor = await openInstallation();
  const { person, connection, permission } = asked;
  const { facts, verdict, draft } = await simulatePolicy(actor, {
    action: flags.action,
    requester: person,
    subject: flags.for ?? "",
    item: { connection, permission, resource: await resourceOf(actor, asked) },
    duration: flags.duration,
    files,
  });
  if (!verdict.allowed) process.exitCode = 1;
  if (flags.json) return printJson({ facts, verdict, draft });
  print(`${facts.requester} asks for ${facts.access} (${facts.environment}, privilege ${facts.privilege})`);
  for (const line of verdictLines(verdict)) print(line);
  if (draft && "faults" in draft) printFaults(inFolder(flags.draft ?? "", draft.faults), flags);
  else if (draft) for (const line of verdictLines(draft)) print(`draft: ${line}`);
}

function verdictLines({ allowed, because, words, steps }: Verdict): string[] {
  return [
    `${allowed ? "allowed" : "denied"}: ${because}`,
    ...words.map(({ id, effect, file, line }) => `  ${effect} ${id} (${file}:${line})`),
    ...steps.map(({ name, who, needed }) => `  asks ${needed} of ${who.join(" or ")} (${name})`),
  ];
}

async function resourceOf(actor: Actor, { connection, permission, named, type }: Case) {
  if (type !== undefined) return { type, id: named };
  if (permission === "member") return { type: "group", id: named };
  const found = await findResourceNamed(actor, { text: named, connection });
  return { type: found.type, id: found.externalId };
}

async function check(folder: string, flags: Flags): Promise<void> {
  const [files, schema] = await Promise.all([readPolicyFolder(path.resolve(folder)), readPolicySchema()]);
  const parsed = parsePolicies(files, schema);
  if (!parsed.ok) return printFaults(inFolder(folder, parsed.faults), flags);
  const { policies, rules } = parsed.set;
  const counts = { policies: policies.length, approvals: Object.keys(rules.approvals).length, files: files.length };
  if (flags.json) return printJson({ ok: true, ...counts });
  print(`${counts.policies} policies and ${counts.approvals} rules of approval in ${counts.files} files are good.`);
}

async function load(flags: Flags): Promise<void> {
  const { version, changed, faults } = await loadPolicies(await openInstallation());
  if (faults.length > 0) {
    printFaults(faults, flags);
    if (!flags.json) print(version > 0 ? `Version ${version} stays in force.` : "No policies are in force.");
    return;
  }
  if (flags.json) return printJson({ ok: true, version, changed });
  print(changed ? `Version ${version} is in force.` : `Nothing has changed: version ${version} is in force.`);
}

function inFolder(folder: string, faults: readonly PolicyFault[]): PolicyFault[] {
  return faults.map((fault) => ({ ...fault, file: path.join(folder, fault.file) }));
}

// As compilers say it, so that editors and CI find the place.
function printFaults(faults: readonly PolicyFault[], flags: Flags): void {
  process.exitCode = 1;
  for (const fault of faults) {
    const { file, line, column, message, help } = fault;
    if (flags.json) printJson({ ok: false, ...fault });
    else
      print(`${[file, line, column].filter((part) => part !== null).join(":")}: ${message}${help ? ` (${help})` : ""}`);
  }
}
