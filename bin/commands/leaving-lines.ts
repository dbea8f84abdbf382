import type { Command } from "commander";
import { z } from "zod";
import { type OffboardingAnswer, offboardingDetailShape } from "@/app/api/v1/shapes/offboardings";
import { AppError } from "@/lib/errors";
import { receiptShape } from "@/lib/offboarding/receipt-schema";
import { receiptCsv, receiptFormatOf, receiptJson } from "@/lib/offboarding/receipt-text";
import { callServer } from "../call-server";
import { print, printJson } from "../terminal";
import { runId } from "./offboarding";

type Flags = { reason?: string; until?: string; json?: true };
type Decision = "keep" | "end" | "retry" | "by_hand";

/** `rollcall receipt`; and `keep`, `end`, `try-again` and `done-by-hand`: what becomes of lines of a run's receipt */
export function addLineCommands(program: Command): void {
  program
    .command("receipt")
    .description("the receipt of a run as a file: JSON that verify.mjs checks alone, or CSV")
    .argument("<run>", "O-12 or its id")
    .option("--format <format>", "json or csv", "json")
    .action(receipt);
  const about = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument("<run>", "O-12 or its id")
      .argument("<lines...>", "numbers of lines, as rollcall offboardings O-12 shows them, or their ids");
  about("keep", "keep for a time what a move would end, or what cannot be taken")
    .requiredOption("--until <day>", "as 2026-12-31, to the end of that day in UTC; at most a year")
    .requiredOption("--reason <text>", "why it stays")
    .action(decider("keep"));
  about("end", "end now what a move would end at its time").option("--reason <text>", "why", "").action(decider("end"));
  about("try-again", "try again now what failed or came back").action(decider("retry"));
  about("done-by-hand", "say that what Rollcall cannot do was done")
    .requiredOption("--reason <text>", "what was done, and where it can be seen")
    .action(decider("by_hand"));
}

async function receipt(run: string, flags: { format: string }): Promise<void> {
  const format = receiptFormatOf(flags.format);
  const path = `/offboardings/${await runId(run)}/receipt`;
  const taken = await callServer(receiptShape, { method: "GET", path });
  process.stdout.write(format === "csv" ? receiptCsv(taken) : receiptJson(taken));
}

const said = { keep: "Kept", end: "Ends now", retry: "Tried again", by_hand: "Done by hand" } as const;

function decider(decision: Decision) {
  return async (run: string, wanted: string[], flags: Flags): Promise<void> => {
    const until = flags.until === undefined ? null : endOf(flags.until);
    const path = `/offboardings/${await runId(run)}`;
    const { receipt } = await callServer(offboardingDetailShape, { method: "GET", path });
    const lines = wanted.map((line) => lineOf(receipt, line));
    for (const { id, name } of lines) {
      const answer = await callServer(z.object({ id: z.uuid() }), {
        method: "POST",
        path: `/offboarding-steps/${id}/decision`,
        body: { decision, reason: flags.reason ?? "", until },
      });
      if (flags.json) printJson(answer);
      else print(`${said[decision]}${until === null ? "" : ` until ${until.slice(0, 10)}`}: ${name}`);
    }
  };
}

type Line = OffboardingAnswer["receipt"][number];

function lineOf(receipt: readonly Line[], wanted: string): Line {
  const line = /^\d{1,6}$/.test(wanted) ? receipt[Number(wanted) - 1] : receipt.find(({ id }) => id === wanted);
  if (line) return line;
  throw new AppError("not_found", `The receipt has no line ${wanted}`, {
    remedy: `It has the lines 1 to ${receipt.length}. Look at: rollcall offboardings`,
  });
}

/** The end of a day that somebody wrote, in UTC. @throws AppError `invalid` */
export function endOf(day: string): string {
  const parsed = z.iso.date().safeParse(day);
  if (parsed.success) return `${parsed.data}T23:59:59Z`;
  throw new AppError("invalid", `${day} is no day`, { remedy: "Write it as 2026-12-31." });
}
