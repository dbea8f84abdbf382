import type { Actor } from "../auth/actor";
import { rows } from "../db/client";

/**
 * What is an actor's own, as a SQL query for identity ids: themself, what they own or back up, and the people who report
 * to them at any level. @param identity the placeholder of the actor's identity id, as in `$1`.
 */
export function ownIdentitiesSql(identity: string): string {
  return `with recursive reports (id) as (
      select ${identity}::uuid
      union
      select i.id from identities i join reports on i.manager_id = reports.id where i.removed_at is null)
    select id from reports where id is not null
    union
    select id from identities where removed_at is null and ${identity}::uuid in (owner_id, backup_owner_id)`;
}

/** The actor's row in the inventory: who `own` is measured from. Null for programs and for people not matched to one. */
export function identityOf(actor: Actor): string | null {
  return actor.type === "person" ? actor.identityId : null;
}

/** Is this identity the actor's own? */
export async function isOwnIdentity(actor: Actor, identityId: string): Promise<boolean> {
  const mine = identityOf(actor);
  if (mine === null) return false;
  const found = await rows<{ own: boolean }>(`select $2::uuid in (${ownIdentitiesSql("$1")}) as own`, [
    mine,
    identityId,
  ]);
  return found[0]?.own ?? false;
}
