import { hash } from "node:crypto";
import { privileges } from "../schema";
import { normalDn } from "./dn";
import { bytesOf, type Entry, numberOf, textOf, textsOf } from "./entry";
import { isActiveDirectory, isGroup } from "./kinds";
import { domainOf, guidOf, privilegeOfSid, sidOf } from "./sid";

/** What is known of an entry while others refer to it. */
export type Known = { id: string; isGroup: boolean; privilege: number };

/** Attributes that `DirectoryIndex.add` needs. */
export const indexAttributes = [
  "objectClass",
  "entryUUID",
  "objectGUID",
  "objectSid",
  "sAMAccountName",
  "uid",
  "gidNumber",
  "adminCount",
] as const;

/**
 * Who is called what: entries refer to each other by distinguished name, by login name and by number, and what is kept of
 * them is the id that stays.
 */
export class DirectoryIndex {
  private readonly ids = new Set<string>();
  private readonly byName = new Map<string, Known>();
  private readonly told = new Set<Known>();
  private readonly byLogin = new Map<string, string[]>();
  private readonly byGid = new Map<number, Known[]>();
  private readonly bySid = new Map<string, Known>();
  private readonly privileged: ReadonlySet<string>;

  /** @param privilegedGroups distinguished names, one a line */
  constructor(privilegedGroups: string) {
    const names = privilegedGroups.split("\n").filter((line) => line.trim() !== "");
    this.privileged = new Set(names.map(normalDn));
  }

  /** @returns false where the entry, or one with its id, is there already */
  add(entry: Entry): boolean {
    const key = keyOf(entry.dn);
    const known = { id: idOf(entry), isGroup: isGroup(entry), privilege: this.privilegeOf(entry) };
    if (this.byName.has(key) || this.ids.has(known.id)) return false;
    this.ids.add(known.id);
    this.byName.set(key, known);
    if (known.isGroup) this.addGroup(entry, known);
    else for (const login of textsOf(entry, "uid")) push(this.byLogin, login, known.id);
    return true;
  }

  /**
   * Is this the entry that the index knows by this name, and the first time that it is told of?
   * One that came since the index was made is added.
   */
  claim(entry: Entry): boolean {
    this.add(entry);
    const known = this.byName.get(keyOf(entry.dn));
    if (!known || known.id !== idOf(entry) || this.told.has(known)) return false;
    this.told.add(known);
    return true;
  }

  /** How many there are. */
  get size(): number {
    return this.ids.size;
  }

  /** The entry of this distinguished name. */
  named(dn: string): Known | null {
    return this.byName.get(keyOf(dn)) ?? null;
  }

  /** Accounts with this login name (RFC 2307: memberUid). */
  withLogin(uid: string): readonly string[] {
    return this.byLogin.get(uid) ?? [];
  }

  /** Groups of this number (RFC 2307: gidNumber). */
  withGid(gid: number): readonly Known[] {
    return this.byGid.get(gid) ?? [];
  }

  /** The group that `primaryGroupID` means: the domain's own with that number. */
  primaryOf(entry: Entry): Known | null {
    const sid = sidOf(bytesOf(entry, "objectSid")[0]);
    const rid = numberOf(entry, "primaryGroupID");
    return sid === null || rid === null ? null : (this.bySid.get(`${domainOf(sid)}-${rid}`) ?? null);
  }

  private addGroup(entry: Entry, known: Known): void {
    const sid = sidOf(bytesOf(entry, "objectSid")[0]);
    if (sid !== null) this.bySid.set(sid, known);
    const gid = isActiveDirectory(entry) ? null : numberOf(entry, "gidNumber");
    if (gid !== null) push(this.byGid, gid, known);
  }

  private privilegeOf(entry: Entry): number {
    const sid = sidOf(bytesOf(entry, "objectSid")[0]);
    const own = sid === null ? null : privilegeOfSid(sid);
    if (own !== null) return own;
    const isProtected = numberOf(entry, "adminCount") === 1;
    return isProtected || this.privileged.has(normalDn(entry.dn)) ? privileges.admin : privileges.read;
  }
}

/**
 * The id that stays when an entry is renamed or moved: objectGUID, entryUUID (RFC 4530); in an export without them, the
 * distinguished name.
 */
export function idOf(entry: Entry): string {
  return (
    guidOf(bytesOf(entry, "objectGUID")[0]) ??
    textOf(entry, "entryUUID")?.toLowerCase() ??
    shortened(normalDn(entry.dn))
  );
}

// An id must fit an index entry; a longer name keeps its beginning and stays unmistakable.
function shortened(name: string): string {
  return name.length <= 400 ? name : `${name.slice(0, 350)}#${hash("sha256", name, "hex")}`;
}

// One byte a character: the shortest text that a hash fits into.
function keyOf(dn: string): string {
  return hash("sha256", normalDn(dn), "buffer").toString("latin1");
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
