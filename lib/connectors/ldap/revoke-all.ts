import { AndFilter, EqualityFilter, type Filter, OrFilter, PresenceFilter } from "ldapts";
import { nowMs } from "../../time";
import { ConnectorError } from "../connector-error";
import type { AccessRef, AccountRef, HeldAccess, Outcome, SessionsEnded, TakenOne } from "../provisioning";
import { idOf } from "./directory-index";
import { normalDn } from "./dn";
import type { Entry } from "./entry";
import { idFilter, listingOf, type Place } from "./find-entry";
import {
  accountFacts,
  already,
  asPrimary,
  type Both,
  type Call,
  canGive,
  groupFacts,
  isPrimary,
  mayProvision,
  readBack,
  revoke,
  seenAs,
  takeOut,
} from "./give-access";
import { inPlace } from "./kept-places";

type Of = { account: AccountRef; accesses: readonly AccessRef[] };

/**
 * Takes an account out of several groups in one session: all are looked at together, changed side by side, each for itself,
 * and read back together. What has no id that could be asked for with the others is taken alone.
 */
export async function revokeAll(
  context: Call,
  { account, accesses }: Of,
): Promise<{ each: TakenOne[]; sessions: SessionsEnded | null }> {
  const may = mayProvision(context.settings);
  if (may !== true) throw new ConnectorError("invalid", may.because, { remedy: may.remedy });
  const together = await inPlace(context, "gives", (place) => takeTogether(context, place, { account, accesses }));
  const each: TakenOne[] = [];
  for (const access of accesses) each.push(together.get(access) ?? (await takeAlone(context, { account, access })));
  return { each, sessions: null };
}

async function takeTogether(context: Call, place: Place, { account, accesses }: Of): Promise<Map<AccessRef, TakenOne>> {
  const before = await look(place, account, accesses);
  const tried = await Promise.all(
    [...before].map(async ([access, seen]) => [access, await takeOne(context, place, seen)] as const),
  );
  const doneAtMs = nowMs();
  const after = await look(place, account, [...before.keys()]);
  const taken = new Map<AccessRef, TakenOne>();
  for (const [access, outcome] of tried) {
    if ("error" in outcome) taken.set(access, outcome);
    else {
      const now = after.get(access);
      // A list that is not shown here is shown to whoever reads.
      const isTold = now !== undefined && (now.isListed || now.isShown);
      taken.set(access, {
        ...{ taken: outcome, doneAtMs },
        readBack: isTold ? seenAs(place, now, now.isListed) : await readBack(context, { account, access }),
      });
    }
  }
  return taken;
}

type Seen = Both & { isListed: boolean; isShown: boolean };

async function takeOne(context: Call, place: Place, seen: Seen): Promise<Outcome | { error: unknown }> {
  const { group, account, listing, isListed, isShown } = seen;
  if (!isListed && isPrimary(place, group, account)) return asPrimary(group, account);
  // A list that is not shown may hold it all the same: then only the answer to the change tells.
  if (!isListed && isShown) return already(`${listing.value} is not in ${group.dn}`);
  return takeOut(context, place, seen).catch((error: unknown) => ({ error }));
}

async function takeAlone(context: Call, held: HeldAccess): Promise<TakenOne> {
  try {
    const taken = await revoke(context, held);
    const doneAtMs = nowMs();
    return { taken, doneAtMs, readBack: await readBack(context, held) };
  } catch (error) {
    return { error };
  }
}

// Those that are there and can be asked for by their id, each once.
async function look(place: Place, account: AccountRef, accesses: readonly AccessRef[]): Promise<Map<AccessRef, Seen>> {
  const byId = new Map<string, AccessRef>();
  for (const access of accesses) {
    const { externalId } = access.resource;
    if (canGive(access) === true && !byId.has(externalId)) byId.set(externalId, access);
  }
  const found = await find(place, [account.externalId, ...byId.keys()]);
  const member = found.get(account.externalId);
  const both = new Map<AccessRef, Both>();
  for (const [id, access] of byId) {
    const group = found.get(id);
    const listing = group && member ? listingOf(group, member) : null;
    if (group && member && listing) both.set(access, { group, account: member, listing });
  }
  return withLists(place, both);
}

async function find(place: Place, ids: readonly string[]): Promise<Map<string, Entry>> {
  const filters = ids.flatMap((id) => idFilter(id, place.at.schema) ?? []);
  const found = new Map<string, Entry>();
  if (filters.length === 0) return found;
  const attributes = [...new Set([...groupFacts, ...accountFacts, "objectGUID", "entryUUID"])];
  const search = { base: place.at.base, scope: "sub", filter: new OrFilter({ filters }), attributes } as const;
  for await (const page of place.session.pages(search)) for (const entry of page) found.set(idOf(entry), entry);
  return found;
}

// The server compares, so that lists of any size are asked in one step: those that list it in the same way together.
async function withLists(place: Place, both: ReadonlyMap<AccessRef, Both>): Promise<Map<AccessRef, Seen>> {
  const alike = new Map<string, [AccessRef, Both][]>();
  for (const [access, one] of both) {
    const key = JSON.stringify(one.listing);
    alike.set(key, [...(alike.get(key) ?? []), [access, one]]);
  }
  const seen = new Map<AccessRef, Seen>();
  for (const group of alike.values()) {
    const [first] = group;
    if (!first) continue;
    const { listing } = first[1];
    const listed = await among(place, group, new EqualityFilter(listing));
    const others = group.filter(([, one]) => !listed.has(normalDn(one.group.dn)));
    const shown = await shownAmong(place, others, listing.attribute);
    for (const [access, one] of group) {
      const dn = normalDn(one.group.dn);
      seen.set(access, { ...one, isListed: listed.has(dn), isShown: listed.has(dn) || shown.has(dn) });
    }
  }
  return seen;
}

type Some = readonly (readonly [AccessRef, Both])[];

// As for one: in Active Directory whoever may sign in sees the members of groups.
async function shownAmong(place: Place, some: Some, attribute: string): Promise<Set<string>> {
  if (place.at.schema === "active-directory") return new Set(some.map(([, { group }]) => normalDn(group.dn)));
  return among(place, some, new PresenceFilter({ attribute }));
}

async function among(place: Place, some: Some, filter: Filter): Promise<Set<string>> {
  const found = new Set<string>();
  const ids = some.flatMap(([{ resource }]) => idFilter(resource.externalId, place.at.schema) ?? []);
  if (ids.length === 0) return found;
  const both = new AndFilter({ filters: [new OrFilter({ filters: ids }), filter] });
  const search = { base: place.at.base, scope: "sub", filter: both, attributes: ["objectClass"] } as const;
  for await (const page of place.session.pages(search)) for (const { dn } of page) found.add(normalDn(dn));
  return found;
}
