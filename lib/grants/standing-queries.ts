import { identityOf } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { unmanagedFrom, unmanagedSql } from "./unmanaged-edges";

/** Access that stands in a system and that no live grant, rule or review explains. */
export type StandingRow = {
  key: string;
  /** What is held by whom: account, group and entitlement, as a move names what it ends. */
  edge: string;
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
    `select u.id::text as key, concat_ws(' ', u.account_id, u.group_id, u.entitlement_id) as edge, c.name as connection, c.environment, a.name as account,
       coalesce(e.permission, 'member') as permission, coalesce(r.name, g.name) as resource,
       coalesce(e.privilege, (select max(x.privilege) from assignments s join entitlements x on x.id = s.entitlement_id
         where s.principal_id = g.id and s.removed_at is null), 0)::int as privilege, u.first_seen_at as since
     from principals a join ${unmanagedFrom} on u.account_id = a.id and ${unmanagedSql} join connections c on c.id = u.connection_id
     left join principals g on g.id = u.group_id
     left join entitlements e on e.id = u.entitlement_id left join resources r on r.id = e.resource_id
     where a.identity_id = $1 order by privilege desc, connection, resource, permission limit $2`,
    [identityOf(actor), shownAtMost + 1],
  );
  const items = found.slice(0, shownAtMost).map((row) => ({ ...row, since: row.since.toISOString() }));
  return { items, more: found.length > shownAtMost };
}
