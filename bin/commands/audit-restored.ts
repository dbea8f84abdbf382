import path from "node:path";
import type { Command } from "commander";
import { examineJournal } from "@/lib/audit/examine-journal";
import { journalFile } from "@/lib/audit/journal-file";
import { countWords, doubtWords, endingKindLabels, endingStateLabels } from "@/lib/restoration/labels";
import { noticeRestoration } from "@/lib/restoration/notice-restoration";
import { getRestoration, listUnseenRestorations } from "@/lib/restoration/queries";
import { repeatEndings } from "@/lib/restoration/repeat-endings";
import { seeRestoration } from "@/lib/restoration/see-restoration";
import { openInstallation } from "../open-installation";
import { print, printJson, printTable } from "../terminal";

type Flags = { json?: true; journal?: string; seen?: true };

/** `rollcall audit restored` */
export function addRestoredCommand(audit: Command): void {
  audit
    .command("restored")
    .description("find out whether the database is older than its journal, and take back again what it has forgotten")
    .option("--journal <file>", "another machine's journal, or a copy of one")
    .option("--seen", "say that what became of it was looked at; it is not said loudly any more")
    .action(restored);
}

async function restored({ json, journal: given, seen }: Flags): Promise<void> {
  const actor = await openInstallation();
  const journal = given === undefined ? journalFile() : path.resolve(given);
  await noticeRestoration(actor, { journal });
  const waiting = await repeatEndings(actor);
  const report = await examineJournal(journal);
  const unseen = await listUnseenRestorations(actor);
  if (seen) for (const { id } of unseen) await seeRestoration(actor, { id });
  if (!seen && unseen.length > 0) process.exitCode = 1;
  if (json) return printJson({ journal: report, waiting, restorations: unseen });
  if (report) print(`${report.file} holds ${report.lines} endings.`);
  else print("There is no journal of endings.");
  const doubts = doubtWords(report?.doubts ?? {});
  if (doubts) print(`Not believed: ${doubts}.`);
  if (unseen.length === 0) return print("This database knows all of them, and nothing waits to be looked at.");
  for (const { id } of unseen) await tell(actor, id);
  print(seen ? "That was seen is in the record." : "When that was looked at: rollcall audit restored --seen");
}

async function tell(actor: Awaited<ReturnType<typeof openInstallation>>, id: string): Promise<void> {
  const { noticedAt, had, told, sessionsEnded, endings, list } = await getRestoration(actor, { id });
  print(
    `At ${noticedAt.toISOString()} this database had ${had} events and was told of event ${told}: ${sessionsEnded} sessions were ended here; ${countWords(endings)}.`,
  );
  const open = list.filter(({ state }) => state === "failed" || state === "waiting" || state === "by_hand");
  if (open.length === 0) return;
  printTable([
    ["EVENT", "FIRST AT", "WHAT", "WHICH", "STATE", "WHY"],
    ...open.map((one) => [
      String(one.number),
      one.at.toISOString(),
      endingKindLabels[one.kind],
      one.name ?? one.thingId,
      endingStateLabels[one.state],
      one.detail,
    ]),
  ]);
}
