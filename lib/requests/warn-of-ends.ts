import type { Tx } from "../db/client";
import { clockOf } from "../db/clock";
import { sendMessage } from "../messages/send-message";
import { accessEndingSoon } from "../messages/templates/access";
import { dayMs, minuteMs } from "../time";
import { grantToTell, peopleById } from "./facts-to-tell";

/** Warns of access that ends soon, once: a fifth of its time ahead, at most a day, and not of what lasts less than half an hour. */
export async function warnOfEnds(tx: Tx): Promise<void> {
  const at = await clockOf(tx);
  const due = await tx.$queryRaw<{ id: string }[]>`
    update grants set warned_at = ${at}::timestamptz where id in (
      select id from grants where state = 'active' and warned_at is null and ends_at > ${at}::timestamptz
        and ends_at < ${new Date(at.getTime() + dayMs)}::timestamptz and duration_seconds >= ${(30 * minuteMs) / 1_000}
        and ends_at - ${at}::timestamptz <= make_interval(secs => duration_seconds * 0.2)
      order by ends_at limit 200 for update skip locked)
    returning id`;
  for (const { id } of due) {
    const grant = await grantToTell(tx, id);
    if (!grant) continue;
    const leftMs = grant.facts.endsAt.getTime() - at.getTime();
    const message = accessEndingSoon(grant.facts, { leftMs, extendPath: `/grants/${id}?extend=1` });
    await sendMessage(tx, {
      message,
      to: await peopleById(tx, [grant.subjectId]),
      key: `grant ${id} ends ${grant.facts.endsAt.toISOString()}`,
    });
  }
}
