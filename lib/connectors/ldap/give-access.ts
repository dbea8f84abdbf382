import { Attribute, Change } from "ldapts";
import { ConnectorError } from "../connector-error";
import type { Context } from "../contract";
import type { AccessRef, HeldAccess, Outcome, ReadBack } from "../provisioning";
import { DirectoryIndex } from "./directory-index";
import { bytesOf, type Entry, textsOf } from "./entry";
import { findEntry, hasValue, type Listing, listingOf, type Place, showsList } from "./find-entry";
import { inPlace } from "./kept-places";
import { memberAttributes } from "./kinds";
import { primaryGroups } from "./map-groups";
import { impossibleBy, isGoneAlready, isThereAlready, needsMember } from "./refusals";
import type { Secrets, Settings } from "./schema";
import { sidOf } from "./sid";

/** What a verb that changes the directory is called with. */
export type Call = Context<Settings, Secrets>;

/** May this connection change the directory at all? */
export function mayProvision(settings: Settings): true | { because: string; remedy: string } {
  if (settings.provisionDn) return true;
  return {
    because: "this connection only reads: it has no account that gives access",
    remedy: "Make one as the set-up instructions say, and name it in the connection's settings.",
  };
}

/** Membership of groups is given, and nothing else. */
export function canGive({ permission, resource }: AccessRef): true | { because: string; remedy: string } {
  if (permission === "member" && resource.type === "group") return true;
  return {
    because: `a directory gives membership of groups, not “${permission}” on a ${resource.type}`,
    remedy: "Ask for membership of the group that opens it.",
  };
}

/** Puts an account into a group. A directory ends no membership by itself, so `until` is for others to keep. */
export async function grant(context: Call, held: HeldAccess): Promise<Outcome> {
  return changing(context, held, async (place, { group, account, listing }) => {
    if (await hasValue(place, group.dn, listing)) return already(`${listing.value} is in ${group.dn} already`);
    if (isPrimary(place, group, account)) return already(`${group.dn} is the primary group of ${account.dn}`);
    const change = changeOf("add", listing);
    try {
      await place.session.run(group.dn, (client) => client.modify(group.dn, change));
    } catch (error) {
      if (isThereAlready(error)) return already(`${listing.value} is in ${group.dn} already`);
      return impossibleBy(error, context.settings.provisionDn, group.dn);
    }
    return { outcome: "done", detail: `added ${listing.value} to ${listing.attribute} of ${group.dn}` };
  });
}

/** Takes an account out of a group. Who else wanted it there, a directory does not keep. */
export async function revoke(context: Call, held: HeldAccess): Promise<Outcome> {
  return changing(context, held, async (place, { group, account, listing }) => {
    if (!(await hasValue(place, group.dn, listing))) {
      if (isPrimary(place, group, account)) return asPrimary(group, account);
      // A list that is not shown may hold it all the same: then only the answer to the change tells.
      if (await showsList(place, group.dn, listing)) return already(`${listing.value} is not in ${group.dn}`);
    }
    return takeOut(context, place, { group, listing });
  });
}

/** Reads group and account again. */
export async function readBack(context: Call, held: HeldAccess): Promise<ReadBack> {
  const as = mayProvision(context.settings) === true ? "gives" : "reads";
  return inPlace(context, as, async (place) => {
    const found = await findBoth(place, held);
    if ("because" in found) return { held: false, ours: false, alsoBy: [], detail: found.because };
    const { group, listing } = found;
    const isListed =
      (await hasValue(place, group.dn, listing)) || (await isShownToReader(context, place, group, listing));
    return seenAs(place, found, isListed);
  });
}

/** What was read of a group and an account, in words. */
export function seenAs(place: Place, { group, account, listing }: Both, isListed: boolean): ReadBack {
  const primary = isPrimary(place, group, account);
  const asked = `(${listing.attribute}=${listing.value}) of ${group.dn}`;
  return {
    held: isListed || primary,
    ours: isListed,
    alsoBy: primary ? [`primary group of ${account.dn}`] : [],
    detail: `${asked}: ${isListed}${primary ? "; it is the primary group" : ""}`,
  };
}

/** A group and an account, and how the one lists the other. */
export type Both = { group: Entry; account: Entry; listing: Listing };
type Missing = { outcome: "impossible"; because: string; remedy: string };

async function changing(
  context: Call,
  held: HeldAccess,
  work: (place: Place, both: Both) => Promise<Outcome>,
): Promise<Outcome> {
  const may = mayProvision(context.settings);
  if (may !== true) throw new ConnectorError("invalid", may.because, { remedy: may.remedy });
  const possible = canGive(held.access);
  if (possible !== true) return { outcome: "impossible", ...possible };
  return inPlace(context, "gives", async (place) => {
    const found = await findBoth(place, held);
    return "because" in found ? found : work(place, found);
  });
}

/** What must be known of a group and of an account, to tell how the one lists the other. */
export const groupFacts = ["objectClass", "objectSid", "sAMAccountName", "gidNumber"];
export const accountFacts = [...groupFacts, "primaryGroupID", "uid"];

async function findBoth(place: Place, { account, access }: HeldAccess): Promise<Both | Missing> {
  const group = await findEntry(place, access.resource.externalId, groupFacts);
  const member = await findEntry(place, account.externalId, accountFacts);
  if (!group) return gone(`group ${access.resource.name}`);
  if (!member) return gone(`account ${account.name}`);
  const listing = listingOf(group, member);
  if (listing) return { group, account: member, listing };
  return {
    outcome: "impossible",
    because: `${group.dn} lists no members of this kind (${textsOf(group, "objectClass").join(", ")})`,
    remedy: "Use a group with member, uniqueMember or memberUid; for memberUid the account needs a uid.",
  };
}

function gone(what: string): Missing {
  return {
    outcome: "impossible",
    because: `the directory shows no ${what}`,
    remedy: "Read the directory again; or let the account that gives access see it.",
  };
}

/** Is it the account's primary group, which lists nobody? */
export function isPrimary(place: Place, group: Entry, account: Entry): boolean {
  const index = new DirectoryIndex("");
  index.add(group);
  const isAd = sidOf(bytesOf(account, "objectSid")[0]) !== null;
  return isAd === (place.at.schema === "active-directory") && primaryGroups(account, index).length > 0;
}

// Who may only write where it was told to may not see the list of a group elsewhere; whoever reads does.
async function isShownToReader(context: Call, place: Place, group: Entry, listing: Listing): Promise<boolean> {
  if (mayProvision(context.settings) !== true || (await showsList(place, group.dn, listing))) return false;
  return inPlace(context, "reads", (reading) => hasValue(reading, group.dn, listing));
}

/** Takes an account out of the list of a group. @throws ConnectorError where a later try may succeed */
export async function takeOut(
  context: Call,
  place: Place,
  { group, listing }: Pick<Both, "group" | "listing">,
): Promise<Outcome> {
  try {
    await deleteValue(place, group, listing);
  } catch (error) {
    if (isGoneAlready(error)) return already(`${listing.value} is not in ${group.dn}`);
    return impossibleBy(error, context.settings.provisionDn, group.dn);
  }
  return { outcome: "done", detail: `removed ${listing.value} from ${listing.attribute} of ${group.dn}` };
}

// groupOfNames must have a member (RFC 4519, 3.5): the last one leaves the empty name behind, which is nobody.
async function deleteValue({ session }: Place, group: Entry, listing: Listing): Promise<void> {
  const change = changeOf("delete", listing);
  try {
    await session.run(group.dn, (client) => client.modify(group.dn, change));
  } catch (error) {
    if (!needsMember(error) || !memberAttributes.some((name) => name === listing.attribute)) throw error;
    const nobody = changeOf("add", { ...listing, value: "" });
    await session.run(group.dn, (client) => client.modify(group.dn, [nobody, change]));
  }
}

/** A change of one value. */
export function changeOf(operation: "add" | "delete" | "replace", { attribute, value }: Listing): Change {
  return new Change({ operation, modification: new Attribute({ type: attribute, values: [value] }) });
}

/** It was so before. */
export function already(detail: string): Outcome {
  return { outcome: "already", detail };
}

/** What no group lists cannot be taken out of it. */
export function asPrimary(group: Entry, account: Entry): Outcome {
  return {
    outcome: "impossible",
    because: `${group.dn} is the primary group of ${account.dn}, which every account must have`,
    remedy: "Give the account another primary group first (primaryGroupID, gidNumber).",
  };
}
