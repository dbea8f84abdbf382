import type { AccountRef, HeldAccess } from "../connectors/provisioning";
import { rows } from "../db/client";
import type { Edge } from "./note-edge";

/** The names of both ends in the system's own terms. */
export async function heldAccessOf(edge: Edge): Promise<HeldAccess> {
  const [found] = await heldAccessesOf([edge]);
  if (!found) throw new Error("an end of an edge is gone from the inventory");
  return found;
}

/** The same of several, in their order. */
export async function heldAccessesOf(edges: readonly Edge[]): Promise<HeldAccess[]> {
  const found = await findHeldAccesses(edges);
  return found.map((one) => {
    if (!one) throw new Error("an end of an edge is gone from the inventory");
    return one;
  });
}

/** The same; null of those whose end is gone from the inventory. */
export async function findHeldAccesses(edges: readonly Edge[]): Promise<(HeldAccess | null)[]> {
  const given = edges.map(({ accountId, groupId, entitlementId }) => ({ accountId, groupId, entitlementId }));
  const found = await rows<HeldAccess & { place: number }>(namesOfEdges, [JSON.stringify(given)]);
  const byPlace = new Map(found.map(({ place, account, access }) => [place, { account, access }]));
  return edges.map((_, n) => byPlace.get(n + 1) ?? null);
}

/** An account in its system's own terms, or null where the inventory never had it. */
export async function accountRefOf(accountId: string): Promise<AccountRef | null> {
  const [found] = await rows<AccountRef>(
    `select external_id as "externalId", name, attributes->>'stableId' as "stableId" from principals where id = $1::uuid`,
    [accountId],
  );
  return found ?? null;
}

const namesOfEdges = `
  select edge.place::int, jsonb_build_object('externalId', a.external_id, 'name', a.name, 'stableId', a.attributes->>'stableId') as account,
    case when g.id is not null
      then jsonb_build_object('permission', 'member',
        'resource', jsonb_build_object('type', 'group', 'externalId', g.external_id, 'name', g.name, 'stableId', g.attributes->>'stableId'))
      else jsonb_build_object('permission', e.permission,
        'resource', jsonb_build_object('type', r.type, 'externalId', r.external_id, 'name', r.name, 'stableId', r.attributes->>'stableId')) end as access
  from rows from (json_to_recordset($1::json) as ("accountId" uuid, "groupId" uuid, "entitlementId" uuid)) with ordinality
    as edge(account_id, group_id, entitlement_id, place)
  join principals a on a.id = edge.account_id
  left join principals g on g.id = edge.group_id
  left join entitlements e on e.id = edge.entitlement_id
  left join resources r on r.id = e.resource_id
  where g.id is not null or r.id is not null`;
