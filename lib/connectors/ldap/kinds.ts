import { type Entry, isA } from "./entry";

// Which entries are accounts, which are groups, and what is asked for of them. Pure.

const groupClasses = [
  "group",
  "groupOfNames",
  "groupOfUniqueNames",
  "groupOfMembers",
  "groupOfEntries",
  "posixGroup",
  "groupOfURLs",
  "organizationalRole",
];
const accountClasses = [
  "user",
  "computer",
  "person",
  "organizationalPerson",
  "inetOrgPerson",
  "residentialPerson",
  "pilotPerson",
  "OpenLDAPperson",
  "account",
  "posixAccount",
  "shadowAccount",
  "simpleSecurityObject",
  "applicationProcess",
  "foreignSecurityPrincipal",
  "msDS-ManagedServiceAccount",
  "msDS-GroupManagedServiceAccount",
  "msDS-DelegatedManagedServiceAccount",
];

/** Has it what only Active Directory gives its accounts and groups? */
export function isActiveDirectory(entry: Entry): boolean {
  return entry.attributes.has("objectsid") && (entry.attributes.has("samaccountname") || isForeign(entry));
}

/** A set of others. A role that has a password of its own (cn=admin) signs in, so it is an account. */
export function isGroup(entry: Entry): boolean {
  return isA(entry, ...groupClasses) && !isA(entry, "simpleSecurityObject");
}

/** Somebody who can sign in, or stands for somebody of another directory. A mail contact is neither. */
export function isAccount(entry: Entry): boolean {
  return !isGroup(entry) && isA(entry, ...accountClasses) && !isA(entry, "contact");
}

/** A stand-in for somebody of another domain, or for a well-known set such as Authenticated Users. */
export function isForeign(entry: Entry): boolean {
  return isA(entry, "foreignSecurityPrincipal");
}

const anyOf = (classes: readonly string[]) => `(|${classes.map((name) => `(objectClass=${name})`).join("")})`;

/** Filters of the two searches. Only classes that the other kind of directory knows are asked for. */
export const filters = {
  "active-directory": {
    accounts: "(|(objectClass=user)(objectClass=msDS-ManagedServiceAccount)(objectClass=foreignSecurityPrincipal))",
    groups: "(objectClass=group)",
  },
  openldap: {
    accounts: anyOf([
      "person",
      "account",
      "posixAccount",
      "shadowAccount",
      "simpleSecurityObject",
      "applicationProcess",
    ]),
    groups: anyOf(groupClasses),
  },
} as const;

/** Attributes in which groups name their members by distinguished name. */
export const memberAttributes = ["member", "uniqueMember", "roleOccupant"] as const;
