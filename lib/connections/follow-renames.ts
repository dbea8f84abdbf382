import type { Tx } from "../db/client";

type Table = "principals" | "resources";

/**
 * Finds what is open in the inventory and was read under another name, by what its system tells it by for good
 * (`stableId`): ids and new names in the table `renamed_principals` or `renamed_resources` of this transaction. Where two
 * things say they are the same, nothing was renamed. Whoever had such a name before is gone, unless it was renamed too.
 */
export async function findRenamed(
  tx: Tx,
  table: Table,
  { connectionId, since }: { connectionId: string; since: Date },
): Promise<void> {
  await tx.$executeRawUnsafe(
    `create temp table renamed_${table} on commit drop as
    select p.id, s.type, s.external_id from ${table} p join seen_${table} s
        on s.attributes->>'stableId' = p.attributes->>'stableId' and s.external_id <> p.external_id
          ${table === "resources" ? "and s.type = p.type" : ""}
      where p.connection_id = $1::uuid and p.removed_at is null and p.first_seen_at <= $2::timestamptz
        and exists (select 1 from seen_${table} where attributes ? 'stableId')
        and 1 = (select count(*) from seen_${table} o where o.attributes->>'stableId' = s.attributes->>'stableId')
        and 1 = (select count(*) from ${table} o where o.connection_id = p.connection_id and o.removed_at is null
          and o.attributes->>'stableId' = p.attributes->>'stableId')`,
    connectionId,
    since,
  );
}

/** Gives what was found its new name; in two steps, because two may have changed names with each other. */
export async function rename(tx: Tx, table: Table): Promise<void> {
  const renamed = await tx.$executeRawUnsafe(
    `update ${table} p set external_id = 'renamed ' || p.id from renamed_${table} r where p.id = r.id`,
  );
  if (renamed === 0) return;
  await tx.$executeRawUnsafe(
    `update ${table} p set external_id = r.external_id from renamed_${table} r where p.id = r.id`,
  );
}
