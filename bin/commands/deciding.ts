import { type Command, Option } from "commander";
import { z } from "zod";
import {
  approvalFactsShape,
  breakGlassReviewShape,
  delegationShape,
  itemHoldersShape,
} from "@/app/api/v1/shapes/deciding";
import { type RequestAnswer, requestDetailShape } from "@/app/api/v1/shapes/requests";
import { AppError } from "@/lib/errors";
import { callServer, listOf } from "../call-server";
import { printRequest } from "../follow-request";
import { printFacts } from "../request-lines";
import { confirm, print, printJson, printTable } from "../terminal";
import { requestId, requestNumber } from "./request-id";

type DecideFlags = { comment?: string; duration?: string; without?: string[]; yes?: true; json?: true };
type DelegateFlags = { from?: string; until: string; reason: string; for?: string; json?: true };
type Json = { json?: true };

/** `rollcall approve`, `deny` and `ask-back`; `delegate` and its end; `reviews` and `review` of a break-glass */
export function addDecidingCommands(program: Command): void {
  const decision = (name: string, about: string) =>
    program.command(name).description(about).argument("<request>", "R-12 or its id");
  decision("approve", "approve a request: as asked, for a shorter time, or without some of it")
    .option("--comment <text>", "what whoever asked is told")
    .option("--duration <duration>", "for a shorter time than was asked for, as PT1H")
    .option("--without <numbers...>", "leave these out, by their numbers in: rollcall requests R-12")
    .option("--yes", "do not ask back on a terminal")
    .action((wanted: string, flags: DecideFlags) => decide("approve", wanted, flags));
  decision("deny", "deny a request")
    .option("--comment <text>", "what whoever asked is told")
    .option("--yes", "do not ask back on a terminal")
    .action((wanted: string, flags: DecideFlags) => decide("deny", wanted, flags));
  decision("ask-back", "ask whoever made a request to say more; it waits for you still")
    .requiredOption("--comment <text>", "the question")
    .action((wanted: string, flags: DecideFlags) => decide("ask", wanted, { ...flags, yes: true }));
  program
    .command("delegate")
    .description("have somebody stand in for one's decisions between two dates")
    .argument("<whom>", "their e-mail address or id")
    .requiredOption("--until <time>", "a day, that day included, in UTC; or an RFC 3339 time")
    .option("--from <time>", "the same; at once without")
    .option("--reason <text>", "why", "")
    .option("--for <id>", "an administrator: for whom, by id; oneself without")
    .action(delegate);
  program.command("delegations").description("who stands in for whom, of oneself").action(delegations);
  program
    .command("end-delegation")
    .description("end a stand-in early")
    .argument("<id>", "as rollcall delegations shows it")
    .action(endDelegation);
  program
    .command("reviews")
    .description("break-glasses that wait for one's judgement, most urgent first")
    .action(reviews);
  program
    .command("review")
    .description("judge a break-glass")
    .argument("<request>", "R-12 or its id")
    .addOption(
      new Option("--opinion <opinion>", "what it was").choices(["justified", "not-justified"]).makeOptionMandatory(),
    )
    .requiredOption("--comment <text>", "what you looked at")
    .action(review);
}

async function decide(decision: "approve" | "deny" | "ask", wanted: string, flags: DecideFlags): Promise<void> {
  const id = await requestId(wanted);
  const { seen, drop } = await look(id, flags.without ?? []);
  if (!flags.yes && !(await confirm(`${decision === "approve" ? "Approve" : "Deny"} this?`)))
    throw new AppError("conflict", "Nothing was decided");
  const decided = await callServer(requestDetailShape, {
    method: "POST",
    path: `/requests/${id}/decisions`,
    body: {
      decision,
      seen,
      ...(flags.comment ? { comment: flags.comment } : {}),
      ...(flags.duration ? { duration: flags.duration } : {}),
      ...(drop.length > 0 ? { drop } : {}),
    },
  });
  printRequest(decided, flags.json ?? false);
}

const seenShape = z.object({ facts: approvalFactsShape, holders: z.array(itemHoldersShape), seen: z.string() });

// What is shown is what is decided: the server refuses when it has changed meanwhile.
async function look(id: string, without: readonly string[]): Promise<{ seen: string; drop: string[] }> {
  const { items } = await callServer(requestDetailShape, { method: "GET", path: `/requests/${id}` });
  const drop = without.map((word) => itemNumbered(items, word));
  const found = await callServer(seenShape, { method: "GET", path: `/requests/${id}/facts` });
  if (process.stderr.isTTY) printFacts(found, (itemId) => items.findIndex((it) => it.id === itemId) + 1);
  return { seen: found.seen, drop };
}

function itemNumbered(items: RequestAnswer["items"], word: string): string {
  const item = /^\d{1,3}$/.test(word) ? items[Number(word) - 1] : items.find(({ id }) => id === word);
  if (item) return item.id;
  throw new AppError("invalid", `The request has no ${word} among the ${items.length} that it asks for`, {
    field: "without",
    remedy: "Look at their numbers with: rollcall requests R-12",
  });
}

async function delegate(to: string, { from, until, reason, for: whom, json }: DelegateFlags): Promise<void> {
  const endsAt = timeOf(until, "until", "T23:59:59Z");
  const body = {
    ...{ to, endsAt, reason },
    ...(from === undefined ? {} : { startsAt: timeOf(from, "from", "T00:00:00Z") }),
    ...(whom === undefined ? {} : { from: whom }),
  };
  const made = await callServer(z.object({ id: z.uuid() }), { method: "POST", path: "/delegations", body });
  if (json) printJson(made);
  else print(`${to} stands in until ${endsAt} (${made.id})`);
}

function timeOf(text: string, field: string, ofDay: string): string {
  const time = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}${ofDay}` : text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new AppError("invalid", `${text} is no day and no time`, {
    field,
    remedy: "Write it as 2026-12-31 or 2026-12-31T17:00:00Z.",
  });
}

async function delegations({ json }: Json): Promise<void> {
  const { items } = await callServer(listOf(delegationShape), { method: "GET", path: "/delegations" });
  if (json) return items.forEach(printJson);
  const lines = items.map((it) => [it.id, `${it.to} for ${it.from}`, it.startsAt, it.endsAt]);
  if (lines.length > 0) printTable([["ID", "WHO", "FROM", "UNTIL"], ...lines]);
}

async function endDelegation(id: string, { json }: Json): Promise<void> {
  const path = `/delegations/${encodeURIComponent(id)}/end`;
  const ended = await callServer(z.object({ id: z.uuid() }), { method: "POST", path });
  if (json) printJson(ended);
  else print("Ended.");
}

const listReviews = () => callServer(listOf(breakGlassReviewShape), { method: "GET", path: "/break-glass-reviews" });

async function reviews({ json }: Json): Promise<void> {
  const { items } = await listReviews();
  if (json) return items.forEach(printJson);
  const lines = items.map((it) => [
    `R-${it.number}`,
    it.subject.name,
    it.dueAt,
    `${it.given} of ${it.needed}`,
    `${it.items.join("; ")}: ${it.reason}`,
  ]);
  if (lines.length > 0) printTable([["REQUEST", "BROKEN BY", "DUE", "OPINIONS", "WHAT"], ...lines]);
}

type ReviewFlags = { opinion: string; comment: string; json?: true };

async function review(wanted: string, { opinion, comment, json }: ReviewFlags): Promise<void> {
  const { items } = await listReviews();
  const found = items.find((it) => [it.id, it.requestId].includes(wanted) || it.number === requestNumber(wanted));
  if (!found)
    throw new AppError("not_found", `No break-glass ${wanted} waits for your judgement`, {
      remedy: "Look at: rollcall reviews",
    });
  const given = await callServer(z.object({ id: z.uuid(), closed: z.boolean() }), {
    method: "POST",
    path: `/break-glass-reviews/${found.id}/opinions`,
    body: { opinion: opinion.replace("-", "_"), comment },
  });
  if (json) return printJson(given);
  print(given.closed ? "The review is closed." : "It waits for somebody else's opinion too.");
}
