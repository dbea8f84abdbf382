import type { Tx } from "../db/client";
import type { GrantFacts } from "./move-grants";

/** A grant with its row locked. */
export type LockedGrant = GrantFacts & {
  accountId: string | null;
  groupId: string | null;
  entitlementId: string | null;
  /** The database's time when it was asked for. */
  at: Date;
};

/**
 * A grant with its row locked, or null. Its edge is locked before it, as workers do who settle an edge and then its
 * grants, so that neither waits for the other.
 */
export async function lockGrant(tx: Tx, id: string): Promise<LockedGrant | null> {
  const [grant] = await lockGrants(tx, [id]);
  return grant ?? null;
}

/** The same for several: all their edges, and then all of them, each in the order of their ids. */
export async function lockGrants(tx: Tx, ids: readonly string[]): Promise<LockedGrant[]> {
  await tx.$queryRaw`select m.id from managed_accesses m where m.id in (
      select e.id from grants g join managed_accesses e on e.account_id = g.account_id
        and (e.group_id = g.group_id or e.entitlement_id = g.entitlement_id)
      where g.id = any(${ids}::uuid[]) and g.give = 'assignment')
    order by m.id for update`;
  return tx.$queryRaw<LockedGrant[]>`
    select id, state, subject_id as "subjectId", request_id as "requestId", connection_id as "connectionId",
      account_id as "accountId", group_id as "groupId", entitlement_id as "entitlementId",
      duration_seconds as "durationSeconds", permission, resource_name as "resourceName", give, ends_at as "endsAt",
      ended_because as "endedBecause", ended_words as "endedWords", clock_timestamp() as at
    from grants where id = any(${ids}::uuid[]) order by id for update`;
}
