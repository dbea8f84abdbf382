import { plus } from "../../time";
import { type Message, type Sentence, say } from "../message";
import { oneLine } from "../plain-text";
import type { OpensFacts, RequestFacts, WhatFacts } from "./facts";
import { durationWords, known, listWords, timeWords } from "./words";

/** To whoever can decide: what is asked, what it opens, for how long, and until when an answer is due. */
export function requestWaiting(request: RequestFacts, step: { dueAt: Date | null; answer?: string | null }): Message {
  return {
    event: "request.waiting",
    subject: request.longerThan
      ? say`${request.subject} asks for more time: ${whatWords(request.what)}`
      : say`${request.subject} asks for ${whatWords(request.what)}`,
    lead: [
      request.requestedBy === request.subject
        ? say`${request.subject} asks for ${thingOf(request)} and you can decide on it.`
        : say`${request.requestedBy} asks for ${thingOf(request)} for ${request.subject} and you can decide on it.`,
      ...(step.answer ? [say`Your question was answered: ${step.answer}`] : []),
      ...conflictLead(request),
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
  outcome: keyof typeof outcomes;
  /** Who said so; null where nobody had to, or nobody did. */
  by: string | null;
  comment: string | null;
  /** What was asked for, where the approver shortened it. */
  askedMs: number;
  /** What the approver left out. */
  leftOut: readonly WhatFacts[];
};

const outcomes = {
  approved: "approved",
  denied: "denied",
  asked_back: "sent back with a question",
  expired: "not answered in time",
  withdrawn: "withdrawn",
  failed: "approved, and could not be carried out",
} as const;

/** To whoever asked: the answer, by whom, and what comes next; or that there is none, and why. */
export function requestDecided(request: RequestFacts, decision: DecisionFacts): Message {
  const { outcome, by, comment, askedMs, leftOut } = decision;
  const isGiven = outcome === "approved" || outcome === "failed";
  return {
    event: "request.decided",
    subject: [`Your request was ${outcomes[outcome]}: `, { value: whatWords(request.what) }],
    lead: [
      ...(by === null
        ? []
        : [[{ value: by }, ` has ${outcome === "asked_back" ? "a question on" : outcomes[outcome]} the request.`]]),
      nextWords(request, outcome),
    ],
    facts: known([
      ["Access", whatWords(request.what)],
      ["For", request.subject],
      [
        request.longerThan ? "How much longer" : "How long",
        isGiven || outcome === "expired" ? durationWords(request.durationMs) : null,
      ],
      ["Asked for", isGiven && request.durationMs < askedMs ? durationWords(askedMs) : null],
      ["Left out", listWords(leftOut.map(({ entitlement, system }) => `${entitlement} in ${system}`))],
      [outcome === "asked_back" ? "Question" : by === null ? "Because" : "Answer", comment],
    ]),
    action: { label: "Open the request", path: request.path },
    tone: outcome === "approved" ? "good" : outcome === "failed" ? "warning" : "plain",
    thread: `request-${request.id}`,
    data: {
      ...requestData(request),
      outcome,
      decidedBy: by === null ? null : cut(by),
      comment: comment === null ? null : cut(comment, 4_000),
    },
  };
}

function nextWords({ longerThan }: RequestFacts, outcome: DecisionFacts["outcome"]): Sentence {
  const asBefore = longerThan ? say`The access ends as before, ${timeWords(longerThan)}.` : null;
  return {
    approved: longerThan
      ? say`The access lasts until ${timeWords(longerThan)} now; nothing was taken in between.`
      : say`It is being set up now; you get a message when it is ready.`,
    denied: asBefore ?? say`Nothing was given. You may ask again with another reason, or for less.`,
    asked_back: say`Answer on the page of the request; it waits until you do.`,
    expired: asBefore ?? say`Nobody answered while they could, and nothing was given. Ask again if you still need it.`,
    withdrawn: asBefore ?? say`It was closed, and nothing was given.`,
    failed: say`The approvals stand. Once somebody has mended what stood in the way, it is tried again without them.`,
  }[outcome];
}

/** To whoever is asked besides, because those before them did not answer in time. */
export function requestEscalated(request: RequestFacts, step: { from: string; dueAt: Date | null }): Message {
  return {
    event: "request.escalated",
    subject: say`Nobody has answered ${request.subject}, and it is now with you`,
    lead: [
      say`${request.subject} asks for ${thingOf(request)}. ${step.from} did not answer in time, and you can decide on it now.`,
      ...conflictLead(request),
    ],
    facts: [...requestFacts(request), ...known([["Decide by", step.dueAt ? timeWords(step.dueAt) : null]])],
    action: { label: "Look at the request", path: request.path },
    tone: "warning",
    thread: `request-${request.id}`,
    data: { ...requestData(request), escalatedFrom: cut(step.from), dueAt: step.dueAt?.toISOString() ?? null },
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

function conflictLead({ conflicts }: RequestFacts): Sentence[] {
  return conflicts.length > 0 ? [say`It would break a separation of duties: ${listWords(conflicts, 3)}.`] : [];
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
