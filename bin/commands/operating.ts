import type { Command } from "commander";
import { migrate } from "@/lib/db/migrate";
import { examineInstallation } from "@/lib/operations/examine-installation";
import { openDatabase, openInstallation } from "../open-installation";
import { print, printJson } from "../terminal";

/** `rollcall worker`, `rollcall migrate` and `rollcall doctor` */
export function addOperatingCommands(program: Command): void {
  program
    .command("worker")
    .description("take jobs from the database until it is stopped; any number of them may run")
    .action(work);
  program.command("migrate").description("bring the database up to date").action(bringUpToDate);
  program.command("doctor").description("say what is wrong with this installation, and how to mend it").action(examine);
}

async function work(): Promise<void> {
  await openInstallation();
  process.env.ROLLCALL_PART = "worker";
  await import("../../worker/main");
}

async function bringUpToDate(flags: { json?: true }): Promise<void> {
  const applied = await migrate(await openDatabase());
  if (flags.json) return printJson({ applied });
  if (applied.length === 0) print("The database is up to date.");
  for (const name of applied) print(`Applied ${name}.`);
}

async function examine(flags: { json?: true }): Promise<void> {
  await openDatabase();
  const examined = await examineInstallation();
  if (examined.some((one) => one.state === "bad")) process.exitCode = 1;
  if (flags.json) return examined.forEach(printJson);
  const marks = { good: "ok  ", warning: "warn", bad: "BAD " } as const;
  for (const { name, state, message, remedy } of examined) {
    print(`${marks[state]}  ${name}: ${message}`);
    if (remedy) print(`      ${remedy}`);
  }
}
