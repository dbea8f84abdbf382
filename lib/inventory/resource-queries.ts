import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { rows } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import { type HistoryEntry, type HistoryInput, historyInput, pageOfHistory } from "./history";
import type { Named } from "./identity-queries";

/** A resource as its page shows it. */
export type ResourceDetail = {
  id: string;
  type: string;
  name: string;
  externalId: string;
  connection: Named & { environment: string };
  /** What it lies in, outermost first. */
  within: (Named & { type: string })[];
  owner: Named | null;
  /** Where it has none itself: who owns what it lies in, or else the system, and what that is. */
  ownerAbove: (Named & { of: string }) | null;
  childCount: number;
  /** Entitlements on itself that somebody holds. */
  entitlementCount: number;
  /** What the connector observed of it: plain facts only. */
  facts: { name: string; value: string }[];
  firstSeenAt: Date;
  removedAt: Date | null;
};

const byId = z.object({ id: z.string() });

async function assertMayRead(actor: Actor, id: string): Promise<void> {
  await authorize(actor, "resource:read", { type: "resource", id });
  if (!z.uuid().safeParse(id).success) throw notFound();
}

function notFound(): AppError {
  return new AppError("not_found", "There is no such resource.", { remedy: "Look it up by its name." });
}

/** One resource. @throws AppError `forbidden`, `not_found` */
export async function getResource(actor: Actor, input: z.input<typeof byId>): Promise<ResourceDetail> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const [[row], within] = await Promise.all([
    rows<DetailRow>(
      `select r.id, r.type, r.name, r.external_id, r.attributes, r.first_seen_at, r.removed_at, c.id as connection_id,
         c.name as connection_name, c.environment, o.id as owner_id, o.name as owner_name,
         coalesce(po.id, co.id) as above_id, coalesce(po.name, co.name) as above_name,
         case when po.id is null then c.name else u.name end as above_of,
         (select count(*)::int from (select 1 from resources x where x.parent_id = r.id and x.removed_at is null limit 10000) k) as children,
         (select count(*)::int from entitlements e where e.resource_id = r.id and e.removed_at is null) as entitlements
       from resources r join connections c on c.id = r.connection_id left join identities o on o.id = r.owner_id
         left join resources u on u.id = r.parent_id left join identities po on po.id = u.owner_id
         left join identities co on co.id = c.owner_id
       where r.id = $1`,
      [id],
    ),
    rows<Named & { type: string }>(
      `with recursive up as (
         select parent_id, 0 as depth from resources where id = $1
         union all select r.parent_id, up.depth + 1 from up join resources r on r.id = up.parent_id where up.depth < 12)
       select r.id, r.name, r.type from up join resources r on r.id = up.parent_id order by up.depth desc`,
      [id],
    ),
  ]);
  if (!row) throw notFound();
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    externalId: row.external_id,
    connection: { id: row.connection_id, name: row.connection_name, environment: row.environment },
    within,
    owner: row.owner_id === null ? null : { id: row.owner_id, name: row.owner_name ?? "?" },
    ownerAbove:
      row.owner_id !== null || row.above_id === null
        ? null
        : { id: row.above_id, name: row.above_name ?? "?", of: row.above_of },
    childCount: row.children,
    entitlementCount: row.entitlements,
    facts: plainFacts(row.attributes),
    firstSeenAt: row.first_seen_at,
    removedAt: row.removed_at,
  };
}

type DetailRow = {
  id: string;
  type: string;
  name: string;
  external_id: string;
  attributes: Record<string, unknown>;
  first_seen_at: Date;
  removed_at: Date | null;
  connection_id: string;
  connection_name: string;
  environment: string;
  owner_id: string | null;
  owner_name: string | null;
  above_id: string | null;
  above_name: string | null;
  above_of: string;
  children: number;
  entitlements: number;
};

const mostFacts = 6;

function plainFacts(attributes: Record<string, unknown>): ResourceDetail["facts"] {
  return Object.entries(attributes)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "")
    .slice(0, mostFacts)
    .map(([name, value]) => ({ name, value: String(value).slice(0, 200) }));
}

const childrenInput = z.object({
  id: z.string(),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(500).default(50),
});

export type ChildResource = { id: string; type: string; name: string; entitlements: number };

/** What lies in a resource, by name. */
export async function listChildResources(
  actor: Actor,
  input: z.input<typeof childrenInput>,
): Promise<{ items: ChildResource[]; nextCursor: string | null }> {
  const { id, cursor, limit } = childrenInput.parse(input);
  await assertMayRead(actor, id);
  const [name, after] = cursor ? readCursor(cursor, "name", z.tuple([z.string(), z.uuid()])) : [null, null];
  const found = await rows<ChildResource & { place: string }>(
    `select r.id, r.type, r.name, lower(r.name) as place,
       (select count(*)::int from entitlements e where e.resource_id = r.id and e.removed_at is null) as entitlements
     from resources r where r.parent_id = $1 and r.removed_at is null
       and ($2::text is null or (lower(r.name), r.id) > ($2, $3::uuid))
     order by lower(r.name), r.id limit $4`,
    [id, name, after, limit + 1],
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ place: _, ...child }) => child),
    nextCursor: found.length > limit && last ? cursorOf("name", [last.place, last.id]) : null,
  };
}

/** What became of a resource and of the assignments on it, the newest first. */
export async function listResourceHistory(
  actor: Actor,
  input: HistoryInput,
): Promise<{ items: HistoryEntry[]; nextCursor: string | null }> {
  const asked = historyInput.parse(input);
  await assertMayRead(actor, asked.id);
  return pageOfHistory(changesOf, asked);
}

function changesOf(column: string, way: string): string {
  return `select s.${column} as at, '${way}:' || e.permission as key, '${way}' as way, e.permission, count(*)::int as count,
      (array_agg(p.name order by p.name))[1:5] as holders
    from entitlements e join assignments s on s.entitlement_id = e.id join principals p on p.id = s.principal_id
    where e.resource_id = $1 and s.${column} is not null group by s.${column}, e.permission
    union all
    select ${column}, '${way}', '${way}', null, 1, '{}' from resources where id = $1 and ${column} is not null`;
}
