import type { Command } from "commander";
import { z } from "zod";
import { handedShape, type OffboardingAnswer, offboardingDetailShape } from "@/app/api/v1/shapes/offboardings";
import { AppError } from "@/lib/errors";
import { dispositionWords } from "@/lib/offboarding/labels";
import { type Disposition, dispositionsOf } from "@/lib/offboarding/schema";
import { callServer } from "../call-server";
import { print, printJson, printTable } from "../terminal";
import { endOf } from "./leaving-lines";
import { runId } from "./offboarding";

type Item = OffboardingAnswer["items"][number];
type Flags = { handTo?: string; revoke?: true; cancel?: true; keepUntil?: string; reason: string; json?: true };

/** `rollcall items` and `dispose`: what somebody leaves behind, and what becomes of each */
export function addLeftBehindCommands(program: Command): void {
  program
    .command("items")
    .description("what is left behind by a run, and what became of it; without a run, what was handed to you")
    .argument("[run]", "O-12 or its id")
    .option("--open", "only what nobody has decided on")
    .action(items);
  program
    .command("dispose")
    .description("say what becomes of things that are left behind")
    .argument("<run>", "O-12 or its id")
    .argument("<items...>", "their numbers, as rollcall items O-12 shows them, or their ids")
    .option("--hand-to <person>", "it is theirs from now on: e-mail address or id")
    .option("--revoke", "of a machine: retire it too; of a token: revoke it")
    .option("--cancel", "of a request or delegation: end it; of a caller: let it break")
    .option("--keep-until <day>", "it stays until the end of that day, as 2026-12-31; at most a year; needs --reason")
    .option("--reason <text>", "why", "")
    .action(dispose);
}

async function items(run: string | undefined, flags: { open?: true; json?: true }): Promise<void> {
  if (run === undefined) return handed(flags.json ?? false);
  const all = await itemsOf(run);
  const shown = all.map((item, index) => ({ item, index })).filter(({ item }) => !flags.open || item.status === "open");
  if (flags.json) return shown.forEach(({ item }) => void printJson(item));
  printTable(
    shown.map(({ item, index }) => [
      ...[`  ${index + 1}`, item.status, item.kind.replaceAll("_", " "), item.name, becomes(item)],
      `may: ${dispositionsOf[item.kind].join(", ").replaceAll("_", " ")}`,
    ]),
  );
}

function becomes({ kind, disposition, to, keepUntil, decidedBy, suggested, suggestedTo, status }: Item): string {
  if (disposition !== null && decidedBy !== null) {
    const where = to ? ` to ${to.name}` : keepUntil ? ` until ${keepUntil.slice(0, 10)}` : "";
    return `${dispositionWords(kind, disposition).toLowerCase()}${where}, by ${decidedBy}`;
  }
  if (status === "settled") return "no longer so";
  return suggestedTo ? `suggested: ${suggestedTo.name}` : `suggested: ${suggested ?? "nothing"}`;
}

async function handed(json: boolean): Promise<void> {
  const shape = z.object({ items: z.array(handedShape) });
  const answer = await callServer(shape, { method: "GET", path: "/offboarding-items/handed-to-me" });
  if (json) return answer.items.forEach(printJson);
  printTable(
    answer.items.map((it) => [
      it.kind.replaceAll("_", " "),
      it.name,
      `was ${it.from}'s, handed by ${it.handedBy}`,
      it.handedAt,
    ]),
  );
}

async function dispose(run: string, wanted: string[], flags: Flags): Promise<void> {
  const { disposition, to, until } = outcomeOf(flags);
  const all = await itemsOf(run);
  const chosen = wanted.map((word) => itemOf(all, word));
  for (const { id, name, kind } of chosen) {
    const answer = await callServer(z.object({ id: z.uuid() }), {
      method: "POST",
      path: `/offboarding-items/${id}/disposition`,
      body: { disposition, to, until, reason: flags.reason },
    });
    if (flags.json) printJson(answer);
    else print(`${dispositionWords(kind, disposition)}${to ? ` to ${to}` : ""}: ${name}`);
  }
}

function outcomeOf({ handTo, revoke, cancel, keepUntil }: Flags): {
  disposition: Disposition;
  to: string | null;
  until: string | null;
} {
  const given: { disposition: Disposition; to: string | null; until: string | null }[] = [];
  if (handTo !== undefined) given.push({ disposition: "hand_over", to: handTo, until: null });
  if (revoke) given.push({ disposition: "revoke", to: null, until: null });
  if (cancel) given.push({ disposition: "cancel", to: null, until: null });
  if (keepUntil !== undefined) given.push({ disposition: "keep", to: null, until: endOf(keepUntil) });
  const [one] = given;
  if (one && given.length === 1) return one;
  throw new AppError("invalid", "Say one thing that becomes of it.", {
    remedy: "Give one of --hand-to, --revoke, --cancel and --keep-until.",
  });
}

async function itemsOf(run: string): Promise<Item[]> {
  const path = `/offboardings/${await runId(run)}`;
  return (await callServer(offboardingDetailShape, { method: "GET", path })).items;
}

function itemOf(all: readonly Item[], wanted: string): Item {
  const item = /^\d{1,6}$/.test(wanted) ? all[Number(wanted) - 1] : all.find(({ id }) => id === wanted);
  if (item) return item;
  throw new AppError("not_found", `Nothing left behind has the number ${wanted}.`, {
    remedy: all.length === 0 ? "Nothing is left behind." : `Give one of 1 to ${all.length}.`,
  });
}
