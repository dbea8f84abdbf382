import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { reachOf } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { type LastUseRow, lastUseColumns, lastUseOf } from "../inventory/last-use";
import type { LastUse } from "../inventory/schema";

/** Somebody or something that holds what is asked for, and when its account there was last used. */
export type Holder = { id: string; name: string; kind: IdentityKind; lastUse: LastUse };

/** Who holds one item of a request, as far as the reader may see them. */
export type ItemHolders = { itemId: string; people: Holder[]; more: boolean; hidden: number };

/** The accounts that hold a group's membership ($1) at any depth, or an entitlement ($2) directly. */
export const holdersSql = `
    select m.member_id as id from memberships m where m.removed_at is null and m.inherits and (m.group_id = $1::uuid
      or m.group_id in (select k.descendant_id from group_closure k where k.ancestor_id = $1::uuid and k.inherits))
    union select s.principal_id from assignments s where s.entitlement_id = $2::uuid and s.removed_at is null`;

const shown = 12;
const counted = 1_000;

// The account of each that was used last tells when. $3 the subject, $4 sees all, $5 the reader.
const sql = `
  with holders as (${holdersSql}),
  people as materialized (
    select distinct on (p.identity_id) p.identity_id, ${lastUseColumns("p")}
    from holders h join principals p on p.id = h.id and p.type = 'account' and p.removed_at is null
    where p.identity_id is not null and p.identity_id <> $3
    order by p.identity_id, p.last_used_at desc nulls last, p.last_use_state limit ${counted}),
  seen as (select i.id, i.name, i.kind, p.* from people p join identities i on i.id = p.identity_id
    where $4::boolean or i.id in (${ownIdentitiesSql("$5::uuid")}))
  select s.*, (select count(*)::int from people) - (select count(*)::int from seen) as hidden
  from (select 1) one left join lateral (
    select * from seen order by last_used_at desc nulls last, name, id limit ${shown + 1}) s on true`;

/**
 * Who else holds what a request asks for: all of them for those who see the inventory and for whoever owns it, else
 * those who report to the reader or are owned by them, and how many are hidden. Part of what whoever decides is shown:
 * whether they may see the request at all is asked before.
 */
export async function listHolders(actor: Actor, requestId: string): Promise<ItemHolders[]> {
  const mine = identityOf(actor);
  const items = await rows<Item>(itemsSql, [requestId, mine]);
  const seesAll = reachOf(actor, "identity:read") === "all";
  return Promise.all(items.map((item) => holdersOf(item, mine, seesAll || item.isOwner)));
}

type Item = {
  id: string;
  groupId: string | null;
  entitlementId: string | null;
  subjectId: string;
  isOwner: boolean;
};

const itemsSql = `
  select i.id, i.group_id as "groupId", i.entitlement_id as "entitlementId", r.subject_id as "subjectId",
    coalesce($2::uuid in (c.owner_id, o.owner_id), false) as "isOwner"
  from request_items i join requests r on r.id = i.request_id join connections c on c.id = i.connection_id
  left join entitlements e on e.id = i.entitlement_id left join resources o on o.id = e.resource_id
  where i.request_id = $1 and i.dropped_at is null order by i.position`;

type HolderRow = LastUseRow & { id: string | null; name: string; kind: IdentityKind; hidden: number };

async function holdersOf(item: Item, mine: string | null, seesAll: boolean): Promise<ItemHolders> {
  const found = await rows<HolderRow>(sql, [item.groupId, item.entitlementId, item.subjectId, seesAll, mine]);
  const people = found.flatMap((row) =>
    row.id === null ? [] : [{ id: row.id, name: row.name, kind: row.kind, lastUse: lastUseOf(row) }],
  );
  return {
    itemId: item.id,
    people: people.slice(0, shown),
    more: people.length > shown,
    hidden: found[0]?.hidden ?? 0,
  };
}
