import type { Tx } from "../db/client";
import { whole } from "./apply-match-rule";
import { makeIdentitiesOfOpen } from "./make-identities";

type Work = { connectionId: string; at: Date };

/**
 * Gives accounts of a connection their identity, by evidence in this order: the same e-mail address, the same employee
 * number, a saved rule. Two identities that fit are no match. What a person decided is never changed.
 * What still has none: from an identity source it makes an identity; a machine does too; somebody who looks human does
 * only where no source says who works here, and else stays unmatched for a person to match.
 */
export async function matchAccounts(tx: Tx, work: Work): Promise<void> {
  if (await anyOpen(tx, work)) {
    await matchReturning(tx, work);
    await matchByEvidence(tx, work);
    await matchByRules(tx, work);
    await makeIdentitiesOfOpen(tx, work);
  }
  const { isIdentitySource } = await tx.connection.findUniqueOrThrow({
    where: { id: work.connectionId },
    select: { isIdentitySource: true },
  });
  if (isIdentitySource) {
    await adoptIntoKnownPeople(tx, work);
    await takeFactsFromSource(tx, work);
  }
  await followKind(tx, work);
  await endIdentitiesWithoutAccounts(tx, work);
}

// Whose accounts nobody has matched: in a table of this transaction alone, so that the planner knows how many there are.
async function anyOpen(tx: Tx, { connectionId }: Work): Promise<boolean> {
  await tx.$executeRaw`drop table if exists open_accounts, made_identities`;
  const open = await tx.$executeRaw`create temp table open_accounts on commit drop as
    select id, external_id, lower(email) email, employee_number from principals
    where connection_id = ${connectionId}::uuid and type = 'account' and removed_at is null and identity_id is null and match_set_by is null`;
  if (open === 0) return false;
  await tx.$executeRaw`create index on open_accounts (id)`;
  await tx.$executeRaw`analyze open_accounts`;
  return true;
}

// A source that was short of rows for a day must not make second identities of everybody when they are back.
async function matchReturning(tx: Tx, { connectionId }: Work): Promise<void> {
  await tx.$executeRaw`
    update principals p set identity_id = q.identity_id, match_rule = 'returned', match_confidence = 0.9,
      match_reason = 'an account with this id was here until ' || to_char(q.removed_at, 'YYYY-MM-DD')
    from (
      select distinct on (p.id) p.id, q.identity_id, q.removed_at from open_accounts p
      join principals q on q.connection_id = ${connectionId}::uuid and q.external_id = p.external_id and q.removed_at is not null and q.identity_id is not null
        and lower(q.email) is not distinct from p.email and q.employee_number is not distinct from p.employee_number
      order by p.id, q.removed_at desc
    ) q where p.id = q.id`;
}

async function matchByEvidence(tx: Tx, _: Work): Promise<void> {
  await tx.$executeRaw`
    update principals p set identity_id = m.identity_id, match_rule = m.rule, match_reason = m.reason, match_confidence = m.confidence
    from (
      select account_id, (array_agg(identity_id order by confidence desc))[1] identity_id, (array_agg(rule order by confidence desc))[1] rule,
        (array_agg(reason order by confidence desc))[1] reason, max(confidence) confidence
      from (
        select p.id account_id, i.id identity_id, 'email' rule, 'the same e-mail address, ' || i.email reason, 1.0::real confidence
        from open_accounts p join identities i on lower(i.email) = p.email and i.removed_at is null
        union all
        select p.id, i.id, 'employee_number', 'the same employee number, ' || i.employee_number, 0.95::real
        from open_accounts p join identities i on i.employee_number = p.employee_number and i.removed_at is null
      ) candidates group by account_id having count(distinct identity_id) = 1
    ) m where p.id = m.account_id and p.identity_id is null`;
}

async function matchByRules(tx: Tx, { connectionId }: Work): Promise<void> {
  const rules = await tx.matchRule.findMany({
    where: { OR: [{ connectionId: null }, { connectionId }] },
    orderBy: [{ position: "asc" }, { id: "asc" }],
  });
  for (const rule of rules) {
    await tx.$executeRaw`
      update principals p set identity_id = m.identity_id, match_rule = ${rule.name}, match_reason = 'the rule ' || ${rule.name}::text || ' makes it ' || m.made,
        match_confidence = ${rule.confidence}
      from (
        select account_id, min(made) made, (array_agg(identity_id))[1] identity_id from (
          select a.id account_id, a.made, i.id identity_id from (
            select p.id, regexp_replace(value, ${whole(rule.pattern)}, ${rule.template}) made from principals p
            cross join lateral (select case ${rule.field}::text when 'name' then p.name when 'external_id' then p.external_id when 'email' then p.email else p.display_name end value) f
            where p.connection_id = ${connectionId}::uuid and p.type = 'account' and p.removed_at is null and p.identity_id is null and p.match_set_by is null
              and value ~ ${whole(rule.pattern)}
          ) a join identities i on i.removed_at is null and lower(a.made) = lower(case ${rule.target}::text when 'email' then i.email when 'employee_number' then i.employee_number else i.name end)
        ) candidates group by account_id having count(distinct identity_id) = 1
      ) m where p.id = m.account_id`;
  }
}

// A person may have been seen in a system before the source that says who works here was connected: their accounts then
// made identities of their own, which this moves to the person, unless somebody has touched them since.
async function adoptIntoKnownPeople(tx: Tx, { connectionId, at }: Work): Promise<void> {
  await tx.$executeRaw`drop table if exists adopted`;
  await tx.$executeRaw`create temp table adopted on commit drop as
    with known as materialized (select id, lower(email) email, employee_number from identities where source_connection_id = ${connectionId}::uuid and removed_at is null),
    pairs as (
      select o.id old_id, i.id new_id from known i join identities o on lower(o.email) = i.email and o.removed_at is null
      union select o.id, i.id from known i join identities o on o.employee_number = i.employee_number and o.removed_at is null)
    select p.old_id, (array_agg(p.new_id))[1] new_id from pairs p join identities o on o.id = p.old_id
    where p.old_id <> p.new_id and o.source_connection_id is null and o.owner_id is null and o.purpose is null and o.kind_set_by is null and o.name_set_by is null
    group by p.old_id having count(distinct p.new_id) = 1`;
  await tx.$executeRaw`
    update principals p set identity_id = a.new_id, match_rule = 'email', match_reason = 'the same e-mail address or employee number as in the identity source', match_confidence = 0.95
    from adopted a where p.identity_id = a.old_id and p.match_set_by is null`;
  await tx.$executeRaw`update identities i set removed_at = ${at}::timestamptz, status = 'gone' from adopted a where i.id = a.old_id
    and not exists (select 1 from principals p where p.identity_id = i.id and p.removed_at is null)`;
}

// A report that was handed to another manager stays with them until the source names somebody else than the one before.
async function takeFactsFromSource(tx: Tx, { connectionId, at }: Work): Promise<void> {
  await tx.$executeRaw`drop table if exists source_facts`;
  await tx.$executeRaw`create temp table source_facts on commit drop as
    select distinct on (p.identity_id) p.identity_id, coalesce(p.display_name, p.name) name, p.email, p.employee_number,
      left(p.attributes ->> 'department', 200) department, left(p.attributes ->> 'title', 200) title,
      case when coalesce(m.identity_id = i.handed_from, i.handed_from is not null) then i.manager_id else m.identity_id end manager_id,
      case when coalesce(m.identity_id = i.handed_from, i.handed_from is not null) then i.handed_from end handed_from,
      case when p.status = 'active' then 'active' else 'disabled' end status, p.search
    from principals p join identities i on i.id = p.identity_id left join principals m on m.connection_id = ${connectionId}::uuid and m.external_id = p.manager_external_id and m.removed_at is null
    where p.connection_id = ${connectionId}::uuid and p.type = 'account' and p.removed_at is null and p.identity_id is not null order by p.identity_id, p.external_id`;
  await tx.$executeRaw`analyze source_facts`;
  await tx.$executeRaw`
    update identities i set name = case when i.name_set_by is null then f.name else i.name end, email = coalesce(f.email, i.email),
      employee_number = coalesce(f.employee_number, i.employee_number), department = f.department, title = f.title, manager_id = f.manager_id, handed_from = f.handed_from,
      status = case when i.left_at is null then f.status else 'disabled' end, search = f.search, updated_at = ${at}::timestamptz
    from source_facts f where i.id = f.identity_id and i.source_connection_id = ${connectionId}::uuid
      and (case when i.name_set_by is null then f.name else i.name end, coalesce(f.email, i.email), coalesce(f.employee_number, i.employee_number), f.department, f.title, f.manager_id, f.handed_from,
        case when i.left_at is null then f.status else 'disabled' end)
        is distinct from (i.name, i.email, i.employee_number, i.department, i.title, i.manager_id, i.handed_from, i.status)`;
}

// The kind follows what the system says until a person has said otherwise.
async function followKind(tx: Tx, { connectionId, at }: Work): Promise<void> {
  await tx.$executeRaw`
    update identities i set kind = p.kind_hint, kind_reason = p.kind_hint_reason, updated_at = ${at}::timestamptz from principals p
    where p.connection_id = ${connectionId}::uuid and p.type = 'account' and p.removed_at is null and p.identity_id = i.id and i.kind_set_by is null
      and p.match_rule = 'own' and p.kind_hint is not null and (i.kind, i.kind_reason) is distinct from (p.kind_hint, p.kind_hint_reason)`;
}

async function endIdentitiesWithoutAccounts(tx: Tx, { connectionId, at }: Work): Promise<void> {
  await tx.$executeRaw`
    update identities i set removed_at = ${at}::timestamptz, status = 'gone' from principals p
    where p.connection_id = ${connectionId}::uuid and p.removed_at = ${at}::timestamptz and p.identity_id = i.id and i.removed_at is null
      and not exists (select 1 from principals q where q.identity_id = i.id and q.removed_at is null)`;
  await tx.$executeRaw`
    update identities i set removed_at = null, status = case when i.left_at is null then 'active' else 'disabled' end from principals p
    where p.connection_id = ${connectionId}::uuid and p.removed_at is null and p.identity_id = i.id and i.removed_at is not null`;
}
