import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";

/** An account as an identity of the API carries it. */
export type AccountOf = { id: string; connection: string; externalId: string; name: string; status: string };

const mostPerIdentity = 100;

/**
 * The live accounts of identities that the actor was just allowed to list, by identity; at most a hundred of each.
 * @param ids of one page; what the actor may not see must not be in it.
 */
export async function listAccountsOf(actor: Actor, ids: readonly string[]): Promise<Map<string, AccountOf[]>> {
  await authorizeReach(actor, "identity:read");
  const found = await rows<AccountOf & { identityId: string }>(
    `select i.id as "identityId", p.id, p.connection, p.external_id as "externalId", p.name, p.status
     from unnest($1::uuid[]) as i (id) cross join lateral (
       select p.id, c.name as connection, p.external_id, p.name, p.status
       from principals p join connections c on c.id = p.connection_id
       where p.identity_id = i.id and p.removed_at is null and p.type = 'account'
       order by c.name, p.name, p.id limit ${mostPerIdentity}) p`,
    [ids],
    "accounts-of",
  );
  const accounts = new Map<string, AccountOf[]>(ids.map((id) => [id, []]));
  for (const { identityId, ...account } of found) accounts.get(identityId)?.push(account);
  return accounts;
}
