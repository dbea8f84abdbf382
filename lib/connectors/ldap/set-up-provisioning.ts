import type { SetupStep } from "../contract";
import type { Settings } from "./schema";

/** Identifiers of the schema that Samba's tool needs (MS-ADA2, MS-ADSC). */
export const schemaIds = {
  member: "bf9679c0-0de6-11d0-a285-00aa003049e2",
  userAccountControl: "bf967a68-0de6-11d0-a285-00aa003049e2",
  group: "bf967a9c-0de6-11d0-a285-00aa003049e2",
  user: "bf967aba-0de6-11d0-a285-00aa003049e2",
} as const;

/** How to make an account that can put into groups and take out again, and nothing else. */
export function setUpProvisioning(settings: Settings, base: string, passwordPlaceholder: string): SetupStep[] {
  const { provisionDn } = settings;
  if (!provisionDn) {
    return [
      {
        text: "Optional: a second account, with which Rollcall gives membership of groups and takes it back. Enter a name for it under “Account that gives access” and its instructions are shown here. Without one, this connection only reads.",
      },
    ];
  }
  const isStandard = provisionDn.includes("=") && settings.schema !== "active-directory";
  return isStandard
    ? standardSteps(provisionDn, base, passwordPlaceholder)
    : windowsSteps(provisionDn, base, passwordPlaceholder);
}

function standardSteps(giver: string, base: string, password: string): SetupStep[] {
  const rule = (entries: string, attributes: string, right: string) =>
    `olcAccess: {0}to dn.subtree="${entries}" attrs=${attributes} by dn.exact="${giver}" ${right} by * break`;
  return [
    {
      text: `The account that gives access (ldapadd), with a password of your own in place of '${password}'.`,
      code: [
        `dn: ${giver}`,
        "objectClass: organizationalRole",
        "objectClass: simpleSecurityObject",
        `cn: ${/^cn=([^,]+)/i.exec(giver)?.[1] ?? "rollcall-gives"}`,
        `userPassword: ${password}`,
      ].join("\n"),
    },
    {
      text: "Let it find accounts and groups, and write the members of the groups below ou=groups: name the part of your tree that holds what Rollcall is to give, and nothing else.",
      code: [
        "dn: olcDatabase={1}mdb,cn=config",
        "changetype: modify",
        "add: olcAccess",
        rule(`ou=groups,${base}`, "member,uniqueMember,memberUid", "write"),
        "-",
        "add: olcAccess",
        rule(base, "entry,children,objectClass,entryUUID,uid,gidNumber", "read"),
      ].join("\n"),
    },
    {
      text: "Where Rollcall is to disable accounts (the overlay ppolicy is on, with a policy in which pwdLockout is TRUE): let it lock them, and see the policies.",
      code: [
        "dn: olcDatabase={1}mdb,cn=config",
        "changetype: modify",
        "add: olcAccess",
        rule(`ou=people,${base}`, "pwdAccountLockedTime", "write"),
        "-",
        "add: olcAccess",
        rule(base, "pwdLockout,pwdMaxAge,pwdLockoutDuration,pwdPolicySubentry", "read"),
      ].join("\n"),
    },
    {
      text: "Where Rollcall is to delete the accounts of who left, after their hold: without this a person does it.",
      code: [
        "dn: olcDatabase={1}mdb,cn=config",
        "changetype: modify",
        "add: olcAccess",
        rule(`ou=people,${base}`, "entry,children", "write"),
      ].join("\n"),
    },
  ];
}

function windowsSteps(giver: string, base: string, password: string): SetupStep[] {
  const login =
    /^(?:.*\\)?([^@=\\,]+)(?:@.*)?$/.exec(giver)?.[1] ?? /cn=([^,]+)/i.exec(giver)?.[1] ?? "svc-rollcall-gives";
  const domain = /^(.*)\\/.exec(giver)?.[1] ?? (/dc=([^,]+)/i.exec(base)?.[1] ?? "EXAMPLE").toUpperCase();
  const who = `${domain}\\${login}`;
  return [
    {
      text: `The account that gives access: an ordinary one, in no group beyond Domain Users. Put a password of your own in place of '${password}'.`,
      code: `New-ADUser -Name '${login}' -SamAccountName '${login}' -AccountPassword (ConvertTo-SecureString '${password}' -AsPlainText -Force) -Enabled $true -CannotChangePassword $true`,
    },
    {
      text: "Let it write the members of the groups of one organizational unit, and where it is to disable accounts, their userAccountControl. Groups that AdminSDHolder protects (Domain Admins …) take no such right, so they stay out of reach.",
      code: [
        `dsacls "OU=Groups,${base}" /I:S /G "${who}:WP;member;group"`,
        `dsacls "OU=Staff,${base}" /I:S /G "${who}:WP;userAccountControl;user"`,
      ].join("\n"),
    },
    {
      text: "Where it is to delete the accounts of who left, after their hold: without this a person does it.",
      code: `dsacls "OU=Staff,${base}" /I:S /G "${who}:SD;;user"`,
    },
    {
      text: "On Samba, instead (with the account's SID, as samba-tool user show tells it):",
      code: [
        `samba-tool dsacl set --objectdn="OU=Groups,${base}" --sddl="(OA;CIIO;WP;${schemaIds.member};${schemaIds.group};SID)"`,
        `samba-tool dsacl set --objectdn="OU=Staff,${base}" --sddl="(OA;CIIO;WP;${schemaIds.userAccountControl};${schemaIds.user};SID)"`,
        `samba-tool dsacl set --objectdn="OU=Staff,${base}" --sddl="(OA;CIIO;SD;;${schemaIds.user};SID)"`,
      ].join("\n"),
    },
  ];
}
