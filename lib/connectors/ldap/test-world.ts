import { hostileNames } from "../contract-tests";
import { escapeValue } from "./dn";
import type { TestSlapd } from "./test-slapd";

// For tests: what is put into a real slapd.

/** Attributes of an entry for LDIF; every value is written in base64, so that any text comes through. */
export function ldifEntry(dn: string, attributes: Record<string, string | string[]>): string {
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => (value === "" ? `${name}:` : `${name}:: ${Buffer.from(value).toString("base64")}`)),
  );
  return [`dn:: ${Buffer.from(dn).toString("base64")}`, ...lines, "", ""].join("\n");
}

/** The entry of the base itself. */
export function baseEntry(base: string): string {
  const dc = /^dc=([^,]+)/.exec(base)?.[1] ?? "example";
  return ldifEntry(base, { objectClass: ["dcObject", "organization"], o: dc, dc });
}

/** Names that a directory takes for a login name: NUL and the like are refused by slapd itself. */
export const takenNames = hostileNames.filter((name) => Buffer.byteLength(name) <= 256);

/** A person of the standard schemas. */
export function person(base: string, uid: string, more: Record<string, string | string[]> = {}): string {
  const dn = `uid=${escapeValue(uid)},ou=people,${base}`;
  return ldifEntry(dn, { objectClass: "inetOrgPerson", uid, cn: uid, sn: uid, ...more });
}

/** A small company with every way in which the standard schemas put somebody into a group. */
export function smallCompany(base: string): string {
  const name = (uid: string) => `uid=${escapeValue(uid)},ou=people,${base}`;
  const group = (cn: string) => `cn=${escapeValue(cn)},ou=groups,${base}`;
  const ou = (name: string) => ldifEntry(`ou=${name},${base}`, { objectClass: "organizationalUnit", ou: name });
  return [
    ou("people"),
    ou("groups"),
    ou("policies"),
    ldifEntry(`cn=default,ou=policies,${base}`, {
      objectClass: ["device", "pwdPolicy"],
      cn: "default",
      pwdAttribute: "userPassword",
      pwdLockout: "TRUE",
      pwdMaxAge: "7776000",
    }),
    person(base, "ann", { mail: "ann@nordwind.example", employeeNumber: "17", userPassword: "ann-canary" }),
    person(base, "bo", { manager: name("ann"), userPassword: "bo-canary" }),
    ldifEntry(name("posix"), {
      objectClass: ["account", "posixAccount", "shadowAccount"],
      ...{ uid: "posix", cn: "Po Six", uidNumber: "1000", gidNumber: "2000", homeDirectory: "/", shadowExpire: "1" },
    }),
    ldifEntry(`cn=robot,${base}`, {
      objectClass: ["organizationalRole", "simpleSecurityObject"],
      cn: "robot",
      userPassword: "robot-canary",
    }),
    ...takenNames.map((hostile) => person(base, hostile)),
    ldifEntry(group("staff"), { objectClass: "groupOfNames", cn: "staff", member: [name("ann"), group("ops")] }),
    ldifEntry(group("ops"), {
      objectClass: "groupOfUniqueNames",
      cn: "ops",
      uniqueMember: [name("bo"), group("staff")],
    }),
    ldifEntry(group("shell"), {
      objectClass: "posixGroup",
      cn: "shell",
      gidNumber: "2000",
      memberUid: ["ann", "gone"],
    }),
    ldifEntry(group("empty"), { objectClass: "groupOfNames", cn: "empty", member: "" }),
    ldifEntry(group("stale"), { objectClass: "groupOfNames", cn: "stale", member: [name("left"), name("bo")] }),
    ldifEntry(group("boss"), { objectClass: "organizationalRole", cn: "boss", roleOccupant: name("ann") }),
  ].join("");
}

/** Adds entries as the administrator. */
export function addEntries(server: TestSlapd, ldif: string): void {
  server.tool("ldapadd", ["-D", server.admin.dn, "-w", server.admin.password], ldif);
}
