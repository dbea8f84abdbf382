import type { Command } from "commander";
import { migrate } from "@/lib/db/migrate";
import { openDatabase, openInstallation } from "../open-installation";
import { print, printJson } from "../terminal";

/** `rollcall worker` and `rollcall migrate` */
export function addOperatingCommands(program: Command): void {
  program
    .command("worker")
    .description("take jobs from the database until it is stopped; any number of them may run")
    .action(work);
  program.command("migrate").description("bring the database up to date").action(bringUpToDate);
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
