import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { rows } from "../db/client";

/**
 * May this actor end the grant as one whose own it is: its subject (or whose manager or owner they are), whoever asked for
 * it or approved it, or the owner of what it gives?
 */
export async function mayEnd(actor: Actor, grantId: string): Promise<boolean> {
  const mine = identityOf(actor);
  if (mine === null) return false;
  const [row] = await rows<{ may: boolean }>(
    `select g.subject_id in (${ownIdentitiesSql("$1")})
       or exists (select 1 from requests r where r.id = g.request_id and r.requester_id = $1)
       or exists (select 1 from decisions d where d.request_id = g.request_id and d.identity_id = $1 and d.decision = 'approve')
       or exists (select 1 from connections c where c.id = g.connection_id and c.owner_id = $1)
       or exists (select 1 from entitlements e join resources r on r.id = e.resource_id where e.id = g.entitlement_id and r.owner_id = $1) as may
     from grants g where g.id = $2`,
    [mine, grantId],
  );
  return row?.may ?? false;
}
