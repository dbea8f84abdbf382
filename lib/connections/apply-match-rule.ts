import type { Tx } from "../db/client";
import { Prisma } from "../db/generated/client";
import { type MatchRuleInput, matchRuleInput } from "./match-schema";

export type MatchPreview = { account: string; connection: string; made: string; identity: string | null };

/** A rule's pattern as it is used: what stands before or after what it fits is no match. */
export function whole(pattern: string): string {
  return `^(?:${pattern})$`;
}

/** What a rule would match now, from its first hundred accounts. */
export async function tryMatchRule(tx: Tx, input: MatchRuleInput): Promise<MatchPreview[]> {
  const rule = matchRuleInput.parse(input);
  // A pattern that backtracks for ever ends with the statement, not with the database.
  await tx.$executeRaw`set local statement_timeout = 5000`;
  // By itself first: "a)(b" is none, though the whole that is made of it is one.
  await tx.$queryRaw`select '' ~ ${rule.pattern}`;
  return tx.$queryRaw<MatchPreview[]>`
    select a.name account, c.name connection, a.made, case when count(i.id) = 1 then min(i.name) end identity
    from (${fitting(rule)} limit 100) a join connections c on c.id = a.connection_id
    left join identities i on ${isMeant(rule)}
    group by a.id, a.name, c.name, a.made order by a.name`;
}

/**
 * Matches by a rule: accounts that belong to nobody, and those that made an identity of their own which nobody has
 * touched or uses; that one ends. @returns how many accounts, and the connections they are in
 */
export async function applyMatchRule(
  tx: Tx,
  input: MatchRuleInput,
  at: Date,
): Promise<{ matched: number; connectionIds: string[] }> {
  const rule = matchRuleInput.parse(input);
  await tx.$executeRaw`create temp table fitted on commit drop as
    select a.id account_id, a.connection_id, a.identity_id old_id, min(a.made) made, (array_agg(i.id))[1] identity_id
    from (${fitting(rule)}) a join identities i on ${isMeant(rule)}
    group by a.id, a.connection_id, a.identity_id having count(i.id) = 1`;
  const matched = await tx.$executeRaw`
    update principals p set identity_id = f.identity_id, match_rule = ${rule.name}, match_confidence = ${rule.confidence},
      match_reason = 'the rule ' || ${rule.name}::text || ' makes it ' || f.made
    from fitted f where p.id = f.account_id`;
  await tx.$executeRaw`
    update identities o set removed_at = ${at}::timestamptz, status = 'gone' from fitted f where o.id = f.old_id
      and not exists (select from principals p where p.identity_id = o.id and p.removed_at is null)`;
  const found = await tx.$queryRaw<{ id: string }[]>`select distinct connection_id id from fitted`;
  return { matched, connectionIds: found.map((one) => one.id) };
}

type Rule = ReturnType<typeof matchRuleInput.parse>;

// The accounts that fit, with what the rule makes of each.
function fitting({ connectionId, field, pattern, template }: Rule): Prisma.Sql {
  return Prisma.sql`
    select p.id, p.name, p.connection_id, p.identity_id, regexp_replace(f.value, ${whole(pattern)}, ${template}) made
    from principals p join connections s on s.id = p.connection_id and s.removed_at is null
    cross join lateral (select case ${field}::text when 'name' then p.name when 'external_id' then p.external_id
      when 'email' then p.email else p.display_name end value) f
    where p.type = 'account' and p.removed_at is null and p.match_set_by is null and f.value ~ ${whole(pattern)}
      and (${connectionId}::uuid is null or p.connection_id = ${connectionId}::uuid)
      and (p.identity_id is null or p.match_rule = 'own' and ${isOnlyItsOwn})`;
}

// Made of this account alone, and nobody said anything of it, signs in as it or holds something by it.
const isOnlyItsOwn = Prisma.sql`exists (
  select from identities o where o.id = p.identity_id and o.source_connection_id is null and o.owner_id is null
    and o.backup_owner_id is null and o.purpose is null and o.kind_set_by is null and o.name_set_by is null
    and o.environment_set_by is null and o.criticality is null and o.left_at is null
    and not exists (select from principals q where q.identity_id = o.id and q.id <> p.id and q.removed_at is null)
    and not exists (select from users u where u.identity_id = o.id)
    and not exists (select from grants g where g.subject_id = o.id))`;

function isMeant({ target }: Rule): Prisma.Sql {
  return Prisma.sql`i.removed_at is null and i.id is distinct from a.identity_id and lower(a.made) = lower(
    case ${target}::text when 'email' then i.email when 'employee_number' then i.employee_number else i.name end)`;
}
