import type { z } from "zod";
import type { previewShape } from "@/app/api/v1/shapes/asking";
import type { approvalFactsShape, itemHoldersShape, opensShape } from "@/app/api/v1/shapes/deciding";
import type { RequestAnswer } from "@/app/api/v1/shapes/requests";
import { durationWords } from "@/lib/grants/labels";
import type { LastUse } from "@/lib/inventory/schema";
import { durationOf } from "@/lib/policies/schema";
import { printRequest } from "./follow-request";
import { print } from "./terminal";

type Preview = z.output<typeof previewShape>;
type Opens = z.output<typeof opensShape>;

/** Prints what would become of a request: allowed or not, by which policies, who decides, what is held, what is smaller. */
export function printPreview(preview: Preview): void {
  print(headline(preview));
  for (const { message, remedy } of preview.obstacles) print(`  ${message} ${remedy}`);
  for (const item of preview.items) printItem(item);
  for (const step of preview.steps) print(`  ${stepWords(step)}`);
  const { maxSeconds, typicalSeconds, policies, policyVersion } = preview;
  if (typicalSeconds) print(`  usually decided within ${durationWords(typicalSeconds.median)}`);
  if (maxSeconds !== null) print(`  at most ${durationWords(maxSeconds)} (${durationOf(maxSeconds)})`);
  for (const ticket of preview.tickets) print(`  asks for a ticket like ${ticket}`);
  if (preview.needsPasskey) print("  whoever approves confirms with a passkey");
  if (preview.needsPasskeyToBegin) print("  begins when its subject confirms that with a passkey");
  for (const { id, because } of policies)
    print(`  by the policy ${id}, version ${policyVersion}: ${because ?? "not said"}`);
}

function headline({ allowed, steps }: Preview): string {
  if (!allowed) return "This cannot be asked for like that:";
  return steps.length === 0 ? "This would be given at once:" : "This can be asked for:";
}

function printItem(item: Preview["items"][number]): void {
  const account = item.account === null ? "" : `, account ${item.account}`;
  print(`  ${item.permission} on ${item.resource} in ${item.connection} (${item.environment}${account})`);
  if (item.alreadyHeld) print("    held already, without an end: asking gives nothing");
  if (item.conflicts.length > 0) print(`    would break a separation of duties: ${item.conflicts.join(", ")}`);
  print(`    ${opensWords(item.opens)}`);
  for (const it of item.smaller)
    print(`    smaller, and may do: ${it.permission} on ${it.resource} (opens ${it.opens})`);
  if (item.byHand) print("    given by hand: a person does it, with evidence");
}

function stepWords({ name, needed, people, peopleCount }: Preview["steps"][number]): string {
  const named = people.map((it) => `${it.name} (${it.because})`).join(", ");
  const more = peopleCount > people.length ? ` or ${peopleCount - people.length} more` : "";
  return `${needed === 1 ? "one" : needed} of ${named || "nobody"}${more} decides the step ${name}`;
}

type Seen = { facts: z.output<typeof approvalFactsShape>; holders: z.output<typeof itemHoldersShape>[] };

/** Prints what whoever decides should know; each thing with its number, by which it may be left out. */
export function printFacts({ facts, holders }: Seen, numberOf: (itemId: string) => number): void {
  for (const item of facts.items) {
    print(`${numberOf(item.id)}  ${item.permission} on ${item.resource} in ${item.connection} (${item.environment})`);
    print(`  ${opensWords(item.opens)}`);
    print(`  ${item.others.holding} others have it, ${item.others.using} of them used it in ninety days`);
    const named = holders.find(({ itemId }) => itemId === item.id);
    for (const { name, lastUse } of named?.people ?? []) print(`    ${name}, ${lastUseWords(lastUse)}`);
    if (named && named.hidden > 0) print(`    ${named.hidden} more, hidden by your role`);
    if (item.outlives) print(`  ${item.outlives}`);
  }
  print(
    `For ${durationWords(facts.durationSeconds)}, because: ${facts.reason}${facts.ticket ? ` (${facts.ticket})` : ""}`,
  );
}

function opensWords({ count, capped, forATime, heldUntil }: Opens): string {
  if (count === 0) return "opens nothing that is not reached already";
  const held = heldUntil === null ? "" : `, ${forATime} of them held already but only until ${heldUntil}`;
  return `opens ${capped ? "more than " : ""}${count} that are not reached yet${held}`;
}

function lastUseWords({ state, at, since, because }: LastUse): string {
  if (state === "used") return `used ${at?.slice(0, 10) ?? ""}`;
  return state === "not_used" ? `not used since ${since?.slice(0, 10) ?? "it was first seen"}` : `unknown, ${because}`;
}

/** Prints one request: where it is, what it asks for, how it was decided, what was said, what is owed. */
export function printRequestDetail(request: RequestAnswer): void {
  printRequest(request, false);
  print(`  for ${request.subject.name}, ${request.duration}: ${request.reason}`);
  for (const [at, it] of request.items.entries()) {
    const left = it.droppedBy === null ? "" : `, left out by ${it.droppedBy}`;
    print(`  ${at + 1}  ${it.permission} on ${it.resource.name} in ${it.connection.name}${left}`);
  }
  for (const step of request.steps) {
    print(`  ${step.status}: ${step.needed} of ${step.who}${step.dueAt ? `, until ${step.dueAt}` : ""}`);
    for (const it of step.decisions) print(`    ${decisionWords(it)}`);
  }
  for (const { at, by, text } of request.notes) print(`  ${at}  ${by}: ${text}`);
  const { review } = request;
  if (review) {
    const owed = `owed by ${review.dueAt}, ${review.opinions.length} of ${review.needed} given`;
    print(`  review: ${review.outcome ?? owed}`);
    for (const it of review.opinions) print(`    ${it.by}: ${it.opinion}, ${it.comment}`);
  }
}

function decisionWords(it: RequestAnswer["steps"][number]["decisions"][number]): string {
  const behalf = it.onBehalfOf === null ? "" : ` for ${it.onBehalfOf}`;
  const less = [it.duration && `for ${it.duration}`, it.dropped > 0 && `${it.dropped} left out`, it.comment];
  return [`${it.at}  ${it.by}${behalf}: ${it.decision}`, ...less.filter(Boolean)].join(", ");
}
