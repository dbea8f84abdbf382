import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";

/** A permission on a resource that somebody holds or held, as the system itself says it. */
export type EntitlementRow = {
  id: string;
  connection: { id: string; name: string };
  resource: { id: string; type: string; name: string; externalId: string };
  permission: string;
  /** 1 read, 2 write, 3 admin, 4 everything. */
  privilege: number;
  condition: string | null;
  /** It covers more than the resource it names; the connector's evaluator says what. */
  pattern: boolean;
  /** How many accounts and groups hold it directly. */
  holderCount: number;
  firstSeenAt: Date;
};

export type EntitlementFilters = {
  limit: number;
  cursor?: string | undefined;
  /** Id or name. */
  connection?: string | undefined;
  /** Id. */
  resource?: string | undefined;
  permission?: string | undefined;
  pattern?: boolean | undefined;
};

/** Live entitlements in the order in which they were first seen, by keyset. */
export async function listEntitlements(
  actor: Actor,
  filters: EntitlementFilters,
): Promise<{ items: EntitlementRow[]; nextCursor: string | null }> {
  await authorize(actor, "resource:read", { type: "entitlement" });
  const [after] = filters.cursor ? readCursor(filters.cursor, "seen", z.tuple([z.uuid()])) : [null];
  const values: unknown[] = [filters.limit + 1];
  const where = ["e.removed_at is null"];
  const narrow = (value: unknown, condition: (placeholder: string) => string) => {
    if (value !== undefined && value !== null) where.push(condition(`$${values.push(value)}`));
  };
  narrow(after, (it) => `e.id > ${it}::uuid`);
  narrow(filters.resource, (it) => `e.resource_id = ${it}::uuid`);
  narrow(filters.permission, (it) => `e.permission = ${it}`);
  narrow(filters.pattern, (it) => `(e.pattern is not null) = ${it}::boolean`);
  narrow(
    filters.connection,
    (it) => `e.connection_id = any(array(select id from connections where name = ${it} or id::text = ${it}))`,
  );
  const found = await rows<EntitlementRow>(
    `with page as materialized (
       select e.* from entitlements e where ${where.join(" and ")} order by e.id limit $1)
     select e.id, e.permission, e.privilege, e.condition, e.pattern is not null as pattern, e.first_seen_at as "firstSeenAt",
       json_build_object('id', c.id, 'name', c.name) as connection,
       json_build_object('id', r.id, 'type', r.type, 'name', r.name, 'externalId', r.external_id) as resource,
       (select count(*)::int from assignments a where a.entitlement_id = e.id and a.removed_at is null) as "holderCount"
     from page e join connections c on c.id = e.connection_id join resources r on r.id = e.resource_id order by e.id`,
    values,
  );
  const items = found.slice(0, filters.limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > filters.limit && last ? cursorOf("seen", [last.id]) : null };
}
