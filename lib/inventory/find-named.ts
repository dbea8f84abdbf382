import { identityOf, ownIdentitiesSql } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorize, authorizeReach } from "../auth/authorize";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { isId } from "../lists/conditions";

export type NamedIdentity = { id: string; name: string; detail: string };
export type NamedResource = { id: string; name: string; connection: string; type: string; externalId: string };

const shownAtMost = 8;

/**
 * The one identity that is meant by an id, an e-mail address, a name, or the name or external id of one of its
 * accounts; what is gone is found when nothing live is meant.
 * @throws AppError `not_found`, `conflict` (several are meant; the message tells them apart), `forbidden`
 */
export async function findIdentityNamed(actor: Actor, text: string): Promise<NamedIdentity> {
  const reach = await authorizeReach(actor, "identity:read", { type: "identity", name: text });
  const own = reach === "own" ? `and i.id in (${ownIdentitiesSql("$2")})` : "";
  const found = await rows<NamedIdentity & { live: boolean }>(
    `with meant as (
       select id from identities where ${isId(text) ? "id = $1::uuid" : "lower(email) = lower($1) or lower(name) = lower($1)"}
       union
       select identity_id from principals where identity_id is not null
         and ${isId(text) ? "id = $1::uuid" : "(external_id = $1 or lower(name) = lower($1))"})
     select i.id, i.name, concat_ws(', ', i.kind, i.email, array_to_string(i.connection_names, ' ')) as detail,
       i.removed_at is null as live
     from identities i join meant on meant.id = i.id where true ${own} order by 4 desc, i.name, i.id limit 50`,
    reach === "own" ? [text, identityOf(actor)] : [text],
  );
  const live = found.filter((identity) => identity.live);
  return onlyOne(live.length > 0 ? live : found, "identity", text, (identity) => `${identity.id} (${identity.detail})`);
}

/**
 * The one resource that is meant by an id, a name or an external id.
 * @throws AppError `not_found`, `conflict` (several are meant; the message tells them apart), `forbidden`
 */
export async function findResourceNamed(
  actor: Actor,
  wanted: { text: string; connection?: string | undefined; type?: string | undefined },
): Promise<NamedResource> {
  await authorize(actor, "resource:read", { type: "resource", name: wanted.text });
  const meant = isId(wanted.text) ? "r.id = $1::uuid" : "(lower(r.name) = lower($1) or r.external_id = $1)";
  const found = await rows<NamedResource & { live: boolean }>(
    `select r.id, r.name, c.name as connection, r.type, r.external_id as "externalId", r.removed_at is null as live
     from resources r join connections c on c.id = r.connection_id
     where ${meant} and ($2::text is null or c.name = $2 or c.id::text = $2) and ($3::text is null or r.type = $3)
     order by 6 desc, c.name, r.type, r.external_id limit 50`,
    [wanted.text, wanted.connection ?? null, wanted.type ?? null],
  );
  const live = found.filter((resource) => resource.live);
  return onlyOne(
    live.length > 0 ? live : found,
    "resource",
    wanted.text,
    (resource) => `${resource.id} (${resource.type} ${resource.externalId} in ${resource.connection})`,
  );
}

function onlyOne<Item>(found: Item[], noun: string, text: string, told: (item: Item) => string): Item {
  const [first, second] = found;
  if (first && !second) return first;
  if (!first) throw new AppError("not_found", `There is no ${noun} ${text}.`, { field: noun });
  const several = found.slice(0, shownAtMost).map(told).join(", ");
  const more = found.length > shownAtMost ? " and more" : "";
  throw new AppError("conflict", `Several are called ${text}: ${several}${more}.`, {
    field: noun,
    remedy: "Give the id of the one that is meant.",
  });
}
