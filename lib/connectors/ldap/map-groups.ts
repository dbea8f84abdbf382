import { type Observation, privileges } from "../schema";
import { securityFlag } from "./account-control";
import { alsoKnownAs, nameOf, told } from "./common-facts";
import { type DirectoryIndex, idOf, type Known } from "./directory-index";
import { rdnValue } from "./dn";
import { bytesOf, type Entry, isA, numberOf, textOf, textsOf } from "./entry";
import { isActiveDirectory, isForeign, memberAttributes } from "./kinds";
import { isBuiltInSid, privilegeOfSid, sidOf } from "./sid";
import { fromGeneralizedTime } from "./times";

// Groups and who is in them as observations. Pure.

/** Attributes that are asked for of each group; its members come beside them. */
export const groupAttributes = [
  ...["objectClass", "entryUUID", "objectGUID", "objectSid", "sAMAccountName", "cn", "displayName", "description"],
  ...["groupType", "adminCount", "gidNumber", "memberUid", "memberURL", "createTimestamp", "whenCreated", "mail"],
] as const;

/** The type of a group as a resource: being its member is the entitlement. */
export const groupType = "group";
/** The type of the whole directory as a resource. */
export const directoryType = "directory";
export const member = "member";

export type Place = { index: DirectoryIndex; directory: string };

/** A group: itself, and the resource that membership of it is. */
export function groupObservations(entry: Entry, { directory }: Place): Observation[] {
  const id = idOf(entry);
  const login = textOf(entry, "sAMAccountName");
  const gid = isActiveDirectory(entry) ? null : numberOf(entry, "gidNumber");
  const name = nameOf(entry.dn);
  return [
    {
      kind: "group",
      externalId: id,
      name,
      displayName: nameOf(textOf(entry, "displayName", "cn") ?? rdnValue(entry.dn)),
      sourceCreatedAt: fromGeneralizedTime(textOf(entry, "createTimestamp", "whenCreated")),
      attributes: { ...factsOf(entry, gid), alsoKnownAs: alsoKnownAs(entry, login, textOf(entry, "cn")) },
    },
    {
      kind: "resource",
      type: groupType,
      externalId: id,
      name,
      parent: { type: directoryType, externalId: directory },
      attributes: factsOf(entry, gid),
    },
  ];
}

/** That somebody is directly in a group: the edge, and the entitlement it stands for. */
export function membershipOf(memberId: string, group: Known, implicit = false): Observation[] {
  return [
    { kind: "membership", member: memberId, group: group.id, implicit },
    {
      kind: "assignment",
      holder: memberId,
      resource: { type: groupType, externalId: group.id },
      permission: member,
      privilege: group.privilege,
    },
  ];
}

/** Distinguished names that the entry lists as members, as far as they came with it. */
export function memberNames(entry: Entry): string[] {
  return memberAttributes.flatMap((attribute) =>
    textsOf(entry, attribute).map((value) => (attribute === "uniqueMember" ? withoutUid(value) : value)),
  );
}

/** The groups that an account is in without being listed there: its primary group. */
export function primaryGroups(entry: Entry, index: DirectoryIndex): Known[] {
  if (isForeign(entry)) return [];
  if (isActiveDirectory(entry)) return [index.primaryOf(entry)].filter((group) => group !== null);
  const gid = isA(entry, "posixAccount") ? numberOf(entry, "gidNumber") : null;
  return gid === null ? [] : [...index.withGid(gid)];
}

function factsOf(entry: Entry, gid: number | null): Record<string, unknown> {
  const sid = sidOf(bytesOf(entry, "objectSid")[0]);
  const type = sid === null ? null : numberOf(entry, "groupType");
  const known = sid === null ? null : privilegeOfSid(sid);
  return told({
    dn: entry.dn,
    sid,
    gidNumber: gid,
    description: textOf(entry, "description"),
    scope: type === null ? null : scopeOf(type),
    purpose: type === null ? null : isSecurity(type) ? "security" : "distribution",
    builtIn: sid !== null && isBuiltInSid(sid),
    protected: numberOf(entry, "adminCount") === 1,
    privileged: known !== null && known >= privileges.admin ? "one of Windows' own administrative groups" : null,
    memberUrls: textsOf(entry, "memberURL"),
  });
}

// groupType is a signed number of 32 bits in text (MS-ADTS 2.2.12).
const isSecurity = (type: number) => (type & securityFlag) !== 0;

function scopeOf(type: number): string | null {
  if ((type & 0x1) !== 0) return "built-in";
  if ((type & 0x2) !== 0) return "global";
  if ((type & 0x4) !== 0) return "domain local";
  return (type & 0x8) !== 0 ? "universal" : null;
}

// uniqueMember may carry a bit string behind the name: cn=ann,dc=example#'01'B (RFC 4517, 3.3.21).
function withoutUid(value: string): string {
  return value.replace(/#'[01]*'B$/, "");
}
