import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";

/** Access that stands in a system and that no live grant, rule or review explains. */
export type StandingRow = {
  key: string;
  connection: string;
  environment: string;
  account: string;
  permission: string;
  resource: string;
  privilege: number;
  since: string;
};

const shownAtMost = 100;

/** What the actor holds directly without a justification, the mightiest first, and whether there is more of it. */
export async function listOwnStanding(actor: Actor): Promise<{ items: StandingRow[]; more: boolean }> {
  await authorizeReach(actor, "access:read", { type: "identity", id: identityOf(actor) });
  const found = await rows<Omit<StandingRow, "since"> & { since: Date }>(
    `with mine as materialized (
       select p.id, p.name, c.name as connection, c.environment from principals p join connections c on c.id = p.connection_id
       where p.identity_id = $1 and p.type = 'account' and p.removed_at is null)
     select 'm' || m.id as key, a.connection, a.environment, a.name as account, 'member' as permission, g.name as resource,
       coalesce((select max(e.privilege)::int from assignments s join entitlements e on e.id = s.entitlement_id
         where s.principal_id = g.id and s.removed_at is null), 0) as privilege, m.first_seen_at as since
     from mine a join memberships m on m.member_id = a.id and m.removed_at is null and not m.implicit
     join principals g on g.id = m.group_id
     where not exists (select 1 from justifications j where j.account_id = a.id and j.group_id = m.group_id and j.ended_at is null)
     union all
     select 'a' || s.id, a.connection, a.environment, a.name, e.permission, r.name, e.privilege::int, s.first_seen_at
     from mine a join assignments s on s.principal_id = a.id and s.removed_at is null
     join entitlements e on e.id = s.entitlement_id join resources r on r.id = e.resource_id
     where not exists (select 1 from justifications j where j.account_id = a.id and j.entitlement_id = e.id and j.ended_at is null)
     order by privilege desc, connection, resource, permission limit $2`,
    [identityOf(actor), shownAtMost + 1],
  );
  const items = found.slice(0, shownAtMost).map((row) => ({ ...row, since: row.since.toISOString() }));
  return { items, more: found.length > shownAtMost };
}
