import { setTimeout as wait } from "node:timers/promises";
import type { Actor } from "@/lib/auth/actor";
import { getSync } from "@/lib/connections/queries";
import type { SyncRunRow } from "@/lib/connections/schema";
import { print, printJson, showProgress, tell } from "./terminal";

const lookEveryMs = 300;

/** Shows how far a sync has come until it is over. @returns the run as it ended. */
export async function followSync(actor: Actor, runId: string, name: string): Promise<SyncRunRow> {
  for (;;) {
    const run = await getSync(actor, runId);
    showProgress(hasSettled(run) ? null : `${name}: ${progressWords(run)}`);
    if (hasSettled(run)) return run;
    await wait(lookEveryMs);
  }
}

/** Is nothing more to be waited for: has it ended, or does it wait for a person? */
export function hasSettled(run: Pick<SyncRunRow, "state">): boolean {
  return ["paused", "done", "failed", "discarded"].includes(run.state);
}

function progressWords({ state, progress }: SyncRunRow): string {
  const read = Object.entries(progress.read).filter(([, count]) => count > 0);
  const counts = read.map(([kind, count]) => `${count} ${plural(kind)}`).join(", ");
  return [state, counts].filter(Boolean).join(", ");
}

function plural(kind: string): string {
  return kind === "principal" ? "accounts and groups" : `${kind}s`;
}

/** Prints how a sync ended. @returns whether it went through. */
export function printRun(run: SyncRunRow, name: string, asJson: boolean): boolean {
  const ended = run.state === "done";
  if (asJson) {
    printJson({ connection: name, ...run });
    return ended;
  }
  if (run.error) print(`${name}: failed. ${run.error.message}. ${run.error.remedy ?? ""}`.trim());
  else if (run.state === "paused") printBrake(run, name);
  else if (run.state === "discarded") print(`${name}: discarded; the inventory stays as it was.`);
  else print(`${name}: ${resultWords(run)}`);
  for (const problem of run.problems.slice(0, 10)) print(`  left out: ${problem.object ?? ""} ${problem.message}`);
  if (run.problemCount > 10) print(`  and ${run.problemCount - 10} more were left out`);
  return ended;
}

function resultWords({ result, startedAt, finishedAt }: SyncRunRow): string {
  const changes = Object.entries(result ?? {}).flatMap(([kind, { added, changed, removed }]) => {
    const parts = [added && `${added} added`, changed && `${changed} changed`, removed && `${removed} removed`];
    const words = parts.filter(Boolean).join(", ");
    return words ? [`${plural(kind)} ${words}`] : [];
  });
  const seconds =
    startedAt && finishedAt ? ` in ${((finishedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s` : "";
  return `${changes.length > 0 ? changes.join("; ") : "nothing has changed"}${seconds}.`;
}

function printBrake(run: SyncRunRow, name: string): void {
  print(`${name}: paused by the brake; nothing was changed. It would remove:`);
  for (const { kind, removed, of, examples } of run.brake?.kinds ?? []) {
    print(`  ${removed} of ${of} ${plural(kind)}: ${examples.join(", ")}`);
  }
  tell("Decide on the connection's page, or with: rollcall sync --apply NAME, rollcall sync --discard NAME");
}
