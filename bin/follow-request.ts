import { setTimeout as wait } from "node:timers/promises";
import { credentialShape, type GrantAnswer } from "@/app/api/v1/shapes/grants";
import { type RequestAnswer, requestDetailShape } from "@/app/api/v1/shapes/requests";
import { callServer, pageAddress } from "./call-server";
import { print, printJson, printTable, showProgress, tell } from "./terminal";

const lookEveryMs = 1_000;
const over: readonly RequestAnswer["status"][] = ["fulfilled", "denied", "cancelled", "expired", "withdrawn", "failed"];

/** Shows how far a request has come until it is over. Whoever stops waiting changes nothing of it. */
export async function followRequest(request: RequestAnswer): Promise<RequestAnswer> {
  let told = request.notes.length;
  for (
    let now = request;
    ;
    now = await callServer(requestDetailShape, { method: "GET", path: `/requests/${now.id}` })
  ) {
    const done = over.includes(now.status);
    showProgress(done ? null : `${nameOf(now)}: ${progressWords(now)}`);
    for (const { by, text } of now.notes.slice(told)) tell(`${by}: ${text}`);
    told = Math.max(told, now.notes.length);
    if (done) return now;
    await wait(lookEveryMs);
  }
}

function nameOf({ number }: Pick<RequestAnswer, "number">): string {
  return `R-${number}`;
}

/** In one line where a request is, and for whom it waits. */
export function progressWords(request: RequestAnswer): string {
  const { status, waitsFor, waitsForCount, awaitsAnswer, grants, startsAt, because } = request;
  if (status === "pending") {
    const more = waitsForCount > waitsFor.length ? ` and ${waitsForCount - waitsFor.length} more` : "";
    return `pending, waits for ${waitsFor.join(", ") || "nobody"}${more}${awaitsAnswer ? ", who asked back" : ""}`;
  }
  if (status !== "approved") return because ? `${status}: ${because}` : status;
  const stuck = grants.find((grant) => grant.lastError !== null)?.lastError;
  if (stuck) return `approved, tried again: ${stuck.message}`;
  const waiting = grants.find((grant) => grant.confirmBy !== null);
  if (waiting) return `approved, begins when you confirm it with a passkey: ${pageAddress(`/grants/${waiting.id}`)}`;
  const isLater = startsAt !== null && grants.some((grant) => grant.status === "scheduled");
  return isLater ? `approved, begins at ${startsAt}` : "approved, is being given";
}

/** Prints where a request is, and what it gave. @returns whether it can still come to something, or did. */
export function printRequest(request: RequestAnswer, asJson: boolean): boolean {
  const lost = over.includes(request.status) && request.status !== "fulfilled";
  if (asJson) printJson(request);
  else {
    print(`${nameOf(request)} ${progressWords(request)}`);
    for (const grant of request.grants) print(`  ${grantWords(grant)}`);
  }
  return !lost;
}

/** A grant in one line. */
export function grantWords(
  grant: Pick<GrantAnswer, "permission" | "resource" | "connection" | "status" | "endsAt" | "id">,
): string {
  const { permission, resource, connection, status, endsAt, id } = grant;
  return `${permission} on ${resource.name} in ${connection.name}: ${status}${endsAt ? ` until ${endsAt}` : ""} (${id})`;
}

/** Hands out the credentials that a fulfilled request gave: to standard output, this once. */
export async function printCredentials(request: RequestAnswer, asJson: boolean): Promise<void> {
  for (const { id } of request.grants.filter((grant) => grant.status === "active" && grant.give === "credential")) {
    const made = await callServer(credentialShape, { method: "POST", path: `/grants/${id}/credential` });
    if (asJson) {
      printJson({ grantId: id, ...made });
      continue;
    }
    printTable([...Object.entries(made.facts), ["secret", made.secret], ["until", made.endsAt]]);
    if (made.command) print(made.command);
    tell("The secret is shown this once and kept nowhere. Asking again makes another, which ends this one.");
  }
}
