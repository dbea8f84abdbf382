import type { Tx } from "../db/client";

/**
 * The one live human identity with this e-mail address, which no other person who signs in holds yet; null when there
 * is none or more than one. The caller has verified the address.
 */
export async function identityOfEmail(tx: Tx, email: string): Promise<string | null> {
  const found = await tx.$queryRaw<{ id: string }[]>`
    select i.id from identities i
    where lower(i.email) = lower(${email}) and i.removed_at is null and i.kind = 'human'
      and not exists (select 1 from users u where u.identity_id = i.id and lower(u.email) <> lower(${email}))
    limit 2`;
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

/**
 * Links everybody who signs in, has a verified e-mail address and no identity yet, to the one human identity with that
 * address. May run as often as one likes. @returns how many were linked
 */
export async function linkUsers(tx: Tx): Promise<number> {
  return tx.$executeRaw`
    update users u set identity_id = found.id
    from (select lower(email) as email, (min(id::text))::uuid as id from identities
          where removed_at is null and kind = 'human' and email is not null
          group by lower(email) having count(*) = 1) found
    where u.identity_id is null and u.email_verified is not null and lower(u.email) = found.email
      and not exists (select 1 from users other where other.identity_id = found.id)`;
}
