import type { IdentityKind, Observation } from "../schema";
import { type AccountControl, accountControl, lockedFlag } from "./account-control";
import { alsoKnownAs, keysOf, mailOf, nameOf, told } from "./common-facts";
import { type DirectoryIndex, idOf } from "./directory-index";
import { rdnValue } from "./dn";
import { bytesOf, type Entry, isA, numberOf, textOf, textsOf } from "./entry";
import { isForeign } from "./kinds";
import { ridOf, sidOf, wellKnownSid } from "./sid";
import { fromFiletime, fromGeneralizedTime } from "./times";

// Accounts of Active Directory as observations (MS-ADTS). Pure.

/** Attributes that are asked for of each account. */
export const adAccountAttributes = [
  ...["objectClass", "objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "displayName", "cn", "mail"],
  ...["employeeID", "employeeNumber", "manager", "department", "title", "whenCreated", "userAccountControl"],
  ...["msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed", "accountExpires", "pwdLastSet"],
  ...["lastLogon", "lastLogonTimestamp", "primaryGroupID", "servicePrincipalName", "adminCount", "userCertificate"],
  ...["msDS-AllowedToDelegateTo", "operatingSystem", "operatingSystemVersion", "dNSHostName", "sshPublicKey"],
] as const;

export type Mapping = { index: DirectoryIndex; now: Date };

/** An account with its credentials; memberships are not among them. */
export function adAccount(entry: Entry, { index, now }: Mapping): Observation[] {
  if (isForeign(entry)) return [foreigner(entry)];
  const id = idOf(entry);
  const flags = accountControl(numberOf(entry, "userAccountControl") ?? 0);
  const login = textOf(entry, "sAMAccountName");
  const principalName = textOf(entry, "userPrincipalName");
  const manager = textOf(entry, "manager");
  const expiresAt = fromFiletime(textOf(entry, "accountExpires"));
  return [
    {
      kind: "account",
      externalId: id,
      name: nameOf(login ?? entry.dn),
      displayName: nameOf(textOf(entry, "displayName", "cn") ?? rdnValue(entry.dn)),
      email: mailOf(entry),
      employeeNumber: textOf(entry, "employeeID", "employeeNumber"),
      managerExternalId: manager === null ? null : (index.named(manager)?.id ?? null),
      kindHint: kindOf(entry, flags),
      status: statusOf(entry, flags, expiresAt, now),
      validUntil: expiresAt,
      sourceCreatedAt: fromGeneralizedTime(textOf(entry, "whenCreated")),
      lastUsedAt: lastUseOf(entry, now),
      attributes: {
        ...factsOf(entry, flags),
        alsoKnownAs: alsoKnownAs(entry, principalName),
      },
    },
    ...passwordOf(entry, flags, now),
    ...keysOf(entry, now),
  ];
}

// The domain's copy of the last sign-in and this server's own: the later one is true.
function lastUseOf(entry: Entry, now: Date): Date | null {
  const seen = [textOf(entry, "lastLogon"), textOf(entry, "lastLogonTimestamp")].flatMap(
    (text) => fromFiletime(text) ?? [],
  );
  const last = seen.toSorted((one, other) => other.getTime() - one.getTime())[0] ?? null;
  return last !== null && last > now ? now : last;
}

function statusOf(entry: Entry, flags: AccountControl, expiresAt: Date | null, now: Date) {
  if (flags.disabled) return "disabled" as const;
  if (expiresAt !== null && expiresAt <= now) return "expired" as const;
  const isLocked = ((numberOf(entry, "msDS-User-Account-Control-Computed") ?? 0) & lockedFlag) !== 0;
  return isLocked ? ("locked" as const) : ("active" as const);
}

function kindOf(entry: Entry, flags: AccountControl): { kind: IdentityKind; reason: string } | null {
  const sid = sidOf(bytesOf(entry, "objectSid")[0]);
  const [service] = textsOf(entry, "servicePrincipalName");
  if (isA(entry, "msDS-GroupManagedServiceAccount", "msDS-DelegatedManagedServiceAccount"))
    return { kind: "service_account", reason: "it is a managed service account, whose password the domain changes" };
  if (isA(entry, "msDS-ManagedServiceAccount"))
    return { kind: "service_account", reason: "it is a managed service account of one machine" };
  if (isA(entry, "computer"))
    return { kind: "workload", reason: flags.domainController ? "it is a domain controller" : "it is a computer" };
  if (flags.trustAccount) return { kind: "service_account", reason: "it stands for a trust with another domain" };
  if (sid !== null && ridOf(sid) === 502)
    return { kind: "service_account", reason: "it holds the key of the domain's Kerberos service" };
  if (service !== undefined)
    return {
      kind: "service_account",
      reason: `it has a service principal name: ${service}`.slice(0, 300),
    };
  if (textOf(entry, "manager") !== null && textOf(entry, "employeeID", "employeeNumber") === null)
    return { kind: "human", reason: "the directory names its manager" };
  return null;
}

function factsOf(entry: Entry, flags: AccountControl): Record<string, unknown> {
  const mustChange = textOf(entry, "pwdLastSet") === "0";
  return told({
    dn: entry.dn,
    sid: sidOf(bytesOf(entry, "objectSid")[0]),
    userPrincipalName: textOf(entry, "userPrincipalName"),
    department: textOf(entry, "department"),
    title: textOf(entry, "title"),
    ...flags,
    disabled: null,
    passwordMustChange: mustChange,
    adminCount: numberOf(entry, "adminCount") === 1,
    servicePrincipalNames: textsOf(entry, "servicePrincipalName"),
    delegatesTo: textsOf(entry, "msDS-AllowedToDelegateTo"),
    hostName: textOf(entry, "dNSHostName"),
    operatingSystem: [textOf(entry, "operatingSystem"), textOf(entry, "operatingSystemVersion")]
      .filter((part) => part !== null)
      .join(" "),
  });
}

function passwordOf(entry: Entry, flags: AccountControl, now: Date): Observation[] {
  if (!entry.attributes.has("pwdlastset")) return [];
  const limit = fromFiletime(textOf(entry, "msDS-UserPasswordExpiryTimeComputed"));
  const expiresAt = flags.passwordNeverExpires ? null : limit;
  return [
    {
      kind: "credential",
      account: idOf(entry),
      credentialKind: "password",
      externalId: `${idOf(entry)}:password`,
      name: "password",
      status: flags.disabled ? "disabled" : expiresAt !== null && expiresAt <= now ? "expired" : "active",
      sourceCreatedAt: fromFiletime(textOf(entry, "pwdLastSet")),
      expiresAt,
      attributes: told({
        neverExpires: flags.passwordNeverExpires,
        notRequired: flags.passwordNotRequired,
        reversible: flags.reversiblePassword,
        smartcardRequired: flags.smartcardRequired,
      }),
    },
  ];
}

// Whoever it stands for is known elsewhere; here it is a number that groups list.
function foreigner(entry: Entry): Observation {
  const sid = sidOf(bytesOf(entry, "objectSid")[0]) ?? rdnValue(entry.dn);
  const set = wellKnownSid(sid);
  const isOwn = !sid.startsWith("S-1-5-21-");
  return {
    kind: isOwn ? "group" : "account",
    externalId: idOf(entry),
    name: isOwn ? nameOf(entry.dn) : sid,
    displayName: set ?? `${sid} of another domain`,
    kindHint: isOwn
      ? null
      : { kind: "service_account", reason: "a stand-in for somebody, or a group, of another domain" },
    attributes: { ...told({ dn: entry.dn, sid, foreign: true }), alsoKnownAs: alsoKnownAs(entry, sid) },
  };
}
