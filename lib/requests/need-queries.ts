import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import type { GrantState } from "../grants/states";

/** Something about access that needs somebody now. */
export type AccessNeed =
  | {
      type: "stands";
      id: string;
      state: Extract<GrantState, "ending_failed" | "resurrected">;
      subject: string;
      resource: string;
      connection: string;
      since: Date;
    }
  | { type: "reviews"; count: number; due: Date }
  | { type: "not_given"; count: number }
  | { type: "drift"; count: number };

/** What of access needs somebody, the worst first: for those who see all of it. @throws AppError `forbidden` */
export async function listAccessNeeds(actor: Actor): Promise<AccessNeed[]> {
  await authorize(actor, "grant:read", { type: "grant" });
  const [standing, [counted]] = await Promise.all([
    rows<Extract<AccessNeed, { type: "stands" }>>(standingSql),
    rows<{ notGiven: number; drift: number; reviews: number; due: Date | null }>(countSql),
  ]);
  const { notGiven = 0, drift = 0, reviews = 0, due = null } = counted ?? {};
  return [
    ...standing,
    ...(reviews > 0 && due ? [{ type: "reviews" as const, count: reviews, due }] : []),
    ...(notGiven > 0 ? [{ type: "not_given" as const, count: notGiven }] : []),
    ...(drift > 0 ? [{ type: "drift" as const, count: drift }] : []),
  ];
}

const standingSql = `
  select 'stands' as type, g.id, g.state, s.name as subject, g.resource_name as resource, c.name as connection,
    coalesce(g.end_ordered_at, g.created_at) as since
  from grants g join identities s on s.id = g.subject_id join connections c on c.id = g.connection_id
  where g.state in ('ending_failed', 'resurrected') order by since, g.id limit 5`;

const countSql = `
  select (select count(*)::int from (select 1 from grants where state = 'activation_failed' limit 1000) f) as "notGiven",
    (select count(*)::int from (select 1 from grants where drift is not null and state in ('active', 'ending') limit 1000) d) as drift,
    r.reviews, r.due
  from (select count(*)::int as reviews, min(due_at) as due from break_glass_reviews where closed_at is null) r`;
