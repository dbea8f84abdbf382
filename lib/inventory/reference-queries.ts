import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { reachOf } from "../auth/authorize";
import { rows } from "../db/client";
import { isId } from "../lists/conditions";
import type { ListFilter } from "../lists/schema";
import type { ListPage } from "../views/labels";

type Option = { value: string; label: string };

/**
 * What the reference filters of a list may be set to where that is few, and what those that are set are called. A name
 * that the actor may not see stays an id.
 */
export async function listReferenceOptions(
  actor: Actor,
  input: { page: ListPage; filters: readonly ListFilter[] },
): Promise<Record<string, Option[]>> {
  const owners = input.filters.find((filter) => filter.field === "owner")?.values.filter(isId) ?? [];
  const [connection, owner, type] = await Promise.all([
    listSystems(actor),
    owners.length > 0 ? namesOf(actor, owners) : [],
    input.page === "resources" ? listTypes(actor) : [],
  ]);
  return { connection, owner, ...(input.page === "resources" ? { type } : {}) };
}

async function listSystems(actor: Actor): Promise<Option[]> {
  if (reachOf(actor, "connection:read") === "all")
    return rows<Option>(
      "select name as value, name as label from connections where removed_at is null order by name limit 500",
    );
  return rows<Option>(
    `select distinct system as value, system as label from identities i, unnest(i.connection_names) as system
      where i.removed_at is null and i.id in (${ownIdentitiesSql("$1")}) order by 1 limit 500`,
    [identityOf(actor)],
  );
}

async function namesOf(actor: Actor, ids: readonly string[]): Promise<Option[]> {
  const reach = reachOf(actor, "identity:read");
  if (reach === "none") return [];
  const own = reach === "own" ? `and id in (${ownIdentitiesSql("$2")})` : "";
  return rows<Option>(
    `select id as value, name as label from identities where id = any($1::uuid[]) ${own}`,
    reach === "own" ? [ids, identityOf(actor)] : [ids],
  );
}

// Hops from one type to the next over the index, so that a million tables cost no more than ten.
async function listTypes(actor: Actor): Promise<Option[]> {
  if (reachOf(actor, "resource:read") !== "all") return [];
  return rows<Option>(
    `with recursive types (type) as (
       (select type from resources where removed_at is null order by type limit 1)
       union all
       select (select r.type from resources r where r.removed_at is null and r.type > types.type order by r.type limit 1)
         from types where types.type is not null)
     select type as value, type as label from types where type is not null limit 500`,
  );
}
