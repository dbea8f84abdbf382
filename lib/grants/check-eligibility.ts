import { rows } from "../db/client";
import { currentPolicies } from "../policies/current-policies";
import { decidePolicy } from "../policies/decide-policy";
import type { AskingFacts } from "../policies/schema";
import type { Ending } from "./end-locked";
import { findConflicts } from "./find-conflicts";
import { accessFacts, askedAccesses, identityFacts } from "./policy-facts";

type Row = {
  subjectId: string;
  requesterId: string;
  requestId: string | null;
  accountId: string | null;
  groupId: string | null;
  entitlementId: string | null;
  give: AskingFacts["give"];
  durationSeconds: number;
  ticket: string | null;
  breakGlass: boolean;
  relation: AskingFacts["relation"];
  accountGone: boolean;
};

/**
 * May this grant still begin, or last so many seconds longer (`extending`)? Asked at that edge of its time, whatever was
 * decided before: its subject must be there and active, the account and the access too, and the policies of today must
 * let it. @returns null when it may, else why it ends.
 */
export async function checkEligibility(
  grantId: string,
  at: Date,
  { extending = null }: { extending?: number | null } = {},
): Promise<Ending | null> {
  const [row] = await rows<Row>(
    `select g.subject_id as "subjectId", coalesce(r.requester_id, g.subject_id) as "requesterId", g.request_id as "requestId",
       g.account_id as "accountId", g.group_id as "groupId", g.entitlement_id as "entitlementId", g.give,
       g.duration_seconds as "durationSeconds", r.ticket, g.break_glass as "breakGlass",
       case when r.requester_id = g.subject_id or r.id is null then 'self' when s.kind = 'human' then 'report' else 'owned' end as relation,
       g.give = 'assignment' and not exists (select 1 from principals p where p.id = g.account_id and p.removed_at is null
         and p.status = 'active' and p.identity_id = g.subject_id) as "accountGone"
     from grants g left join requests r on r.id = g.request_id join identities s on s.id = g.subject_id where g.id = $1`,
    [grantId],
  );
  if (!row) return { because: "eligibility_lost", words: "The grant is gone." };
  const policies = await currentPolicies();
  const facts = await identityFacts([row.subjectId, row.requesterId], policies.namedGroups);
  const subject = facts.get(row.subjectId);
  const requester = facts.get(row.requesterId);
  if (!subject || !requester || subject.status !== "active") return subjectLeft(subject?.name ?? "Its subject");
  if (row.accountGone)
    return {
      because: "eligibility_lost",
      words: `The account of ${subject.name} is gone, not active or somebody else's now.`,
    };
  const [access] = await askedAccesses([row]);
  if (!access) return { because: "eligibility_lost", words: "What it gives is no longer there." };
  const { requestId, relation, give, durationSeconds, ticket } = row;
  const asked = [{ connection: access.connection, permission: access.permission, resource: access.resource }];
  const conflicts = await findConflicts(policies.rules.conflicts, {
    subjectId: row.subjectId,
    asked,
    exceptRequestId: requestId,
  });
  const owner = access.ownerId ? (await identityFacts([access.ownerId], [])).get(access.ownerId) : undefined;
  const common = {
    principal: requester,
    subject,
    access: accessFacts(access, owner ?? null),
    relation,
    give,
    durationSeconds: extending ?? durationSeconds,
  };
  const asking = { ...common, hasReason: true, ticket, alreadyHeld: false, conflicts, at };
  const actions: AskingFacts["action"][] =
    extending === null ? ["activate", row.breakGlass ? "break_glass" : "request"] : ["request", "extend"];
  for (const action of actions) {
    const decision = decidePolicy(policies, { ...asking, action });
    if (!decision.allowed)
      return { because: "eligibility_lost", words: `The policies no longer allow it: ${decision.because}` };
  }
  return null;
}

/** Why a grant ends whose subject is no longer there. */
export function subjectLeft(name: string): Ending {
  return { because: "subject_left", words: `${name} is no longer active.` };
}
