import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { identityFacts } from "../grants/policy-facts";
import { currentPolicies } from "../policies/current-policies";

/** A break-glass that two people still have to judge. */
export type ReviewRow = {
  id: string;
  requestId: string;
  number: number;
  subject: { id: string; name: string };
  reason: string;
  items: string[];
  brokenAt: string;
  dueAt: string;
  needed: number;
  given: number;
};

/** The break-glass reviews that wait for the actor, the most urgent first: never of their own, none that they gave. */
export async function listReviews(actor: Actor, { limit = 100 }: { limit?: number } = {}): Promise<ReviewRow[]> {
  await authorizeReach(actor, "break_glass:review", { type: "break_glass_review" });
  const condition = await reviewerCondition(actor);
  if (condition === null) return [];
  const found = await rows<Omit<ReviewRow, "brokenAt" | "dueAt"> & { brokenAt: Date; dueAt: Date }>(
    `select v.id, r.id as "requestId", r.number::int, json_build_object('id', s.id, 'name', s.name) as subject, r.reason,
       array(select case when i.permission = 'member' then '' else i.permission || ' on ' end || i.resource_name || ' in ' || c.name from request_items i
         join connections c on c.id = i.connection_id where i.request_id = r.id order by i.position limit 5) as items,
       r.created_at as "brokenAt", v.due_at as "dueAt", v.needed::int,
       (select count(*)::int from break_glass_opinions o where o.review_id = v.id) as given
     from break_glass_reviews v join requests r on r.id = v.grant_request_id join identities s on s.id = v.subject_id
     where v.closed_at is null and v.subject_id <> $1 and ${condition.sql}
       and not exists (select 1 from break_glass_opinions o where o.review_id = v.id and o.identity_id = $1)
     order by v.due_at, v.id limit $3`,
    [condition.mine, condition.everything, limit],
  );
  return found.map((row) => ({ ...row, brokenAt: row.brokenAt.toISOString(), dueAt: row.dueAt.toISOString() }));
}

/** How many wait for the actor, counted to 99. */
export async function reviewerCount(actor: Actor): Promise<number> {
  return (await listReviews(actor, { limit: 99 })).length;
}

/** May the actor judge the break-glass behind this request? */
export async function isReviewer(actor: Actor, requestId: string): Promise<boolean> {
  const condition = await reviewerCondition(actor);
  if (condition === null) return false;
  const [row] = await rows<{ may: boolean }>(
    `select exists (select 1 from break_glass_reviews v where v.grant_request_id = $3 and v.subject_id <> $1 and ${condition.sql}) as may`,
    [condition.mine, condition.everything, requestId],
  );
  return row?.may ?? false;
}

/**
 * Which reviews are put to the actor, by the words of the rules; the command finds it out anew. $1 is the actor, $2
 * whether a role, a group or their own name puts all of them to the actor.
 */
async function reviewerCondition(actor: Actor): Promise<{ sql: string; mine: string; everything: boolean } | null> {
  const mine = identityOf(actor);
  if (mine === null || actor.type !== "person") return null;
  const policies = await currentPolicies().catch(noneYet);
  if (policies === null) return null;
  const words = policies.rules.breakGlass.reviewers;
  const named = (kind: string) =>
    words.filter((word) => word.startsWith(`${kind}:`)).map((word) => word.slice(kind.length + 1));
  const inGroups =
    named("group").length > 0 ? ((await identityFacts([mine], named("group"))).get(mine)?.groups ?? []) : [];
  const everything =
    named("role").some((role) => actor.roles.some((it) => it === role)) ||
    named("person").some((email) => email.toLowerCase() === actor.email?.toLowerCase()) ||
    inGroups.length > 0;
  const parts = ["$2::boolean"];
  if (words.includes("owner"))
    parts.push(`exists (select 1 from request_items i join connections c on c.id = i.connection_id
      left join entitlements e on e.id = i.entitlement_id left join resources q on q.id = e.resource_id
      where i.request_id = v.grant_request_id and coalesce(q.owner_id, c.owner_id) = $1)`);
  if (words.includes("manager"))
    parts.push("exists (select 1 from identities m where m.id = v.subject_id and m.manager_id = $1)");
  return { sql: `(${parts.join(" or ")})`, mine, everything };
}

// Nothing can be asked for before there are policies, so nothing waits to be judged.
function noneYet(error: unknown): null {
  if (error instanceof AppError && error.code === "unavailable") return null;
  throw error;
}
