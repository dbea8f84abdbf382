import type { HeldAccess } from "../connectors/provisioning";
import { rows } from "../db/client";
import type { Edge } from "./note-edge";

/** The names of both ends in the system's own terms. */
export async function heldAccessOf(edge: Edge): Promise<HeldAccess> {
  const [found] = await rows<{ account: HeldAccess["account"]; access: HeldAccess["access"] }>(namesOfEdge, [
    edge.accountId,
    edge.groupId,
    edge.entitlementId,
  ]);
  if (!found) throw new Error("an end of an edge is gone from the inventory");
  return found;
}

const namesOfEdge = `
  select jsonb_build_object('externalId', a.external_id, 'name', a.name) as account,
    case when g.id is not null
      then jsonb_build_object('permission', 'member',
        'resource', jsonb_build_object('type', 'group', 'externalId', g.external_id, 'name', g.name))
      else jsonb_build_object('permission', e.permission,
        'resource', jsonb_build_object('type', r.type, 'externalId', r.external_id, 'name', r.name)) end as access
  from principals a
  left join principals g on g.id = $2::uuid
  left join entitlements e on e.id = $3::uuid
  left join resources r on r.id = e.resource_id
  where a.id = $1::uuid and (g.id is not null or r.id is not null)`;
