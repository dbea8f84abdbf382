import { plus } from "../../time";
import { type Message, say } from "../message";
import { oneLine } from "../plain-text";
import type { OpensFacts, RequestFacts, WhatFacts } from "./facts";
import { durationWords, known, listWords, timeWords } from "./words";

/** To whoever can decide: what is asked, what it opens, for how long, and until when an answer is due. */
export function requestWaiting(request: RequestFacts, step: { dueAt: Date | null }): Message {
  return {
    event: "request.waiting",
    subject: request.longerThan
      ? say`${request.subject} asks for more time: ${whatWords(request.what)}`
      : say`${request.subject} asks for ${whatWords(request.what)}`,
    lead: [
      request.requestedBy === request.subject
        ? say`${request.subject} asks for ${thingOf(request)} and you can decide on it.`
        : say`${request.requestedBy} asks for ${thingOf(request)} for ${request.subject} and you can decide on it.`,
      ...(request.conflicts.length > 0
        ? [say`It would break a separation of duties: ${listWords(request.conflicts, 3)}.`]
        : []),
    ],
    facts: [...requestFacts(request), ...known([["Decide by", step.dueAt ? timeWords(step.dueAt) : null]])],
    action: { label: "Look at the request", path: request.path },
    note: say`The page shows who else has this access and how it is used.`,
    tone: request.conflicts.length > 0 ? "warning" : "plain",
    thread: `request-${request.id}`,
    data: { ...requestData(request), dueAt: step.dueAt?.toISOString() ?? null },
  };
}

export type DecisionFacts = {
  outcome: "approved" | "denied" | "asked_back";
  by: string;
  comment: string | null;
  /** Where the approver shortened it. */
  durationMs: number;
};

const outcomes = { approved: "approved", denied: "denied", asked_back: "sent back with a question" } as const;

/** To whoever asked: the answer, by whom, and what comes next. */
export function requestDecided(request: RequestFacts, decision: DecisionFacts): Message {
  const shortened = decision.outcome === "approved" && decision.durationMs < request.durationMs;
  const next = {
    approved: say`It is being set up now; you get a message when it is ready.`,
    denied: say`Nothing was given. You may ask again with another reason, or for less.`,
    asked_back: say`Answer on the page of the request; it waits until you do.`,
  } as const;
  return {
    event: "request.decided",
    subject: [`Your request was ${outcomes[decision.outcome]}: `, { value: whatWords(request.what) }],
    lead: [
      [
        { value: decision.by },
        ` has ${decision.outcome === "asked_back" ? "a question on" : outcomes[decision.outcome]} the request.`,
      ],
      next[decision.outcome],
    ],
    facts: known([
      ["Access", whatWords(request.what)],
      ["For", request.subject],
      ["How long", decision.outcome === "approved" ? durationWords(decision.durationMs) : null],
      ["Asked for", shortened ? durationWords(request.durationMs) : null],
      ["Answer", decision.comment],
    ]),
    action: { label: "Open the request", path: request.path },
    tone: decision.outcome === "approved" ? "good" : "plain",
    thread: `request-${request.id}`,
    data: { ...requestData(request), outcome: decision.outcome, decidedBy: decision.by, comment: decision.comment },
  };
}

/** To whoever is asked next, because those before them did not answer in time. */
export function requestEscalated(
  request: RequestFacts,
  step: { from: string; lateMs: number; dueAt: Date | null },
): Message {
  return {
    event: "request.escalated",
    subject: say`Nobody has answered ${request.subject}, and it is now with you`,
    lead: [
      say`The request has waited ${durationWords(step.lateMs)} longer than it may for ${step.from}. You can decide on it now.`,
    ],
    facts: [...requestFacts(request), ...known([["Decide by", step.dueAt ? timeWords(step.dueAt) : null]])],
    action: { label: "Look at the request", path: request.path },
    tone: "warning",
    thread: `request-${request.id}`,
    data: { ...requestData(request), escalatedFrom: step.from, dueAt: step.dueAt?.toISOString() ?? null },
  };
}

/** To a deputy: whose decisions are theirs, and from when until when. */
export function decisionsDelegated(delegation: {
  id: string;
  from: string;
  startsAt: Date;
  endsAt: Date;
  waiting: number;
  path: string;
}): Message {
  const { from, startsAt, endsAt, waiting } = delegation;
  return {
    event: "request.delegated",
    subject: say`You decide for ${from} until ${timeWords(endsAt)}`,
    lead: [
      say`${from} has named you as deputy. Requests that ask ${from} for a decision come to you too.`,
      waiting === 0 ? say`None waits at the moment.` : say`${waiting} wait at the moment.`,
    ],
    facts: known([
      ["From", timeWords(startsAt)],
      ["Until", timeWords(endsAt)],
    ]),
    action: { label: "See what waits", path: delegation.path },
    note: say`You cannot decide on what you asked for yourself, also not as a deputy.`,
    tone: "plain",
    thread: `delegation-${delegation.id}`,
    data: { delegationId: delegation.id, from, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() },
  };
}

/** What is asked for in a few words: the first, and how many more. */
export function whatWords(what: readonly WhatFacts[]): string {
  const [first] = what;
  if (!first) return "access";
  const more = what.length > 1 ? ` and ${what.length - 1} more` : "";
  return `${first.entitlement} in ${first.system}${more}`;
}

const thingOf = ({ longerThan }: RequestFacts) => (longerThan ? "more time on access" : "access");

function lengthRows({ durationMs, longerThan }: RequestFacts): [string, string][] {
  if (!longerThan) return [["How long", durationWords(durationMs)]];
  return [
    ["How long", `${durationWords(durationMs)} more`],
    ["Ends now", timeWords(longerThan)],
    ["Would end", timeWords(plus(longerThan, durationMs))],
  ];
}

function opensRows(opens: OpensFacts | null): [string, string | null][] {
  if (!opens) return [];
  const { count, capped, first, held } = opens;
  if (count === 0) return [["Opens", "nothing that is not reached already, as far as the inventory knows"]];
  // Each is cut by itself, so that how many more there are is said whatever their names.
  const named = first.slice(0, 5).map((line) => oneLine(line, 90));
  const more = count - named.length;
  const words = more > 0 ? [...named, `and ${capped ? "at least " : ""}${more.toLocaleString("en")} more`] : named;
  const share = held && (held.count >= count ? "all of it" : `${held.count.toLocaleString("en")} of these`);
  return [
    ["Opens", words.join(", ")],
    ["Held already", held && `${share}, but only until ${timeWords(held.until)}`],
  ];
}

function requestFacts(request: RequestFacts) {
  const environments = [...new Set(request.what.map(({ environment }) => environment))];
  return known([
    ["Access", listWords(request.what.map(({ entitlement, system }) => `${entitlement} in ${system}`))],
    ["Environment", environments.join(", ")],
    ...opensRows(request.opens),
    ...lengthRows(request),
    ["Begins", request.startsAt ? timeWords(request.startsAt) : null],
    ["Why", request.reason],
    ["Ticket", request.ticket],
  ]);
}

function requestData(request: RequestFacts) {
  const { id, subject, requestedBy, what, reason, ticket, durationMs, longerThan, opens, conflicts } = request;
  return {
    requestId: id,
    subject: cut(subject),
    requestedBy: cut(requestedBy),
    what: what.map(({ entitlement, system, environment }) => ({
      entitlement: cut(entitlement),
      system: cut(system),
      environment: cut(environment),
    })),
    reason: cut(reason, 4_000),
    ticket: ticket === null ? null : cut(ticket, 200),
    durationSeconds: durationMs / 1_000,
    longerThan: longerThan?.toISOString() ?? null,
    opens: opens && { ...opens, first: opens.first.map((line) => cut(line)) },
    conflicts: conflicts.slice(0, 20).map((name) => cut(name)),
  };
}

const cut = (text: string, longest = 500) => text.slice(0, longest).toWellFormed();
