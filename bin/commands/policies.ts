import path from "node:path";
import type { Command } from "commander";
import { loadPolicies } from "@/lib/policies/load-policies";
import { parsePolicies } from "@/lib/policies/parse-policies";
import { readPolicyFolder, readPolicySchema } from "@/lib/policies/read-policy-files";
import type { PolicyFault } from "@/lib/policies/schema";
import { openInstallation } from "../open-installation";
import { print, printJson } from "../terminal";

type Flags = { json?: true };

/** `rollcall policies check | load` */
export function addPolicyCommands(program: Command): void {
  const policies = program.command("policies").description("who may ask for, approve and receive what");
  policies
    .command("check")
    .description("check a folder of policies, without an installation; exits 1 where something is wrong")
    .argument("<folder>", "with .cedar files and rules.yaml")
    .action(check);
  policies.command("load").description("load this installation's policies now, all of them or none").action(load);
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
