import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import type { Tx } from "../db/client";

/**
 * The one live human identity with this e-mail address, which no other person who signs in holds yet; null when there
 * is none or more than one. The caller has verified the address.
 */
export async function identityOfEmail(tx: Tx, email: string): Promise<string | null> {
  const found = await tx.$queryRaw<{ id: string }[]>`
    select i.id from identities i
    where lower(i.email) = lower(${email}) and i.removed_at is null and i.kind = 'human'
      and not exists (select 1 from users u where u.identity_id = i.id and lower(u.email) is distinct from lower(${email}))
    limit 2`;
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

/**
 * Links everybody who signs in, has a verified e-mail address and no identity yet, to the one human identity with that
 * address: for those who signed in before the inventory knew them. May run as often as one likes. @returns how many
 */
export async function linkUsers(tx: Tx, actor: Actor): Promise<number> {
  const linked = await tx.$queryRaw<{ id: string; name: string | null; identityId: string }[]>`
    update users u set identity_id = found.id
    from (select lower(email) as email, (min(id::text))::uuid as id from identities
          where removed_at is null and kind = 'human' and email is not null
          group by lower(email) having count(*) = 1) found
    where u.identity_id is null and u.email_verified is not null and lower(u.email) = found.email
      and not exists (select 1 from users other where other.identity_id = found.id)
    returning u.id, u.name, u.identity_id as "identityId"`;
  for (const { id, name, identityId } of linked) {
    const target = { type: "person", id, name };
    const why = { because: "the same verified e-mail address" };
    await record(tx, actor, { action: "person.linked", target, why, details: { identityId } });
  }
  return linked.length;
}
