import type { ResourceFact } from "../connectors/contract";
import { connectorNamed } from "../connectors/registry";
import { rows } from "../db/client";
import { aliveSql, byTime, type When, whenOf } from "./held-sql";

/** A thing whose access is asked for, in its connection. */
export type AskedResource = ResourceFact & {
  connection: { id: string; connector: string };
  owners: (string | null)[];
  /** Every entitlement of the connection that is a pattern. */
  patterns: EntitlementRow[];
};

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

const patternsSql = (when: When) => `
  select json_agg(json_build_object('id', e.id, 'permission', e.permission, 'privilege', e.privilege, 'condition',
    e.condition, 'pattern', e.pattern, 'own', false)) from entitlements e
  where e.connection_id = r.connection_id and e.pattern is not null and ${aliveSql("e", when, "$2")}
    and $2::timestamptz is not null`;

const resourceSql = byTime(
  (when) => `
  select r.type, r.external_id as "externalId", r.name, r.attributes, array[r.owner_id, c.owner_id] as owners,
    json_build_object('id', c.id, 'connector', c.connector) as connection, (${patternsSql(when)}) as patterns
  from resources r join connections c on c.id = r.connection_id where r.id = $1`,
);

/** A resource with what decides on it everywhere in its connection, or null. */
export async function readResource(id: string, time: Date, at?: Date): Promise<AskedResource | null> {
  const when = whenOf(at);
  const [found] = await rows<AskedResource & { patterns: EntitlementRow[] | null }>(
    resourceSql[when],
    [id, time],
    `resource-of-access-${when}`,
  );
  return found ? { ...found, patterns: found.patterns ?? [] } : null;
}

const aroundSql = byTime(
  (when) => `
  select ${columns}, around.place = 1 as own
  from unnest($3::text[], $4::text[]) with ordinality as around (type, external_id, place)
  join resources r on r.connection_id = $1 and r.type = around.type and r.external_id = around.external_id
  join entitlements e on e.resource_id = r.id and ${aliveSql("e", when, "$2")}
  where $2::timestamptz is not null and (e.pattern is null or around.place = 1)`,
);

/** Everything that gives a permission on this resource, whoever may hold it. */
export async function readSources(resource: AskedResource, time: Date, at?: Date): Promise<Source[]> {
  const when = whenOf(at);
  const { connection, type, externalId, patterns } = resource;
  const connector = connectorNamed(connection.connector);
  const around = [{ type, id: externalId }, ...(connector?.enclosing?.({ type, id: externalId }) ?? [])];
  const standing = await rows<EntitlementRow>(
    aroundSql[when],
    [connection.id, time, around.map((it) => it.type), around.map((it) => it.id)],
    `sources-around-${when}`,
  );
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
