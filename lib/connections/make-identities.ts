import type { Tx } from "../db/client";
import { Prisma } from "../db/generated/client";

type Work = { connectionId: string; at: Date };

// What still has no identity makes one: from an identity source; a machine too; somebody who looks human only where no
// source says who works here. And not where somebody has the e-mail address already.
const mayMake = (account: Prisma.Sql, connectionId: string) => Prisma.sql`
  (${account}.kind_hint <> 'human'
    or exists (select from connections c where c.id = ${connectionId}::uuid and c.is_identity_source)
    or not exists (select from connections s where s.is_identity_source and s.removed_at is null))
  and not exists (select from identities i where i.removed_at is null and lower(i.email) = lower(${account}.email))`;

const own = Prisma.sql`'no other account shares its e-mail address or employee number'`;

/**
 * Gives new accounts that nothing could match an identity of their own before they are written: a row that is written
 * once is written in half the time. `new_principals` is what `reconcilePrincipals` is about to write; what is left is for
 * `matchAccounts`.
 */
export async function makeIdentitiesOfNew(tx: Tx, work: Work): Promise<void> {
  if ((await tx.matchRule.count()) > 0) return;
  const { connectionId } = work;
  const made = await tx.$executeRaw`
    update new_principals n set identity_id = uuid7(), match_rule = 'own', match_reason = ${own}, match_confidence = 1
    where n.type = 'account' and ${mayMake(Prisma.sql`n`, connectionId)}
      and not exists (select from identities i where i.removed_at is null and i.employee_number = n.employee_number)
      and not exists (select from principals q where q.connection_id = ${connectionId}::uuid and q.external_id = n.external_id
        and q.removed_at is not null and q.identity_id is not null)`;
  if (made > 0)
    await insertIdentities(tx, work, Prisma.sql`select * from new_principals where identity_id is not null`);
}

/** Gives accounts of `open_accounts` that nothing has matched an identity of their own. */
export async function makeIdentitiesOfOpen(tx: Tx, work: Work): Promise<void> {
  const { connectionId } = work;
  await tx.$executeRaw`create temp table made_identities on commit drop as
    select uuid7() identity_id, p.id account_id from open_accounts o join principals p on p.id = o.id
    where p.identity_id is null and ${mayMake(Prisma.sql`p`, connectionId)}`;
  await tx.$executeRaw`analyze made_identities`;
  await insertIdentities(
    tx,
    work,
    Prisma.sql`select m.identity_id, p.kind_hint, p.kind_hint_reason, p.display_name, p.name, p.email, p.employee_number, p.status, p.attributes,
      p.search from made_identities m join principals p on p.id = m.account_id`,
  );
  await tx.$executeRaw`
    update principals p set identity_id = m.identity_id, match_rule = 'own', match_reason = ${own}, match_confidence = 1
    from made_identities m where p.id = m.account_id`;
}

async function insertIdentities(tx: Tx, { connectionId, at }: Work, accounts: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`
    insert into identities (id, kind, kind_reason, name, email, employee_number, status, environment, department, title, source_connection_id, first_seen_at, search)
    select p.identity_id, coalesce(p.kind_hint, 'service_account'), coalesce(p.kind_hint_reason, 'nothing about it names a person'), coalesce(p.display_name, p.name), p.email, p.employee_number,
      case when p.status = 'active' then 'active' else 'disabled' end, case when p.kind_hint = 'human' then null else c.environment end,
      left(p.attributes ->> 'department', 200), left(p.attributes ->> 'title', 200), case when c.is_identity_source then c.id end, ${at}::timestamptz, p.search
    from (${accounts}) p join connections c on c.id = ${connectionId}::uuid`;
}
