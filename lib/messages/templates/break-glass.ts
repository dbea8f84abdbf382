import { type Message, say } from "../message";
import type { GrantFacts } from "./facts";
import { whatWords } from "./requests";
import { durationWords, known, listWords, timeWords } from "./words";

/** To every owner, at once: somebody took access without waiting for a decision. */
export function breakGlassUsed(
  grant: GrantFacts,
  use: { at: Date; reason: string; ticket: string | null; from: string | null; reviewDueAt: Date },
): Message {
  return {
    event: "break_glass.used",
    subject: say`Break-glass: ${grant.subject} took ${whatWords(grant.what)}`,
    lead: [
      say`${grant.subject} has taken this access at once, without a decision. It is open now.`,
      say`If this is not right, end it: the button leads to the page where you can.`,
    ],
    facts: known([
      ["Access", listWords(grant.what.map(({ entitlement, system }) => `${entitlement} in ${system}`))],
      ["Taken", timeWords(use.at)],
      ["Ends", timeWords(grant.endsAt)],
      ["Why", use.reason],
      ["Ticket", use.ticket],
      ["From", use.from],
      ["Review due", timeWords(use.reviewDueAt)],
    ]),
    action: { label: "Look at it now", path: grant.path },
    note: say`Two people other than ${grant.subject} owe it a review by ${timeWords(use.reviewDueAt)}.`,
    tone: "danger",
    thread: `grant-${grant.id}`,
    data: {
      grantId: grant.id,
      subject: grant.subject,
      what: grant.what,
      at: use.at.toISOString(),
      reason: use.reason.slice(0, 4_000),
      ticket: use.ticket,
      endsAt: grant.endsAt.toISOString(),
    },
  };
}

/** To those who owe the review of a break-glass. */
export function breakGlassReviewDue(
  grant: GrantFacts,
  debt: { dueAt: Date; leftMs: number; given: number; needed: number; path: string },
): Message {
  const late = debt.leftMs <= 0;
  return {
    event: "break_glass.review_due",
    subject: late
      ? say`Overdue: the review of a break-glass by ${grant.subject}`
      : say`Review a break-glass by ${grant.subject} within ${durationWords(debt.leftMs)}`,
    lead: [
      say`${grant.subject} took access without a decision. Somebody has to say whether that was right.`,
      say`While the review is owed, ${grant.subject} cannot use break-glass again.`,
    ],
    facts: known([
      ["Access", listWords(grant.what.map(({ entitlement, system }) => `${entitlement} in ${system}`))],
      ["Due", timeWords(debt.dueAt)],
      ["Reviews so far", `${debt.given} of ${debt.needed}`],
    ]),
    action: { label: "Review it", path: debt.path },
    tone: late ? "danger" : "warning",
    thread: `grant-${grant.id}`,
    data: {
      grantId: grant.id,
      subject: grant.subject,
      dueAt: debt.dueAt.toISOString(),
      given: debt.given,
      needed: debt.needed,
    },
  };
}
