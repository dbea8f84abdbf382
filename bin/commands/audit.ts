import type { Command } from "commander";
import { sequenceEvents } from "@/lib/audit/sequence-events";
import { type SequenceCheck, verifySequence } from "@/lib/audit/verify-sequence";
import { openInstallation } from "../open-installation";
import { print, printJson, showProgress } from "../terminal";

/** `rollcall audit verify` */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("the record");
  audit.command("verify").description("recompute the hash of every event that has a place in the log").action(verify);
}

async function verify(flags: { json?: true }): Promise<void> {
  const actor = await openInstallation();
  await sequenceEvents();
  const check = await verifySequence(actor, (read) => showProgress(`${read} events read`));
  showProgress(null);
  const intact = check.firstFault === null && check.adrift === 0;
  if (flags.json) printJson({ intact, ...check });
  else for (const line of words(check)) print(line);
  if (!intact) process.exitCode = 1;
}

function words({ sequenced, lastAt, waiting, adrift, firstFault }: SequenceCheck): string[] {
  const at = lastAt ? ` at ${lastAt.toISOString()}` : "";
  const lines: string[] = [];
  if (firstFault?.what === "missing") lines.push(`Event ${firstFault.position} is missing from the log.`);
  if (firstFault?.what === "changed") lines.push(`Event ${firstFault.position} is not as it was written.`);
  if (adrift > 0)
    lines.push(`${adrift} events have no place and do not wait for one: they did not come the usual way.`);
  if (lines.length === 0)
    lines.push(`The ${sequenced} events in the log are as they were written, up to event ${sequenced}${at}.`);
  if (waiting > 0) lines.push(`${waiting} newer events wait for their place and were not checked.`);
  lines.push(
    "Not checked: whether the newest events were cut off, or every hash made anew. That takes a signed checkpoint kept elsewhere, which this version does not make.",
  );
  return lines;
}
