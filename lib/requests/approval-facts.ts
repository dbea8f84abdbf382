import { rows } from "../db/client";
import { holdersSql } from "./holder-queries";
import { type Opens, opensOf } from "./opens-queries";

/** What whoever decides is shown, and what is frozen into their decision. */
export type ApprovalFacts = {
  requestId: string;
  durationSeconds: number;
  reason: string;
  ticket: string | null;
  items: ItemFacts[];
  /** How often the requester asked before, and what became of it. */
  history: { asked: number; approved: number; denied: number; sameBefore: number };
};

export type ItemFacts = {
  id: string;
  connection: string;
  environment: string;
  permission: string;
  resource: string;
  privilege: number;
  account: string | null;
  /** What this really opens: entitlements that the subject does not reach yet, or only by grants that end. */
  opens: Opens;
  /** Who else has it, and how many of them are known to have used their account in ninety days. */
  others: { holding: number; using: number; unknown: number };
  /** What stays for a while, or for good, after it is taken back. */
  outlives: string | null;
};

const itemsSql = `
  select i.id, c.name as connection, c.environment, i.permission, i.resource_name as resource, i.privilege::int,
    p.name as account, c.connector, i.group_id as "groupId", i.entitlement_id as "entitlementId", r.subject_id as "subjectId", r.give
  from request_items i join connections c on c.id = i.connection_id join requests r on r.id = i.request_id
  left join principals p on p.id = i.account_id
  where i.request_id = $1 and i.dropped_at is null order by i.position`;

type ItemRow = Omit<ItemFacts, "opens" | "others" | "outlives"> & {
  connector: string;
  groupId: string | null;
  entitlementId: string | null;
  subjectId: string;
  give: string;
};

/** The facts of a request as they are now. Pure reading; the same request in the same world gives the same facts. */
export async function approvalFacts(requestId: string): Promise<ApprovalFacts> {
  const [request] = await rows<{ durationSeconds: number; reason: string; ticket: string | null }>(
    `select duration_seconds as "durationSeconds", reason, ticket from requests where id = $1`,
    [requestId],
  );
  const items = await rows<ItemRow>(itemsSql, [requestId]);
  return {
    requestId,
    durationSeconds: request?.durationSeconds ?? 0,
    reason: request?.reason ?? "",
    ticket: request?.ticket ?? null,
    items: await Promise.all(items.map(itemFacts)),
    history: await historyOf(requestId),
  };
}

async function itemFacts({ groupId, entitlementId, subjectId, connector, give, ...item }: ItemRow): Promise<ItemFacts> {
  const [opens, others] = await Promise.all([
    opensOf({ groupId, entitlementId, subjectId }),
    othersOf({ groupId, entitlementId, subjectId }),
  ]);
  return { ...item, opens, others, outlives: give === "assignment" && connector === "ldap" ? directoryTail : null };
}

const directoryTail =
  "Systems that keep a person's groups in a session or ticket go on until that ends: Kerberos tickets, commonly ten hours.";

type Of = { groupId: string | null; entitlementId: string | null; subjectId: string };

const othersSql = `
  with holders as (${holdersSql}),
  people as (
    select p.identity_id, bool_or(p.last_use_state = 'used' and p.last_used_at > now() - interval '90 days') as in_use,
      bool_and(p.last_use_state = 'unknown') as is_unknown
    from holders h join principals p on p.id = h.id and p.type = 'account' and p.removed_at is null
    where p.identity_id is not null and p.identity_id <> $3 group by 1 limit 10001)
  select count(*)::int as "holding", count(*) filter (where in_use)::int as "using", count(*) filter (where is_unknown)::int as "unknown" from people`;

async function othersOf({ groupId, entitlementId, subjectId }: Of): Promise<ItemFacts["others"]> {
  const [row] = await rows<ItemFacts["others"]>(othersSql, [groupId, entitlementId, subjectId]);
  return row ?? { holding: 0, using: 0, unknown: 0 };
}

async function historyOf(requestId: string): Promise<ApprovalFacts["history"]> {
  const [row] = await rows<ApprovalFacts["history"]>(
    `with me as (select requester_id from requests where id = $1)
     select count(*)::int as asked, count(*) filter (where r.state in ('approved', 'fulfilled'))::int as approved,
       count(*) filter (where r.state = 'denied')::int as denied,
       count(*) filter (where exists (select 1 from request_items a join request_items b on b.request_id = $1
         and (a.group_id = b.group_id or a.entitlement_id = b.entitlement_id) where a.request_id = r.id))::int as "sameBefore"
     from (select * from requests r where r.requester_id = (select requester_id from me) and r.id <> $1 order by r.id desc limit 500) r`,
    [requestId],
  );
  return row ?? { asked: 0, approved: 0, denied: 0, sameBefore: 0 };
}
