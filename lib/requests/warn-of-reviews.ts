import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { sendMessage } from "../messages/send-message";
import { breakGlassReviewDue } from "../messages/templates/break-glass";
import { dayMs, plus } from "../time";
import { peopleById, requestToTell } from "./facts-to-tell";

type Due = { id: string; requestId: string; dueAt: Date; brokenAt: Date; needed: number; given: string[] };

/**
 * Reminds of a break-glass that nobody has judged yet: a day before its review is due, and each day that it is late.
 * Told are its owners and security, as when it was used, less those who have said what they think.
 */
export async function warnOfReviews(tx: Tx): Promise<void> {
  const at = await clockOf(tx);
  const due = await tx.$queryRaw<Due[]>`
    select v.id, r.id as "requestId", v.due_at as "dueAt", r.created_at as "brokenAt", v.needed::int as needed,
      array(select o.identity_id::text from break_glass_opinions o where o.review_id = v.id) as given
    from break_glass_reviews v join requests r on r.id = v.grant_request_id
    where v.closed_at is null and v.due_at <= ${plus(at, dayMs)}::timestamptz order by v.due_at limit 100`;
  for (const review of due) await warn(tx, review, at);
}

async function warn(tx: Tx, { id, requestId, dueAt, brokenAt, needed, given }: Due, at: Date): Promise<void> {
  const request = await requestToTell(tx, requestId);
  if (!request) return;
  const { subject, what, path, durationMs } = request.facts;
  const leftMs = dueAt.getTime() - at.getTime();
  const message = breakGlassReviewDue(
    { id: requestId, subject, what, endsAt: plus(brokenAt, durationMs), path },
    { dueAt, leftMs, given: given.length, needed, path },
  );
  const security = await tx.user.findMany({
    where: { roles: { has: "security" }, disabledAt: null, identityId: { not: null } },
    select: { identityId: true },
    take: 50,
  });
  const asked = [...request.ownerIds, ...security.flatMap(({ identityId }) => identityId ?? [])];
  const left = asked.filter((it) => it !== request.subjectId && it !== request.requesterId && !given.includes(it));
  const day = leftMs > 0 ? "due" : `late ${Math.floor(-leftMs / dayMs)}`;
  await sendMessage(tx, { message, to: await peopleById(tx, left), key: `review ${id} ${day}` });
}
