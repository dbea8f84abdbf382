import { maintainClosure } from "../access/maintain-closure";
import type { Tx } from "../db/client";
import { markStale } from "../inventory/stale-facts";

/** One edge of the inventory by its two ends: an account in a group, or an account holding an entitlement. */
export type Edge = {
  connectionId: string;
  accountId: string;
  groupId: string | null;
  entitlementId: string | null;
};

/**
 * Brings the inventory in line with what was just read back from the system itself, without waiting for the next sync:
 * the edge and the closure above it; the kept facts of whose account it is follow within a second. Already so is nothing
 * written.
 */
export async function noteEdge(tx: Tx, edge: Edge, held: boolean, at: Date): Promise<void> {
  const changed =
    edge.groupId !== null ? await noteMembership(tx, edge, held, at) : await noteAssignment(tx, edge, held, at);
  if (!changed) return;
  if (edge.groupId !== null && (await changesClosure(tx, edge.groupId, edge.accountId)))
    await maintainClosure(tx, edge.connectionId, [edge.accountId]);
  await markStale(tx, [edge.accountId]);
}

/** The same for edges of one connection that are all gone: read back, and noted together. */
export async function noteEdgesGone(tx: Tx, edges: readonly Edge[], at: Date): Promise<void> {
  const [first] = edges;
  if (!first) return;
  const given = JSON.stringify(edges);
  const groups = await tx.$queryRaw<{ groupId: string; accountId: string }[]>`
    update memberships m set removed_at = greatest(${at}::timestamptz, m.first_seen_at)
    from json_to_recordset(${given}::json) as e("accountId" uuid, "groupId" uuid)
    where m.member_id = e."accountId" and m.group_id = e."groupId" and m.removed_at is null
    returning m.group_id as "groupId", m.member_id as "accountId"`;
  await tx.$executeRaw`
    update assignments a set removed_at = greatest(${at}::timestamptz, a.first_seen_at)
    from json_to_recordset(${given}::json) as e("accountId" uuid, "groupId" uuid, "entitlementId" uuid)
    left join principals g on g.id = e."groupId"
    left join resources r on r.connection_id = g.connection_id and r.type = 'group' and r.external_id = g.external_id and r.removed_at is null
    left join entitlements n on n.resource_id = r.id and n.permission = 'member' and n.removed_at is null and n.pattern is null
    where a.principal_id = e."accountId" and a.entitlement_id = coalesce(e."entitlementId", n.id) and a.removed_at is null`;
  const left = await tx.$queryRaw<{ groupId: string }[]>`
    select distinct group_id as "groupId" from memberships
    where group_id = any(${groups.map(({ groupId }) => groupId)}::uuid[]) and removed_at is null`;
  const peopled = new Set(left.map(({ groupId }) => groupId));
  const emptied = groups.filter(({ groupId }) => !peopled.has(groupId)).map(({ accountId }) => accountId);
  await maintainClosure(tx, first.connectionId, [...new Set(emptied)]);
  await markStale(
    tx,
    edges.map(({ accountId }) => accountId),
  );
}

// The closure is of groups: an account changes it only as the first member of a group, or the last.
async function changesClosure(tx: Tx, groupId: string, accountId: string): Promise<boolean> {
  const others = await tx.$queryRaw<object[]>`
    select 1 from memberships where group_id = ${groupId}::uuid and member_id <> ${accountId}::uuid and removed_at is null limit 1`;
  return others.length === 0;
}

async function noteMembership(tx: Tx, edge: Edge, held: boolean, at: Date): Promise<boolean> {
  const { connectionId, accountId, groupId } = edge;
  await noteMemberEntitlement(tx, edge, held, at);
  if (!held)
    return (
      (await tx.$executeRaw`update memberships set removed_at = greatest(${at}::timestamptz, first_seen_at)
        where member_id = ${accountId}::uuid and group_id = ${groupId}::uuid and removed_at is null`) > 0
    );
  return (
    (await tx.$executeRaw`insert into memberships
        (connection_id, member_id, group_id, inherits, switches, administers, first_seen_at)
      select ${connectionId}::uuid, ${accountId}::uuid, ${groupId}::uuid, true, true, false, ${at}::timestamptz
      on conflict (member_id, group_id) where removed_at is null do nothing`) > 0
  );
}

// In a directory the group is a resource as well, and to be its member an entitlement.
async function noteMemberEntitlement(tx: Tx, edge: Edge, held: boolean, at: Date): Promise<void> {
  const [entitlement] = await tx.$queryRaw<{ id: string }[]>`
    select e.id from principals g
    join resources r on r.connection_id = g.connection_id and r.type = 'group' and r.external_id = g.external_id
    join entitlements e on e.resource_id = r.id and e.permission = 'member' and e.removed_at is null and e.pattern is null
    where g.id = ${edge.groupId}::uuid and r.removed_at is null limit 1`;
  if (entitlement) await noteAssignment(tx, { ...edge, entitlementId: entitlement.id }, held, at);
}

async function noteAssignment(tx: Tx, edge: Edge, held: boolean, at: Date): Promise<boolean> {
  const { connectionId, accountId, entitlementId } = edge;
  if (!held)
    return (
      (await tx.$executeRaw`update assignments set removed_at = greatest(${at}::timestamptz, first_seen_at)
        where principal_id = ${accountId}::uuid and entitlement_id = ${entitlementId}::uuid and removed_at is null`) > 0
    );
  return (
    (await tx.$executeRaw`insert into assignments (connection_id, principal_id, entitlement_id, granted_by, first_seen_at)
      select ${connectionId}::uuid, ${accountId}::uuid, ${entitlementId}::uuid, 'Rollcall', ${at}::timestamptz
      on conflict (principal_id, entitlement_id) where removed_at is null do nothing`) > 0
  );
}
