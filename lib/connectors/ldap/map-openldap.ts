import type { IdentityKind, Observation } from "../schema";
import { alsoKnownAs, keysOf, mailOf, nameOf, told } from "./common-facts";
import { type DirectoryIndex, idOf } from "./directory-index";
import { rdnValue } from "./dn";
import { type Entry, isA, numberOf, textOf } from "./entry";
import { type PasswordPolicies, policyOf } from "./password-policy";
import { fromGeneralizedTime, fromShadowDays } from "./times";

// Accounts of a directory with the standard schemas as observations (RFC 2798, RFC 2307, the password policy draft). Pure.

/** Attributes that are asked for of each account; the password is not among them. */
export const standardAccountAttributes = [
  ...["objectClass", "entryUUID", "uid", "cn", "sn", "givenName", "displayName", "mail", "employeeNumber", "manager"],
  ...["employeeType", "departmentNumber", "title", "ou", "o", "uidNumber", "gidNumber", "loginShell", "shadowExpire"],
  ...[
    "createTimestamp",
    "creatorsName",
    "pwdChangedTime",
    "pwdAccountLockedTime",
    "pwdReset",
    "pwdPolicySubentry",
    "pwdLastSuccess",
  ],
  ...["pwdStartTime", "pwdEndTime", "authTimestamp", "nsAccountLock", "userCertificate", "sshPublicKey"],
] as const;

/** The time that means: locked until an administrator unlocks it (draft-behera-ldap-password-policy, 5.3.3). */
export const lockedForGood = "000001010000Z";

export type StandardMapping = { index: DirectoryIndex; now: Date; policies: PasswordPolicies };

/** An account with its credentials; memberships are not among them. */
export function standardAccount(entry: Entry, { index, now, policies }: StandardMapping): Observation[] {
  const login = textOf(entry, "uid");
  const manager = textOf(entry, "manager");
  const expiresAt = earliest(
    fromShadowDays(numberOf(entry, "shadowExpire")),
    fromGeneralizedTime(textOf(entry, "pwdEndTime")),
  );
  const names = [textOf(entry, "givenName"), textOf(entry, "sn")].filter((part) => part !== null).join(" ");
  return [
    {
      kind: "account",
      externalId: idOf(entry),
      name: nameOf(login ?? entry.dn),
      displayName: nameOf(textOf(entry, "displayName", "cn") ?? (names || rdnValue(entry.dn))),
      email: mailOf(entry),
      employeeNumber: textOf(entry, "employeeNumber"),
      managerExternalId: manager === null ? null : (index.named(manager)?.id ?? null),
      kindHint: kindOf(entry),
      status: statusOf(entry, expiresAt, now, policies),
      validUntil: expiresAt,
      sourceCreatedAt: fromGeneralizedTime(textOf(entry, "createTimestamp")),
      lastUsedAt: lastUseOf(entry),
      attributes: {
        ...told({
          dn: entry.dn,
          createdBy: textOf(entry, "creatorsName"),
          employeeType: textOf(entry, "employeeType"),
          department: textOf(entry, "departmentNumber", "ou"),
          title: textOf(entry, "title"),
          uidNumber: numberOf(entry, "uidNumber"),
          gidNumber: numberOf(entry, "gidNumber"),
          loginShell: textOf(entry, "loginShell"),
          passwordMustChange: textOf(entry, "pwdReset") === "TRUE",
          lockedSince: fromGeneralizedTime(textOf(entry, "pwdAccountLockedTime"))?.toISOString(),
        }),
        alsoKnownAs: alsoKnownAs(entry),
      },
    },
    ...passwordOf(entry, now, policies),
    ...keysOf(entry, now),
  ];
}

// Written by `lastbind on` (OpenLDAP 2.5) and by the overlay of the same name.
function lastUseOf(entry: Entry): Date | null {
  return fromGeneralizedTime(textOf(entry, "pwdLastSuccess")) ?? fromGeneralizedTime(textOf(entry, "authTimestamp"));
}

function statusOf(entry: Entry, expiresAt: Date | null, now: Date, policies: PasswordPolicies) {
  const locked = textOf(entry, "pwdAccountLockedTime");
  if (locked === lockedForGood || textOf(entry, "nsAccountLock")?.toLowerCase() === "true") return "disabled" as const;
  if (expiresAt !== null && expiresAt <= now) return "expired" as const;
  const begin = fromGeneralizedTime(textOf(entry, "pwdStartTime"));
  if (begin !== null && begin > now) return "disabled" as const;
  if (locked === null) return "active" as const;
  const since = fromGeneralizedTime(locked);
  const seconds = policyOf(entry, policies)?.lockoutSeconds ?? 0;
  const isOver = since !== null && seconds > 0 && since.getTime() + seconds * 1_000 <= now.getTime();
  return isOver ? ("active" as const) : ("locked" as const);
}

function kindOf(entry: Entry): { kind: IdentityKind; reason: string } | null {
  if (isA(entry, "applicationProcess")) return { kind: "service_account", reason: "it is an applicationProcess" };
  const isPerson = isA(entry, "person", "organizationalPerson", "inetOrgPerson", "posixAccount");
  if (isA(entry, "simpleSecurityObject") && !isPerson)
    return { kind: "service_account", reason: "it has a password and is no person: simpleSecurityObject" };
  if (textOf(entry, "manager") !== null && textOf(entry, "employeeNumber") === null)
    return { kind: "human", reason: "the directory names its manager" };
  return null;
}

// That there is a password is known only by when it was changed: the password itself is not asked for.
function passwordOf(entry: Entry, now: Date, policies: PasswordPolicies): Observation[] {
  const changedAt = fromGeneralizedTime(textOf(entry, "pwdChangedTime"));
  if (changedAt === null) return [];
  const seconds = policyOf(entry, policies)?.maxAgeSeconds ?? 0;
  const expiresAt = seconds > 0 ? new Date(changedAt.getTime() + seconds * 1_000) : null;
  return [
    {
      kind: "credential",
      account: idOf(entry),
      credentialKind: "password",
      externalId: `${idOf(entry)}:password`,
      name: "password",
      status: expiresAt !== null && expiresAt <= now ? "expired" : "active",
      sourceCreatedAt: changedAt,
      expiresAt,
    },
  ];
}

function earliest(...times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null);
  return known.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null;
}
