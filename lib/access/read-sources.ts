import type { ResourceFact } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import { aliveSql, byTime, whenOf } from "./held-sql";

/** A thing whose access is asked for, in its connection. */
export type AskedResource = ResourceFact & { connection: { id: string; connector: string } };

/** An entitlement that gives a permission on a resource: its own, one of what encloses it, or by a pattern. */
export type Source = {
  entitlement: string;
  permission: string;
  privilege: number;
  condition: string | null;
};

type EntitlementRow = {
  id: string;
  permission: string;
  privilege: number;
  condition: string | null;
  pattern: Record<string, unknown> | null;
  /** It stands on the resource itself. */
  own: boolean;
};

const columns = "e.id, e.permission, e.privilege, e.condition, e.pattern";

const aroundSql = byTime(
  (when) => `
  select ${columns}, around.place = 1 as own
  from unnest($3::text[], $4::text[]) with ordinality as around (type, external_id, place)
  join resources r on r.connection_id = $1 and r.type = around.type and r.external_id = around.external_id
  join entitlements e on e.resource_id = r.id and ${aliveSql("e", when, "$2")}
  where $2::timestamptz is not null and (e.pattern is null or around.place = 1)`,
);

const patternsSql = byTime(
  (when) => `
  select ${columns}, false as own from entitlements e
  where e.connection_id = $1 and e.pattern is not null and ${aliveSql("e", when, "$2")} and $2::timestamptz is not null`,
);

/** Everything that gives a permission on this resource, whoever may hold it. */
export async function readSources(resource: AskedResource, time: Date, at?: Date): Promise<Source[]> {
  const when = whenOf(at);
  const { connection, type, externalId } = resource;
  const connector = connectorNamed(connection.connector);
  const around = [{ type, id: externalId }, ...(connector?.enclosing?.({ type, id: externalId }) ?? [])];
  const [standing, patterns] = await Promise.all([
    rows<EntitlementRow>(
      aroundSql[when],
      [connection.id, time, around.map((it) => it.type), around.map((it) => it.id)],
      `sources-around-${when}`,
    ),
    rows<EntitlementRow>(patternsSql[when], [connection.id, time], `sources-by-pattern-${when}`),
  ]);
  const sources = [
    ...standing.filter((row) => row.own || existsOn(connection.connector, type, row.permission)).map(sourceOf),
    ...patterns.flatMap((row) => byPattern(row, resource)),
  ];
  // What stands on the resource itself may also be given by its own pattern.
  return [...new Map(sources.map((it) => [`${it.entitlement} ${it.permission}`, it])).values()];
}

/** Is there such a permission on this type of resource at all, as far as the connector says? */
export function existsOn(connectorName: string, type: string, permission: string): boolean {
  const known = connectorNamed(connectorName)?.permissionsOn?.(type) ?? [];
  return known.length === 0 || known.includes(permission);
}

function sourceOf({ id, permission, privilege, condition }: EntitlementRow): Source {
  return { entitlement: id, permission, privilege, condition };
}

function byPattern(row: EntitlementRow, resource: AskedResource): Source[] {
  const granted = connectorNamed(resource.connection.connector)?.patternGrants?.(row.pattern ?? {}, resource) ?? [];
  return granted.map((permission) => ({ ...sourceOf(row), permission }));
}
