import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";

/** An account as an identity of the API carries it. */
export type AccountOf = { id: string; connection: string; externalId: string; name: string; status: string };

const mostPerIdentity = 100;

/** SQL: the live accounts of an identity, at most a hundred, as a table of rows like `AccountOf`. @param id SQL of its id */
export function accountsOfSql(id: string): string {
  return `select a.id, c.name as connection, a.external_id as "externalId", a.name, a.status
    from principals a join connections c on c.id = a.connection_id
    where a.identity_id = ${id} and a.removed_at is null and a.type = 'account'
    order by c.name, a.name, a.id limit ${mostPerIdentity}`;
}

/**
 * The live accounts of identities that the actor was just allowed to list, by identity; at most a hundred of each.
 * @param ids of one page; what the actor may not see must not be in it.
 */
export async function listAccountsOf(actor: Actor, ids: readonly string[]): Promise<Map<string, AccountOf[]>> {
  await authorizeReach(actor, "identity:read");
  const found = await rows<AccountOf & { identityId: string }>(
    `select i.id as "identityId", a.* from unnest($1::uuid[]) as i (id) cross join lateral (${accountsOfSql("i.id")}) a`,
    [ids],
    "accounts-of",
  );
  const accounts = new Map<string, AccountOf[]>(ids.map((id) => [id, []]));
  for (const { identityId, ...account } of found) accounts.get(identityId)?.push(account);
  return accounts;
}
