import { Command, CommanderError } from "commander";
import { addAccessCommands } from "./commands/access";
import { addAuditCommands } from "./commands/audit";
import { addCatalogueCommand } from "./commands/catalogue";
import { addConnectionCommands } from "./commands/connections";
import { addDecidingCommands } from "./commands/deciding";
import { addGrantCommands } from "./commands/grants";
import { addImportCommand } from "./commands/import";
import { addLineCommands } from "./commands/leaving-lines";
import { addLeftBehindCommands } from "./commands/left-behind";
import { addMatchRuleCommands } from "./commands/match-rules";
import { addOffboardingCommands } from "./commands/offboarding";
import { addOperatingCommands } from "./commands/operating";
import { addPolicyCommands } from "./commands/policies";
import { addRequestCommands } from "./commands/requests";
import { addSignInCommands } from "./commands/sign-in";
import { addTokenCommands } from "./commands/tokens";
import { closeInstallation } from "./open-installation";
import { reportFailure } from "./terminal";

// The door of a terminal and of a pipeline. Exit 0: done. 1: refused, or something was found. 2: wrong use.
const program = new Command("rollcall")
  .description("Calls the roll of every identity that can touch an organisation's systems.")
  .addHelpText(
    "after",
    "\nEvery command takes --json: one JSON object a line, for machines.\nExit 0: done. 1: refused, or something was found. 2: wrong use.",
  )
  .showHelpAfterError("(add --help to see how)")
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`rollcall: ${text.replace(/^error: /, "")}`) });

addConnectionCommands(program);
addImportCommand(program);
addMatchRuleCommands(program);
addAccessCommands(program);
addCatalogueCommand(program);
addRequestCommands(program);
addDecidingCommands(program);
addGrantCommands(program);
addOffboardingCommands(program);
addLineCommands(program);
addLeftBehindCommands(program);
addPolicyCommands(program);
addTokenCommands(program);
addSignInCommands(program);
addAuditCommands(program);
addOperatingCommands(program);
for (const command of everyCommand(program)) inherit(command);

process.exitCode = await run();
await closeInstallation();
// Sockets that linger must not keep a finished command on the screen; what was written is flushed first.
process.stdout.write("", () => process.exit());

async function run(): Promise<number> {
  try {
    await program.parseAsync(jsonLast(process.argv.slice(2)), { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, process.argv.includes("--json"));
  }
}

// `rollcall --json who ann` and `rollcall who ann --json` are the same.
function jsonLast(args: string[]): string[] {
  if (!args.includes("--json")) return args;
  const others = args.filter((arg) => arg !== "--json");
  const end = others.includes("--") ? others.indexOf("--") : others.length;
  return others.toSpliced(end, 0, "--json");
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...everyCommand(child)]);
}

// A command at any depth takes --json and ends by throwing, so that one place decides what the exit code is.
function inherit(command: Command): void {
  command.copyInheritedSettings(program).exitOverride();
  if (command.commands.length === 0) command.option("--json", "answer with JSON, one object a line");
}
