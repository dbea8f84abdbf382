import type { HeldAccess } from "../connectors/provisioning";
import { db } from "../db/client";
import type { Edge } from "./note-edge";

/** The names of both ends in the system's own terms. */
export async function heldAccessOf(edge: Edge): Promise<HeldAccess> {
  const account = await db().principal.findUniqueOrThrow({
    where: { id: edge.accountId },
    select: { externalId: true, name: true },
  });
  if (edge.groupId !== null) {
    const { externalId, name } = await db().principal.findUniqueOrThrow({ where: { id: edge.groupId } });
    return { account, access: { permission: "member", resource: { type: "group", externalId, name } } };
  }
  const { permission, resource } = await db().entitlement.findUniqueOrThrow({
    where: { id: edge.entitlementId ?? "" },
    select: { permission: true, resource: { select: { type: true, externalId: true, name: true } } },
  });
  return { account, access: { permission, resource } };
}
