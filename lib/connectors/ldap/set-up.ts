import type { SetupStep } from "../contract";
import { escapeValue } from "./dn";
import { groupAttributes } from "./map-groups";
import { standardAccountAttributes } from "./map-openldap";
import { policyAttributes } from "./password-policy";
import type { Settings } from "./schema";
import { setUpProvisioning } from "./set-up-provisioning";

/** The text in the instructions that stands for the password to choose. */
export const passwordPlaceholder = "a long random password";

/** How to make an account that can read the directory and nothing else. */
export function setUp(settings: Settings): SetupStep[] {
  const looksWindows = /@|\\/.test(settings.bindDn);
  const base = settings.baseDn || "dc=example,dc=com";
  const provisioning = setUpProvisioning(settings, base, passwordPlaceholder);
  const forWindows = settings.schema === "active-directory" || (settings.schema === "auto" && looksWindows);
  if (forWindows) return [...windowsSteps(base, settings.bindDn), ...provisioning];
  if (settings.schema === "openldap") return [...standardSteps(base, settings.bindDn), ...provisioning];
  return [
    ...headed("OpenLDAP", standardSteps(base, settings.bindDn)),
    ...headed("Active Directory", windowsSteps(base, settings.bindDn)),
    ...provisioning,
  ];
}

function headed(name: string, steps: SetupStep[]): SetupStep[] {
  return steps.map((step) => ({ ...step, text: `${name}: ${step.text}` }));
}

/** Attributes that the account must be able to read in OpenLDAP. */
export function readAttributes(): string[] {
  const members = ["member", "uniqueMember", "roleOccupant"];
  const all = [...standardAccountAttributes, ...groupAttributes, ...policyAttributes, ...members];
  const windowsOnly = /^(objectGUID|objectSid|sAMAccountName|groupType|adminCount|whenCreated|nsAccountLock)$/;
  // Of classes that not every server has loaded; a rule that names an unknown attribute is refused as a whole.
  const optional = /^(sshPublicKey|memberURL|authTimestamp|pwdPolicySubentry|pwd.*)$/;
  return [...new Set(all)].filter((name) => !windowsOnly.test(name) && !optional.test(name));
}

function standardSteps(base: string, bindDn: string): SetupStep[] {
  const reader = bindDn.includes("=") ? bindDn : `cn=rollcall,${base}`;
  const attributes = ["entry", "children", ...readAttributes()].join(",");
  return [
    {
      text: `make the account, with a password of your own in place of '${passwordPlaceholder}' (ldapadd, as the directory's administrator).`,
      code: [
        `dn: ${reader}`,
        "objectClass: organizationalRole",
        "objectClass: simpleSecurityObject",
        `cn: ${/^cn=([^,]+)/i.exec(reader)?.[1] ?? "rollcall"}`,
        "description: Rollcall reads accounts and groups",
        `userPassword: ${passwordPlaceholder}`,
      ].join("\n"),
    },
    {
      text: "let it read names, groups and times, and no password; and let it read all pages (ldapmodify on cn=config, with the number of your database in place of {1}).",
      code: [
        "dn: olcDatabase={1}mdb,cn=config",
        "changetype: modify",
        "add: olcAccess",
        `olcAccess: {0}to dn.subtree="${base}" attrs=${attributes} by dn.exact="${reader}" read by * break`,
        "-",
        "add: olcLimits",
        `olcLimits: dn.exact="${reader}" size.soft=1000 size.hard=1000 size.pr=1000 size.prtotal=unlimited time=300`,
      ].join("\n"),
    },
    {
      text: "where the overlay ppolicy is on, let it see locks and the age of passwords too. The {0} puts the rule first.",
      code: [
        "dn: olcDatabase={1}mdb,cn=config",
        "changetype: modify",
        "add: olcAccess",
        `olcAccess: {0}to dn.subtree="${base}" attrs=pwdChangedTime,pwdAccountLockedTime,pwdReset,pwdPolicySubentry,pwdLastSuccess,pwdMaxAge,pwdLockout,pwdLockoutDuration by dn.exact="${reader}" read by * break`,
      ].join("\n"),
    },
  ];
}

function windowsSteps(base: string, bindDn: string): SetupStep[] {
  const login = /^(?:.*\\)?([^@=\\]+)(?:@.*)?$/.exec(bindDn)?.[1] ?? "svc-rollcall";
  const domain = [...base.matchAll(/dc=([^,]+)/gi)].map((part) => part[1]).join(".") || "example.com";
  return [
    {
      text: `make an ordinary account without any group beyond Domain Users; every account may read what Rollcall reads. Put a password of your own in place of '${passwordPlaceholder}' (PowerShell, on a machine with the Active Directory module).`,
      code: [
        `New-ADUser -Name '${escapeValue(login)}' -SamAccountName '${login}' -UserPrincipalName '${login}@${domain}' -Description 'Rollcall reads accounts and groups' \``,
        `  -AccountPassword (ConvertTo-SecureString '${passwordPlaceholder}' -AsPlainText -Force) -Enabled $true -CannotChangePassword $true`,
      ].join("\n"),
    },
    {
      text: "on Samba, instead:",
      code: `samba-tool user create ${login} '${passwordPlaceholder}' --description='Rollcall reads accounts and groups'`,
    },
    {
      text: "where “Authenticated Users” was taken out of “Pre-Windows 2000 Compatible Access”, or an OU is hidden, let the account list and read it.",
      code: `dsacls "${base}" /I:T /G "${domain}\\${login}:LCRP"`,
    },
    {
      text: "sign in with ldaps. Active Directory refuses passwords over a connection that is not encrypted, unless it was told otherwise.",
    },
  ];
}
