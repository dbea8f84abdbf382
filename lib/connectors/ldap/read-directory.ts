import type { ReadEvent } from "../contract";
import { type Observation, observationKinds, privileges } from "../schema";
import { accountControl } from "./account-control";
import { DirectoryIndex, idOf, type Known } from "./directory-index";
import { bytesOf, type Entry, numberOf, textsOf } from "./entry";
import { isAccount, isActiveDirectory, isGroup } from "./kinds";
import { adAccount } from "./map-active-directory";
import { directoryType, groupObservations, memberNames, membershipOf, primaryGroups } from "./map-groups";
import { standardAccount } from "./map-openldap";
import type { PasswordPolicies } from "./password-policy";
import { ridOf, sidOf } from "./sid";

/** Where entries come from: a server, or an export. What refers to others is read after what it refers to. */
export type Source = {
  /** The directory as a whole, as a resource. */
  directory: { externalId: string; name: string; attributes: Record<string, unknown> };
  policies: PasswordPolicies;
  privilegedGroups: string;
  now: Date;
  signal: AbortSignal;
  /** What is told before the first entry: coverage, and what cannot be seen. */
  preface: ReadEvent[];
  /** Every account and group, with what others refer to it by. */
  index(): AsyncIterable<Entry[]>;
  accounts(): AsyncIterable<Entry[]>;
  /** Groups, with their members or the first of them. */
  groups(): AsyncIterable<Entry[]>;
  /** The members that did not come with a group. */
  furtherMembers(group: Entry): AsyncIterable<string[]>;
  /** Nothing is there: the reason to say. */
  refuseEmpty(): Error;
};

const namedMissing = 3;
const membersAtOnce = 1_000;

/** Everything there is. A kind ends only when all of it was read. */
export async function* readDirectory(source: Source): AsyncGenerator<ReadEvent> {
  const index = new DirectoryIndex(source.privilegedGroups);
  yield* source.preface;
  for await (const page of source.index()) {
    for (const entry of page) if (isAccount(entry) || isGroup(entry)) index.add(entry);
  }
  if (index.size === 0) throw source.refuseEmpty();
  const { directory } = source;
  yield { type: "observations", items: [{ kind: "resource", type: directoryType, parent: null, ...directory }] };
  for await (const page of source.accounts()) {
    const { fresh, problems } = firstOnes(page.filter(isAccount), index);
    yield* problems;
    yield { type: "observations", items: fresh.flatMap((entry) => accountObservations(entry, source, index)) };
  }
  for await (const page of source.groups()) {
    const { fresh, problems } = firstOnes(page.filter(isGroup), index);
    yield* problems;
    const items = fresh.flatMap((entry) => groupObservations(entry, { index, directory: directory.externalId }));
    yield { type: "observations", items };
    for (const entry of fresh) yield* readMembers(entry, source, index);
  }
  source.signal.throwIfAborted();
  for (const kind of observationKinds) yield { type: "ended", kind };
}

// What was there before is left out, and said: the first one stands.
function firstOnes(page: readonly Entry[], index: DirectoryIndex): { fresh: Entry[]; problems: ReadEvent[] } {
  const fresh: Entry[] = [];
  const problems: ReadEvent[] = [];
  for (const entry of page) {
    if (index.claim(entry)) {
      fresh.push(entry);
      continue;
    }
    problems.push({
      type: "problem",
      message: "this entry, or another with its id, came before; the first is kept",
      object: entry.dn,
      remedy: "Give each entry an id of its own; a directory does so by itself.",
    });
  }
  return { fresh, problems };
}

function accountObservations(entry: Entry, source: Source, index: DirectoryIndex): Observation[] {
  const { now, policies, directory } = source;
  const isAd = isActiveDirectory(entry);
  const made = isAd ? adAccount(entry, { index, now }) : standardAccount(entry, { index, now, policies });
  return [
    ...made,
    ...primaryGroups(entry, index).flatMap((group) => membershipOf(idOf(entry), group, true)),
    ...(isAd ? powersOf(entry, directory.externalId) : []),
  ];
}

// Powers over the whole domain that come with no group: acting as anybody, and the key that signs everybody's tickets.
function powersOf(entry: Entry, directory: string): Observation[] {
  const flags = accountControl(numberOf(entry, "userAccountControl") ?? 0);
  const sid = sidOf(bytesOf(entry, "objectSid")[0]);
  const powers = [
    ...(flags.trustedForDelegation ? ["unconstrained delegation"] : []),
    ...(sid !== null && ridOf(sid) === 502 ? ["Kerberos ticket-granting key"] : []),
  ];
  return powers.map((permission) => ({
    kind: "assignment",
    holder: idOf(entry),
    resource: { type: directoryType, externalId: directory },
    permission,
    privilege: privileges.everything,
  }));
}

async function* readMembers(entry: Entry, source: Source, index: DirectoryIndex): AsyncGenerator<ReadEvent> {
  const group = index.named(entry.dn);
  if (!group) return;
  const told = new Set<string>();
  const missing: string[] = [];
  yield* membersOf(group, byNames(memberNames(entry), index, missing), told);
  yield* membersOf(group, byLogins(entry, index, missing), told);
  for await (const names of source.furtherMembers(entry)) {
    yield* membersOf(group, byNames(names, index, missing), told);
  }
  if (missing.length > 0) yield dangling(entry, missing);
}

function* membersOf(group: Known, members: Iterable<string>, told: Set<string>): Generator<ReadEvent> {
  const fresh = [...members].filter((id) => id !== group.id && !told.has(id) && told.add(id));
  for (let at = 0; at < fresh.length; at += membersAtOnce) {
    const items = fresh.slice(at, at + membersAtOnce).flatMap((id) => membershipOf(id, group));
    yield { type: "observations", items };
  }
}

function* byNames(names: readonly string[], index: DirectoryIndex, missing: string[]): Generator<string> {
  for (const name of names) {
    // groupOfNames must have a member, so an empty one commonly lists the empty name.
    if (name === "") continue;
    const known = index.named(name);
    if (known) yield known.id;
    else missing.push(name);
  }
}

function* byLogins(entry: Entry, index: DirectoryIndex, missing: string[]): Generator<string> {
  for (const login of textsOf(entry, "memberUid")) {
    const ids = index.withLogin(login);
    if (ids.length === 0) missing.push(login);
    yield* ids;
  }
}

function dangling(entry: Entry, missing: string[]): ReadEvent {
  const names = missing.slice(0, namedMissing).join("; ");
  const more = missing.length > namedMissing ? ` and ${missing.length - namedMissing} more` : "";
  return {
    type: "problem",
    message: `lists ${missing.length === 1 ? "a member" : `${missing.length} members`} that cannot be seen here: ${names}${more}`,
    object: entry.dn,
    remedy:
      "Take out members that are gone; widen the base or the filters for those that are elsewhere; let the account see those that are hidden.",
  };
}
