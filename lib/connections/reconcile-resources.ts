import type { Tx } from "../db/client";
import { findRenamed, rename } from "./follow-renames";
import type { Counts, Reconciliation } from "./reconciliation";

/**
 * Resources: a resource that is gone takes its entitlements and their assignments along. One that only has another name is
 * the same.
 */
export async function reconcileResources(tx: Tx, { runId, connectionId, at, since }: Reconciliation): Promise<Counts> {
  await tx.$executeRaw`create temp table seen_resources on commit drop as
    select distinct on (type, external_id) * from staged_resources where run_id = ${runId}::uuid order by type, external_id, ctid`;
  await tx.$executeRaw`create index on seen_resources (type, external_id)`;
  await tx.$executeRaw`analyze seen_resources`;
  await findRenamed(tx, "resources", { connectionId, since });
  const removed = await tx.$queryRaw<{ id: string }[]>`
    update resources r set removed_at = ${at} where r.connection_id = ${connectionId}::uuid and r.removed_at is null
      and r.id not in (select id from renamed_resources)
      and (not exists (select 1 from seen_resources s where s.type = r.type and s.external_id = r.external_id)
        or exists (select 1 from renamed_resources n where n.type = r.type and n.external_id = r.external_id)) returning r.id`;
  await endEntitlements(
    tx,
    removed.map((row) => row.id),
    at,
  );
  await rename(tx, "resources");
  const changed = await tx.$executeRaw`
    update resources r set name = s.name, attributes = s.attributes, content_hash = s.content_hash, search = s.search from seen_resources s
    where r.connection_id = ${connectionId}::uuid and r.removed_at is null and r.type = s.type and r.external_id = s.external_id and r.content_hash <> s.content_hash`;
  const added = await tx.$executeRaw`
    insert into resources (connection_id, type, external_id, name, attributes, content_hash, first_seen_at, search)
    select ${connectionId}::uuid, s.type, s.external_id, s.name, s.attributes, s.content_hash, ${at}::timestamptz, s.search from seen_resources s
    where not exists (select 1 from resources r where r.connection_id = ${connectionId}::uuid and r.type = s.type and r.external_id = s.external_id and r.removed_at is null)`;
  await tx.$executeRaw`
    update resources r set parent_id = p.id from seen_resources s
    left join resources p on p.connection_id = ${connectionId}::uuid and p.type = s.parent_type and p.external_id = s.parent_external_id and p.removed_at is null
    where r.connection_id = ${connectionId}::uuid and r.removed_at is null and r.type = s.type and r.external_id = s.external_id
      and r.parent_id is distinct from p.id and p.id is distinct from r.id`;
  return { added, changed, removed: removed.length };
}

async function endEntitlements(tx: Tx, resourceIds: string[], at: Date): Promise<void> {
  if (resourceIds.length === 0) return;
  await tx.$executeRaw`update assignments set removed_at = ${at} where removed_at is null
    and entitlement_id in (select id from entitlements where removed_at is null and resource_id = any(${resourceIds}::uuid[]))`;
  await tx.$executeRaw`update entitlements set removed_at = ${at} where removed_at is null and resource_id = any(${resourceIds}::uuid[])`;
}
