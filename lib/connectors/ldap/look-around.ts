import { ConnectorError } from "../connector-error";
import type { CheckResult, ReadEvent, UsageCoverage } from "../contract";
import { addressOf } from "../network-failures";
import type { Session } from "./client";
import { normalDn } from "./dn";
import { bytesOf, type Entry, isA, textOf, textsOf } from "./entry";
import type { Settings } from "./schema";
import { sidOf } from "./sid";
import { fromGeneralizedTime } from "./times";

/** What a directory says of itself, and where we read. */
export type Surroundings = {
  schema: "openldap" | "active-directory";
  /** "Active Directory acme.test (Samba)" */
  system: string;
  base: string;
  /** When the domain was made; null where it is not shown. */
  createdAt: Date | null;
  sid: string | null;
  /** The forest's root, where it is another domain. */
  otherRoot: string | null;
};

type Hidden = CheckResult["cannotSee"][number];

const activeDirectoryCapability = "1.2.840.113556.1.4.800";
const rootAttributes = [
  "namingContexts",
  "defaultNamingContext",
  "rootDomainNamingContext",
  "supportedCapabilities",
  "vendorName",
  "vendorVersion",
  "objectClass",
  "dnsHostName",
];

/** Reads the server's own entry and the base. @throws ConnectorError */
export async function lookAround(session: Session, settings: Settings): Promise<Surroundings> {
  const root = await session.entry("", rootAttributes);
  if (!root) throw protocol(session, "it does not describe itself (RFC 4512, 5.1)");
  const isAd = textsOf(root, "supportedCapabilities").includes(activeDirectoryCapability);
  const schema = settings.schema === "auto" ? (isAd ? "active-directory" : "openldap") : settings.schema;
  const base = settings.baseDn || ownBase(root, session);
  const head = await session.entry(base, ["objectClass", "objectSid", "whenCreated", "createTimestamp"]);
  if (!head) throw withoutBase(session, base);
  const other = textOf(root, "rootDomainNamingContext");
  const own = textOf(root, "defaultNamingContext");
  return {
    schema,
    system: `${nameOf(root, schema)} at ${addressOf(session.target)}`,
    base,
    createdAt: fromGeneralizedTime(textOf(head, "whenCreated", "createTimestamp")),
    sid: sidOf(bytesOf(head, "objectSid")[0]),
    otherRoot: other !== null && own !== null && normalDn(other) !== normalDn(own) ? other : null,
  };
}

function ownBase(root: Entry, session: Session): string {
  const named = textOf(root, "defaultNamingContext");
  if (named !== null) return named;
  const [only, ...others] = textsOf(root, "namingContexts").filter((name) => name !== "");
  if (only !== undefined && others.length === 0) return only;
  const among = [only, ...others].filter((name) => name !== undefined).join("; ");
  throw new ConnectorError("invalid", `${addressOf(session.target)} does not say what to read`, {
    remedy: among === "" ? "Enter the base." : `Enter one of these as the base: ${among}.`,
    object: addressOf(session.target),
  });
}

function nameOf(root: Entry, schema: Surroundings["schema"]): string {
  const vendor = [textOf(root, "vendorName"), textOf(root, "vendorVersion")].filter((part) => part !== null).join(" ");
  const isOpenLdap = isA(root, "OpenLDAProotDSE");
  if (schema === "active-directory") return vendor === "" ? "Active Directory" : `Active Directory (${vendor})`;
  return vendor || (isOpenLdap ? "OpenLDAP" : "LDAP directory");
}

/** How far the directory can tell of use. */
export function coverageOf(at: Surroundings): ReadEvent[] {
  const of = (subject: UsageCoverage["subject"], rest: Omit<UsageCoverage, "subject">): ReadEvent => ({
    type: "coverage",
    coverage: { subject, ...rest },
  });
  const nothing = (because: string) => ({ complete: false, since: null, because });
  if (at.schema === "openldap") {
    const because =
      "OpenLDAP keeps the time of a sign-in only where lastbind is on, and says nothing of the time before";
    return [
      of("account", nothing(because)),
      of("credential", nothing("the directory keeps sign-ins for the account, not for each credential")),
      of("entitlement", nothing("what a membership is used for happens in other systems")),
    ];
  }
  const because =
    "Active Directory copies a sign-in between its controllers only when the last copy is older than 9 to 14 days (lastLogonTimestamp): a time shown here may be up to 14 days too early";
  return [
    of("account", at.createdAt === null ? nothing(because) : { complete: true, since: at.createdAt, because }),
    of("credential", nothing("Active Directory keeps sign-ins for the account, not for each credential")),
    of("entitlement", nothing("what a membership is used for happens in other systems")),
  ];
}

/** What stays invisible in a directory of this kind, to whomever reads. */
export function hiddenThings(at: Surroundings, settings: Settings): Hidden[] {
  const filtered = [settings.accountFilter, settings.groupFilter].filter((filter) => filter !== "");
  return [
    ...(filtered.length === 0
      ? []
      : [
          {
            what: `accounts or groups that do not fit ${filtered.join(" and ")}`,
            because: "the settings leave them out",
            remedy: "Take the filter out of the settings.",
          },
        ]),
    ...(at.otherRoot === null
      ? []
      : [
          {
            what: "the other domains of the forest, and what their administrators may do here",
            because: `this is not its root domain, which is ${at.otherRoot}`,
            remedy: "Connect each domain of the forest.",
          },
        ]),
    ...(at.schema === "active-directory"
      ? [
          {
            what: "who may change which entry of the directory (its access lists)",
            because: "Rollcall reads who is in which group, not nTSecurityDescriptor",
            remedy: "Review delegated rights with the directory's own tools.",
          },
          {
            what: "sign-ins at other controllers of the last 9 to 14 days",
            because: "Active Directory copies lastLogonTimestamp only that often",
            remedy: "Send usage from the controllers' security logs to Rollcall.",
          },
        ]
      : [
          {
            what: "which accounts have a password, where the password policy overlay is not on",
            because: "passwords are not asked for, and only that overlay says when one was changed",
            remedy: "Turn on the overlay ppolicy, and let the account read pwdChangedTime.",
          },
          {
            what: "sign-ins, where lastbind is not on",
            because: "OpenLDAP does not keep them by itself",
            remedy: "Set olcLastBind: TRUE on the database (OpenLDAP 2.5), and let the account read pwdLastSuccess.",
          },
          {
            what: "who may read and change which entry (olcAccess)",
            because: "access rules are in the server's configuration, which readers do not see",
            remedy: "Review them at the server.",
          },
        ]),
  ];
}

/** The read of a directory in which nobody is visible. */
export function nobodyThere(session: Session, base: string): ConnectorError {
  const who = session.target.bindDn === "" ? "somebody who did not sign in" : `"${session.target.bindDn}"`;
  return new ConnectorError(
    "rights",
    `${addressOf(session.target)} shows ${who} no account and no group in "${base}"`,
    {
      remedy: "Run the set-up instructions for the account, or correct the base. Nothing was changed.",
      object: base,
    },
  );
}

function withoutBase(session: Session, base: string): ConnectorError {
  return new ConnectorError("invalid", `${addressOf(session.target)} shows no entry "${base}"`, {
    remedy: "Correct the base; or give the account the right to see it, as the set-up instructions say.",
    object: base,
  });
}

function protocol(session: Session, why: string): ConnectorError {
  return new ConnectorError("protocol", `${addressOf(session.target)} could not be read: ${why}`, {
    remedy: "Check that this is an LDAP server, version 3.",
    object: addressOf(session.target),
  });
}
