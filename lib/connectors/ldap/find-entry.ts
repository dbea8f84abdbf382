import { EqualityFilter, type Filter, PresenceFilter } from "ldapts";
import type { Session } from "./client";
import { type Entry, isA, textOf } from "./entry";
import { lookAround, type Surroundings } from "./look-around";
import type { Settings } from "./schema";

/** A directory in which somebody is put into a group, and what it says of itself. */
export type Place = { session: Session; at: Surroundings };

/** The directory behind a session. */
export async function placeOf(session: Session, settings: Settings): Promise<Place> {
  return { session, at: await lookAround(session, settings) };
}

/** The entry with this id, wherever it is now; null where there is none for us. */
export async function findEntry(
  { session, at }: Place,
  externalId: string,
  attributes: readonly string[],
): Promise<Entry | null> {
  const filter = idFilter(externalId, at.schema);
  if (filter === null) return session.entry(externalId, attributes);
  for await (const page of session.pages({ base: at.base, scope: "sub", filter, attributes })) {
    if (page[0]) return page[0];
  }
  return null;
}

/** Where a group lists an account, and as what. */
export type Listing = { attribute: string; value: string };

/** Does the entry have this value? The server compares, so that a list of any size is asked in one step. */
export async function hasValue({ session }: Place, dn: string, listing: Listing): Promise<boolean> {
  const filter = new EqualityFilter(listing);
  for await (const page of session.pages({ base: dn, scope: "base", filter, attributes: ["objectClass"] })) {
    if (page.length > 0) return true;
  }
  return false;
}

/**
 * Is the list of a group shown to us? In OpenLDAP each account sees what it was told it may, and a list without a member is
 * rare; in Active Directory whoever may sign in sees the members of groups, of which many are empty.
 */
export async function showsList({ session, at }: Place, dn: string, { attribute }: Listing): Promise<boolean> {
  if (at.schema === "active-directory") return true;
  const filter = new PresenceFilter({ attribute });
  for await (const page of session.pages({ base: dn, scope: "base", filter, attributes: ["objectClass"] })) {
    if (page.length > 0) return true;
  }
  return false;
}

/** In which attribute a group lists this account, and as what; null where it cannot. */
export function listingOf(group: Entry, account: Entry): Listing | null {
  if (isA(group, "groupOfUniqueNames")) return { attribute: "uniqueMember", value: account.dn };
  if (isA(group, "organizationalRole")) return { attribute: "roleOccupant", value: account.dn };
  if (isA(group, "group", "groupOfNames", "groupOfMembers", "groupOfEntries"))
    return { attribute: "member", value: account.dn };
  const login = textOf(account, "uid");
  return isA(group, "posixGroup") && login !== null ? { attribute: "memberUid", value: login } : null;
}

/**
 * Asks for the entry with this id; null where the id is a name.
 * objectGUID is sixteen bytes of which the first three numbers are turned round; entryUUID is text.
 */
export function idFilter(externalId: string, schema: Surroundings["schema"]): Filter | null {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(externalId)) return null;
  if (schema === "openldap") return new EqualityFilter({ attribute: "entryUUID", value: externalId });
  const [first = "", second = "", third = "", ...rest] = externalId.split("-");
  const turned = [first, second, third].map((part) => Buffer.from(part, "hex").reverse());
  return new EqualityFilter({
    attribute: "objectGUID",
    value: Buffer.concat([...turned, Buffer.from(rest.join(""), "hex")]),
  });
}
