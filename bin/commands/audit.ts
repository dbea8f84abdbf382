import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { anchorFile } from "@/lib/audit/anchor-file";
import { eraseFromRecord } from "@/lib/audit/erase-values";
import { exportEvents, exportEventsFormat } from "@/lib/audit/export-events";
import { type ExportInput, exportRecord } from "@/lib/audit/export-record";
import { readVerifier } from "@/lib/audit/pack-choice";
import type { ListEventsInput } from "@/lib/audit/schema";
import { sequenceEvents } from "@/lib/audit/sequence-events";
import { rotateKey, signCheckpoint } from "@/lib/audit/sign-checkpoint";
import { type Given, readNotes, reportWords, verifyExport, verifyFile } from "@/lib/audit/verify.mjs";
import { verifyRecord } from "@/lib/audit/verify-record";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { openInstallation } from "../open-installation";
import { confirm, print, printJson, showProgress } from "../terminal";
import { addDestinationCommands } from "./audit-destinations";
import { addRestoredCommand } from "./audit-restored";

type Flags = { json?: true };
const repeated = (value: string, before: string[] = []) => [...before, value];

/** `rollcall audit …` */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("the record");
  audit
    .command("verify [export]")
    .description(
      "check every event, the tree over them and its checkpoints; of an export alone when its folder or file is given",
    )
    .option("--checkpoint <file>", "a checkpoint that was kept elsewhere; may be given several times", repeated)
    .option("--key <key>", "a verifier key that you trust; may be given several times", repeated)
    .action(verify);
  audit
    .command("checkpoint")
    .description("sign the record as it is now and print the checkpoint, to be kept elsewhere")
    .action(checkpoint);
  audit
    .command("rotate-key")
    .description("give the record a new key; the old one endorses it, and checkpoints signed by it stay verifiable")
    .action(rotate);
  audit
    .command("export <folder>")
    .description(
      "write events with all that is needed to verify them elsewhere, verify.mjs among it, into a new folder",
    )
    .option("--format <format>", "jsonl, or csv or ocsf beside it")
    .option("--from <number>", "the first event")
    .option("--to <number>", "the last event; the export goes on to the next checkpoint")
    .option("--since <time>", "events since then")
    .option("--until <time>", "events before then")
    .option("--who <ids>", "only events by these actors, with commas between; each is proven by itself")
    .option("--action <actions>", "only these actions, with commas between")
    .option("--target <type:id>", "only what was done to this")
    .option("--outcome <outcomes>", "only these: allowed, denied, failed")
    .option("--q <text>", "only those with this part of a name or an action")
    .action(exportTo);
  audit
    .command("erase")
    .description("take what the record holds of somebody out of it, for ever; every proof still holds")
    .option("--id <id>", "of a user or an identity; may be given several times", repeated)
    .option("--text <text>", "a name or an e-mail address; may be given several times", repeated)
    .requiredOption("--reason <text>", "why; stays in the record")
    .action(erase);
  addRestoredCommand(audit);
  addDestinationCommands(audit);
}

async function verify(
  folder: string | undefined,
  flags: Flags & { checkpoint?: string[]; key?: string[] },
): Promise<void> {
  const files = [...(flags.checkpoint ?? []), ...(folder ? [] : await ownAnchor())];
  const checkpoints = (await Promise.all(files.map(notesIn))).flat();
  const given: Given = { checkpoints, keys: flags.key ?? [] };
  const onProgress = (read: number) => showProgress(`${read} events read`);
  const report = folder
    ? { ...(await verifyGiven(folder, given, onProgress).catch(unreadable)), waiting: 0 }
    : await verifyLive(given, onProgress);
  showProgress(null);
  if (flags.json) printJson(report);
  else for (const line of reportWords(report)) print(line);
  if (report.waiting > 0 && !flags.json)
    print(`${report.waiting} newer events wait for their place and were not checked.`);
  if (!report.intact) process.exitCode = 1;
}

async function verifyGiven(at: string, given: Given, onProgress: (read: number) => void) {
  return (await stat(at)).isFile() ? verifyFile(at, given) : verifyExport(at, given, onProgress);
}

async function verifyLive(given: Given, onProgress: (read: number) => void) {
  const actor = await openInstallation();
  await sequenceEvents();
  return verifyRecord(actor, given, onProgress);
}

// What this machine's own anchor file holds is outside the database too.
async function ownAnchor(): Promise<string[]> {
  await openInstallation();
  const file = anchorFile();
  return file !== null && existsSync(file) ? [file] : [];
}

async function notesIn(file: string): Promise<{ note: string; source: string }[]> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new AppError("invalid", `${file} cannot be read: ${cause.code ?? cause}`, { field: "checkpoint", cause });
  });
  const notes = readNotes(text);
  if (notes.length === 0)
    throw new AppError("invalid", `${file} holds no checkpoint`, {
      field: "checkpoint",
      remedy: "Give a file with a signed note, or with JSON lines that have a note each.",
    });
  return notes.map((note) => ({ note, source: file }));
}

function unreadable(cause: Error): never {
  throw new AppError("invalid", `This is no export of the record: ${cause.message}`, {
    remedy: "Give the folder that holds log.json, unpacked where it was an archive.",
    cause,
  });
}

async function checkpoint(flags: Flags): Promise<void> {
  await openInstallation();
  await sequenceEvents();
  const signed = await signCheckpoint("atOnce");
  if (!signed) throw new AppError("conflict", "The record is empty", { remedy: "There is nothing to sign yet." });
  if (flags.json) printJson({ size: signed.size, note: signed.note });
  else process.stdout.write(signed.note);
}

async function rotate(flags: Flags): Promise<void> {
  const { verifierKey } = await rotateKey(await openInstallation());
  if (flags.json) printJson({ verifierKey });
  else print(`The record is signed by a new key: ${verifierKey}`);
}

type ExportFlags = Flags & ExportInput & Pick<ListEventsInput, "who" | "action" | "target" | "outcome" | "q">;

async function exportTo(folder: string, given: ExportFlags): Promise<void> {
  const { json, who, action, target, outcome, q, ...flags } = given;
  const actor = await openInstallation();
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new AppError("conflict", `${folder} is not empty`, { remedy: "Give a folder that is new." });
  const filters = Object.fromEntries(Object.entries({ who, action, target, outcome, q }).filter(([, it]) => it));
  if (Object.keys(filters).length > 0) return exportChosen(actor, { folder, filters, flags, json: json ?? false });
  const { from, to, entries } = await exportRecord(actor, flags);
  for await (const { name, content } of entries) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    showProgress(name);
  }
  showProgress(null);
  if (json) printJson({ folder, from, to });
  else
    print(`Events ${from} to ${to} are in ${folder}. To check them: node ${path.join(folder, "verify.mjs")} ${folder}`);
}

type Choosing = { folder: string; filters: ListEventsInput; flags: ExportInput; json: boolean };

// Each event with its path to the root, in one file beside what checks it.
async function exportChosen(actor: Actor, { folder, filters, flags, json }: Choosing): Promise<void> {
  const { since, until, from, to, format } = flags;
  if (from !== undefined || to !== undefined)
    throw new AppError("invalid", "A choice of events is narrowed by time, not by numbers", {
      remedy: "Use --since and --until, or leave the filters out.",
    });
  const file = path.join(folder, `activity.${format === "csv" ? "csv" : "jsonl"}`);
  const times = { ...(since ? { from: since } : {}), ...(until ? { to: until } : {}) };
  const form = exportEventsFormat.parse(format);
  const texts = await exportEvents(actor, { ...filters, ...times }, form);
  const verifier = path.join(folder, "verify.mjs");
  await mkdir(folder, { recursive: true });
  await writeFile(file, texts);
  if (form === "jsonl") await writeFile(verifier, await readVerifier());
  if (json) printJson({ folder, file });
  else print(`What fits is in ${file}.${form === "jsonl" ? ` To check it: node ${verifier} ${file}` : ""}`);
}

async function erase({
  id,
  text,
  reason,
  json,
}: Flags & { id?: string[]; text?: string[]; reason: string }): Promise<void> {
  const actor = await openInstallation();
  const wanted = { ids: id ?? [], texts: text ?? [], reason };
  if (!(await confirm("This cannot be undone. Erase?"))) return;
  const erased = await eraseFromRecord(actor, wanted);
  if (json) printJson(erased);
  else print(`${erased.parts} parts of ${erased.events} events were erased. The events and their proofs remain.`);
}
