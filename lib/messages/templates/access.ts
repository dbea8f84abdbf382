import { type Message, say } from "../message";
import type { GrantFacts } from "./facts";
import { whatWords } from "./requests";
import { durationWords, known, listWords, timeWords } from "./words";

/** To whoever asked: it works now, how to get in, and when it ends by itself. */
export function accessReady(grant: GrantFacts, how: { signInAs: string | null; collect: boolean }): Message {
  return {
    event: "access.ready",
    subject: say`Ready: ${whatWords(grant.what)}`,
    lead: [
      say`The access is set up and was checked in the system itself.`,
      ...(how.collect ? [say`The password is shown once, on the page of the access, to you only.`] : []),
    ],
    facts: known([...grantRows(grant), ["Sign in as", how.signInAs], ["Ends", timeWords(grant.endsAt)]]),
    action: { label: how.collect ? "Get the password" : "Open the access", path: grant.path },
    note: say`It ends by itself. Give it back earlier when you are done.`,
    tone: "good",
    thread: `grant-${grant.id}`,
    data: grantData(grant),
  };
}

/** To whoever it was approved for: it begins when they say so, with the passkey that the policies ask for. */
export function accessToConfirm(grant: GrantFacts, facts: { by: Date }): Message {
  return {
    event: "access.to_confirm",
    subject: say`Approved, and waits for you: ${whatWords(grant.what)}`,
    lead: [say`The access begins when you confirm with your passkey that you are there. Its time runs from then.`],
    facts: known([...grantRows(grant), ["Confirm by", timeWords(facts.by)]]),
    action: { label: "Begin the access", path: grant.path },
    note: say`What nobody confirms by then ends unused.`,
    tone: "good",
    thread: `grant-${grant.id}`,
    data: { ...grantData(grant), confirmBy: facts.by.toISOString() },
  };
}

/** To whoever holds it: how long it still stands, and the way to more time. */
export function accessEndingSoon(grant: GrantFacts, facts: { leftMs: number; extendPath: string | null }): Message {
  return {
    event: "access.ending_soon",
    subject: say`Ends in ${durationWords(facts.leftMs)}: ${whatWords(grant.what)}`,
    lead: [
      say`The access ends by itself, and open sessions end with it. Save your work before that.`,
      ...(facts.extendPath ? [] : [say`It cannot be extended any more; ask anew if you still need it.`]),
    ],
    facts: known([...grantRows(grant), ["Ends", timeWords(grant.endsAt)]]),
    action: facts.extendPath
      ? { label: "Ask for more time", path: facts.extendPath }
      : { label: "Open the access", path: grant.path },
    other: facts.extendPath ? { label: "Give it back now", path: grant.path } : null,
    tone: "warning",
    thread: `grant-${grant.id}`,
    data: { ...grantData(grant), canExtend: facts.extendPath !== null },
  };
}

export type EndFacts = {
  because: "expired" | "given_back" | "revoked" | "subject_left" | "eligibility_lost";
  by: string | null;
  provenAt: Date;
  /** What was done and read back, a line each: "role reports_ro taken from jdoe". */
  proof: readonly string[];
  sessionsEnded: number | null;
  /** What outlives it, such as a token that cannot be recalled, with its end. */
  remains: readonly { what: string; until: Date }[];
};

const reasons = {
  expired: "its time was over",
  given_back: "it was given back",
  revoked: "it was revoked",
  subject_left: "its holder has left",
  eligibility_lost: "its holder may no longer have it",
} as const;

/** To whoever held it: it is gone, and the system itself says so. */
export function accessEnded(grant: GrantFacts, end: EndFacts): Message {
  return {
    event: "access.ended",
    subject: say`Ended: ${whatWords(grant.what)}`,
    lead: [
      [`The access ended because ${reasons[end.because]}. Rollcall looked again in the system afterwards: it is gone.`],
      ...end.remains.map(({ what, until }) => say`Still alive until ${timeWords(until)}: ${what}.`),
    ],
    facts: known([
      ...grantRows(grant),
      ["Ended by", end.by],
      ["Proven", timeWords(end.provenAt)],
      ["Read back", listWords(end.proof)],
      ["Sessions ended", end.sessionsEnded ? String(end.sessionsEnded) : null],
    ]),
    action: { label: "See the receipt", path: grant.path },
    tone: end.remains.length > 0 ? "warning" : "plain",
    thread: `grant-${grant.id}`,
    data: {
      ...grantData(grant),
      because: end.because,
      provenAt: end.provenAt.toISOString(),
      proof: end.proof.slice(0, 50),
    },
  };
}

/** To owners and security: access that should be gone is not proven gone. */
export function endingFailed(
  grant: GrantFacts,
  failure: { since: Date; message: string; nextTryAt: Date; attempts: number },
): Message {
  return {
    event: "access.ending_failed",
    subject: say`Could not be taken back: ${whatWords(grant.what)} of ${grant.subject}`,
    lead: [
      say`This access should have ended and could not be taken back. It may still work.`,
      say`Rollcall goes on trying until the system confirms it. If it cannot wait, take it away in the system by hand; the next look will see it.`,
    ],
    facts: known([
      ...grantRows(grant),
      ["Should have ended", timeWords(failure.since)],
      ["The system said", failure.message],
      ["Tries so far", String(failure.attempts)],
      ["Next try", timeWords(failure.nextTryAt)],
    ]),
    action: { label: "Open the access", path: grant.path },
    tone: "danger",
    thread: `grant-${grant.id}`,
    data: {
      ...grantData(grant),
      since: failure.since.toISOString(),
      message: failure.message.slice(0, 1_000),
      attempts: failure.attempts,
    },
  };
}

function grantRows({ what, subject }: GrantFacts): [string, string][] {
  return [
    ["Access", listWords(what.map(({ entitlement, system }) => `${entitlement} in ${system}`))],
    ["Held by", subject],
  ];
}

function grantData({ id, subject, what, endsAt }: GrantFacts) {
  return { grantId: id, subject, what, endsAt: endsAt.toISOString() };
}
