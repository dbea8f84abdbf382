/** What a column of an export is about. */
export type Role =
  | "id"
  | "username"
  | "email"
  | "name"
  | "firstName"
  | "lastName"
  | "employeeNumber"
  | "manager"
  | "managerId"
  | "managerEmail"
  | "identityKind"
  | "status"
  | "suspended"
  | "locked"
  | "createdAt"
  | "expiresAt"
  | "lastUsedAt"
  | "lastUsedFrom"
  | "groups"
  | "group"
  | "groupId"
  | "memberId"
  | "roles"
  | "permission"
  | "privilege"
  | "resource"
  | "resourceId"
  | "resourceType"
  | "condition"
  | "grantable"
  | "grantedBy"
  | "keyId"
  | "keyKind"
  | "keyName"
  | "account"
  | "parent";

// Header names, stripped of case, blanks and marks, as the exports of directories, identity providers, clouds, HR systems
// and databases write them; the first that fits wins.
const names: Record<Role, string> = {
  id: "id objectid userid uid guid objectguid externalid accountid immutableid distinguishedname dn arn sid objectsid principalid subjectid uuid identityid workerid personid",
  username:
    "username userprincipalname upn samaccountname login loginname logon logonname useraccount handle nickname screenname benutzername anmeldename identifiant rolname rolename_ user usename principalname principal accountname uidnumber_ cn",
  email:
    "email mail emailaddress primaryemail workemail emailwork useremail emailprimary mailaddress emailadresse courriel primaryemailaddress businessemail",
  name: "name displayname fullname commonname preferredname legalname workername employeename title_ realname anzeigename nom",
  firstName: "firstname givenname forename vorname prenom",
  lastName: "lastname surname familyname sn nachname nomdefamille",
  employeeNumber:
    "employeeid employeenumber employeeno empid empno personnelnumber personalnummer staffid staffnumber workernumber badge payrollid matricule mitarbeiterid mitarbeiternummer mitarbeiternr personalnr",
  manager: "manager managername supervisor reportsto vorgesetzter lineManager managerdisplayname",
  managerId:
    "managerid manageremployeeid managernumber supervisorid managerdn manageremployeenumber workersmanagergroupmanagerid",
  managerEmail: "manageremail managermail supervisoremail manageruserprincipalname managerupn",
  identityKind:
    "kind identitytype accounttype usertype principaltype identitykind employeetype typeofaccount workertype art",
  status:
    "status state accountstatus userstatus enabled accountenabled isactive active isenabled lifecyclestatus employmentstatus loginenabled canlogin rolcanlogin employeestatus",
  suspended:
    "suspended issuspended disabled isdisabled blocked accountdisabled deactivated archived isarchived deleted",
  locked: "locked islocked lockedout accountlocked",
  createdAt:
    "created createdat createdon creationdate createddate createddatetime whencreated creationtime usercreationtime accountcreated startdate hiredate dateadded addedon joined joinedat datejoined added addedtoorg memberssince created_",
  expiresAt:
    "expires expiresat expiresatdate expirydate expirationdate accountexpires accountexpirationdate validuntil enddate rolvaliduntil expiration validto notafter terminationdate enddatetime passwordexpires",
  lastUsedAt:
    "lastused lastusedat lastlogin lastlogindate lastlogon lastlogondate lastlogontimestamp lastsignin lastsignindatetime lastactivity lastactive lastseen lastaccess lastaccessed lastuseddate passwordlastused lastlogintime lastactivitydate lastactiveat lastseeninorg letzteanmeldung lastauthenticated lastsuccessfulsignin",
  lastUsedFrom: "lastusedfrom lastip lastloginip lastsigninip ipaddress lastusedregion sourceip",
  groups:
    "groups memberof groupnames teams groupmemberships usergroups gruppen groupes securitygroups teamnames memberships",
  group: "group groupname team teamname gruppe",
  groupId: "groupid teamid groupdn groupobjectid",
  memberId: "member memberid members membername memberdn",
  roles:
    "roles role rolenames userroles profile profilename permissionsets permissionset assignedroles directoryroles rollen billingrole userrole orgrole adminrole entitlements",
  permission:
    "permission permissions right rights privilegetype accesslevel access entitlement action grant scope scopes accessrights privilegename",
  privilege: "privilege privilegelevel level risk",
  resource:
    "resource resourcename object objectname tablename system application app appname applicationname database databasename repository repo project target share folder asset service servicename",
  resourceId: "resourceid objectarn resourcearn applicationid appid projectid",
  resourceType: "resourcetype objecttype assettype targettype objectclass_",
  condition: "condition conditions restriction",
  grantable: "grantable isgrantable withgrant grantoption admin_option",
  grantedBy: "grantedby grantor assignedby approvedby",
  keyId:
    "keyid accesskeyid credentialid tokenid fingerprint apikeyid clientid secretid serialnumber thumbprint keyfingerprint certificateid",
  keyKind: "credentialtype keytype credentialkind tokentype secrettype",
  keyName: "keyname tokenname credentialname secretname label",
  account: "account accountname_ owner_ belongsto useridentifier holder assignee grantee granteename identity subject",
  parent: "parent parentid parentname parentresource",
};

const roleOf = new Map<string, Role>();
for (const [role, list] of Object.entries(names)) {
  for (const name of list.toLowerCase().split(" ")) if (!roleOf.has(name)) roleOf.set(name, role as Role);
}

/** "Email Address [Required]" → "emailaddress"; "profile.Last-Login" → "lastlogin". */
export function plainHeader(header: string): string {
  const last =
    header
      .replace(/\[[^\]]*\]|\([^)]*\)/g, "")
      .split(".")
      .at(-1) ?? header;
  return last
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

/** Which column plays each role; the first column of several wins. */
export function rolesOf(columns: readonly string[]): Map<Role, string> {
  const found = new Map<Role, string>();
  for (const column of columns) {
    const role = roleOf.get(plainHeader(column));
    if (role && !found.has(role)) found.set(role, column);
  }
  return found;
}
