import type { Command } from "commander";
import { z } from "zod";
import {
  clockReportShape,
  type OffboardingAnswer,
  offboardingDetailShape,
  offboardingShape,
} from "@/app/api/v1/shapes/offboardings";
import { AppError } from "@/lib/errors";
import { callServer, listOf } from "../call-server";
import { print, printJson, printTable } from "../terminal";
import { preview, printConsumers } from "./leaving-preview";

type StartFlags = {
  at?: string;
  reason: string;
  hold?: string;
  announce?: string;
  emergency?: true;
  preview?: true;
  json?: true;
};

/** `rollcall offboard`, `offboardings`, `cancel-offboarding` and `hand-on` */
export function addOffboardingCommands(program: Command): void {
  program
    .command("offboard")
    .description("have a person or a machine leave: shut every way in now, and prove it")
    .argument("<identity>", "id, e-mail address or name")
    .option("--preview", "only say what would go, and what would be left behind")
    .option("--at <time>", "when it begins, as 2026-12-31T17:00:00Z; without it, now")
    .option("--reason <text>", "why", "")
    .option("--hold <days>", "delete the accounts so many days after they were shut; never: not at all")
    .option("--announce <days>", "of a machine: tell its consumers so many days before")
    .option("--emergency", "of a machine: shut it now, without telling anybody first")
    .action(offboard);
  program
    .command("offboardings")
    .description("who and what leaves, newest first; with an id, one run and its receipt")
    .argument("[run]", "O-12 or its id")
    .option("--open", "only those that are neither closed nor cancelled")
    .option("--clocks", "how soon it went over the last 90 days, against the targets")
    .action(offboardings);
  program
    .command("cancel-offboarding")
    .description("undo a run: a false alarm, or somebody who is back")
    .argument("<run>", "O-12 or its id")
    .requiredOption("--reason <text>", "why")
    .option("--rehired", "they were hired again: only their accounts come back")
    .action(cancel);
  program
    .command("release")
    .description("let runs go on that the brake holds: those that are named, or all of them")
    .argument("[runs...]", "O-12 or its id, several at once")
    .option("--all-held", "every run that is held now")
    .option("--reason <text>", "why", "")
    .action(release);
  program
    .command("dismiss-rehire")
    .description("say that whoever left was not hired again, whatever an identity source shows")
    .argument("<run>", "O-12 or its id")
    .requiredOption("--reason <text>", "why")
    .action(dismissRehire);
  program
    .command("hand-on")
    .description("follow every suggestion for what is left behind")
    .argument("<run>", "O-12 or its id")
    .action(handOn);
}

async function offboard(identity: string, flags: StartFlags): Promise<void> {
  if (flags.preview) return preview(identity, flags.json ?? false);
  const hold = flags.hold === undefined ? {} : { holdDays: flags.hold === "never" ? null : Number(flags.hold) };
  const announce = flags.announce === undefined ? {} : { announceDays: Number(flags.announce) };
  const body = {
    ...{ identity, reason: flags.reason, emergency: flags.emergency ?? false },
    ...{ ...hold, ...announce, at: flags.at ?? null },
  };
  const run = await callServer(offboardingDetailShape, { method: "POST", path: "/offboardings", body });
  if (flags.json) return printJson(run);
  printRun(run);
  printConsumers(run.consumers);
}

async function offboardings(id: string | undefined, flags: { open?: true; clocks?: true; json?: true }): Promise<void> {
  if (flags.clocks) return clocks(flags.json ?? false);
  if (id !== undefined) {
    const path = `/offboardings/${await runId(id)}`;
    const run = await callServer(offboardingDetailShape, { method: "GET", path });
    return flags.json ? printJson(run) : printRun(run);
  }
  const query = { open: flags.open ? "true" : undefined, limit: "100" };
  const { items } = await callServer(listOf(offboardingShape), { method: "GET", path: "/offboardings", query });
  if (flags.json) return items.forEach(printJson);
  const lines = items.map((it) => [
    it.id,
    `O-${it.number}`,
    it.status,
    it.identity.name,
    `${it.steps.gone} of ${it.steps.total} gone`,
    [it.openItems > 0 ? `${it.openItems} left behind` : "", it.hiredAgain ? "hired again?" : ""]
      .filter(Boolean)
      .join(", "),
  ]);
  if (lines.length > 0) printTable([["ID", "RUN", "STATUS", "WHO", "STEPS", ""], ...lines]);
}

async function clocks(json: boolean): Promise<void> {
  const shape = z.object({ items: z.array(clockReportShape) });
  const { items } = await callServer(shape, { method: "GET", path: "/offboardings/clocks" });
  if (json) return items.forEach(printJson);
  const seconds = (value: number | null) => (value === null ? "-" : `${Math.round(value * 100) / 100} s`);
  const lines = items.map((it) => [
    ...[it.kind, it.clock, seconds(it.targetSeconds), seconds(it.p50Seconds), seconds(it.p95Seconds)],
    `${it.met} of ${it.met + it.missed + it.late}`,
    ...[String(it.late), String(it.within)],
  ]);
  printTable([["KIND", "CLOCK", "TARGET", "P50", "P95", "IN TIME", "LATE", "NOT DUE"], ...lines]);
}

function printRun(run: OffboardingAnswer): void {
  const shut = run.contain.verifiedAt ? `proven shut ${run.contain.verifiedAt}` : "not yet proven shut";
  const how = run.kind === "mover" ? `moved, ${run.reason}` : shut;
  print(`O-${run.number} ${run.identity.name}: ${run.status.replaceAll("_", " ")}, ${how}`);
  print(`  rollcall offboardings O-${run.number}`);
  if (run.waitsFor) print(`  waits for ${waitsWords(run.waitsFor)}`);
  for (const { source, account, since, status, decidedBy, words } of run.rehires) {
    const said = decidedBy === null ? "" : ` (${decidedBy}: ${words})`;
    print(`  hired again? ${source.name} shows ${account} as active again since ${since}: ${status}${said}`);
  }
  printTable(
    run.receipt.map((step, index) => [`  ${index + 1}`, step.status, step.kind, step.name, lineWords(run, step)]),
  );
  const open = run.items.filter(({ status }) => status === "open");
  if (open.length > 0) print("Left behind:");
  printTable(
    open.map((it) => [
      `  ${it.kind.replaceAll("_", " ")}`,
      it.name,
      it.suggestedTo?.name ?? it.suggested ?? "",
      it.evidence,
    ]),
  );
}

function waitsWords({ own, others, moreOthers }: NonNullable<OffboardingAnswer["waitsFor"]>): string {
  const more = moreOthers > 0 ? [`${moreOthers} more`] : [];
  const anybody = others.length > 0 ? [`of security and administrators ${[...others, ...more].join(", ")}`] : [];
  return [own.join(", "), ...anybody].filter(Boolean).join("; ");
}

function lineWords({ kind }: OffboardingAnswer, step: OffboardingAnswer["receipt"][number]): string {
  const said = step.words ? ` (${step.wordsBy}: ${step.words})` : "";
  if (step.keptUntil) return `kept until ${step.keptUntil}${said}`;
  if (kind === "mover" && step.status === "planned") return `ends ${step.notBefore ?? "now"}${said}`;
  return step.lastError?.message ?? step.detail.slice(0, 120);
}

async function cancel(id: string, flags: { reason: string; rehired?: true; json?: true }): Promise<void> {
  const back = await callServer(z.object({ id: z.uuid(), back: z.number() }), {
    method: "POST",
    path: `/offboardings/${await runId(id)}/cancel`,
    body: { reason: flags.reason, why: flags.rehired ? "rehired" : "false_alarm" },
  });
  if (flags.json) return printJson(back);
  print(`Undone: ${back.back} come back. Grants, sessions and tokens stay ended.`);
}

async function release(wanted: string[], flags: { allHeld?: true; reason: string; json?: true }): Promise<void> {
  if (wanted.length > 0 === (flags.allHeld ?? false)) {
    throw new AppError("invalid", "Say which runs go on.", { remedy: "Name them, or give --all-held." });
  }
  const ids = flags.allHeld ? await heldRuns() : await Promise.all(wanted.map(runId));
  let refused = 0;
  for (const id of ids) {
    const path = `/offboardings/${id}/release`;
    const body = { reason: flags.reason };
    // One that cannot go on holds up none of the others.
    await callServer(z.object({ id: z.uuid() }), { method: "POST", path, body }).then(
      (answer) => (flags.json ? printJson(answer) : print(`Goes on: ${id}`)),
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        refused++;
        print(`${id}: ${error.message}${error.remedy ? ` ${error.remedy}` : ""}`);
      },
    );
  }
  if (refused > 0) throw new AppError("conflict", `${refused} of ${ids.length} do not go on`);
}

async function heldRuns(): Promise<string[]> {
  const held: string[] = [];
  const shape = listOf(offboardingShape).extend({ nextCursor: z.uuid().nullable() });
  for (let cursor: string | undefined, more = true; more; ) {
    const query = { open: "true", limit: "500", cursor };
    const page = await callServer(shape, { method: "GET", path: "/offboardings", query });
    held.push(...page.items.filter(({ status }) => status === "paused_by_brake").map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
    more = cursor !== undefined;
  }
  // The oldest first, as they were ordered.
  return held.reverse();
}

async function dismissRehire(id: string, flags: { reason: string; json?: true }): Promise<void> {
  const path = `/offboardings/${await runId(id)}/rehire-dismissal`;
  const body = { reason: flags.reason };
  const answer = await callServer(z.object({ id: z.uuid() }), { method: "POST", path, body });
  if (flags.json) return printJson(answer);
  print("They stay out. The same is not asked again.");
}

async function handOn(id: string, flags: { json?: true }): Promise<void> {
  const shape = z.object({ done: z.number(), refused: z.array(z.object({ name: z.string(), message: z.string() })) });
  const path = `/offboardings/${await runId(id)}/suggestions`;
  const answer = await callServer(shape, { method: "POST", path });
  if (flags.json) return printJson(answer);
  print(`${answer.done} handed on.`);
  for (const { name, message } of answer.refused) print(`  ${name}: ${message}`);
}

/** The id of a run that is named by its number or its id. @throws AppError `not_found` */
export async function runId(wanted: string): Promise<string> {
  const number = /^o-?(\d{1,15})$/i.exec(wanted)?.[1];
  if (number === undefined) return encodeURIComponent(wanted);
  const { items } = await callServer(listOf(offboardingShape), {
    method: "GET",
    path: "/offboardings",
    query: { number },
  });
  if (items[0]) return items[0].id;
  throw new AppError("not_found", `There is no run O-${number} that you may see`, {
    remedy: "Look at: rollcall offboardings",
  });
}
