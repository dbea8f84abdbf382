import type { Client } from "ldapts";
import type { TestSamba } from "../connectors/ldap/test-samba";
import { inChain } from "../connectors/ldap/test-samba-world";
import type { TestSlapd } from "../connectors/ldap/test-slapd";
import { privilegeAnswers, roleAnswers } from "../connectors/postgresql/test-oracle";
import { asAdministrator } from "../connectors/postgresql/test-provisioner";
import type { TestServer } from "../db/test-clusters";
import { passwordOf } from "./test-random-world";
import { base, type Worlds } from "./test-worlds";

// For tests: what the systems themselves answer of everybody, asked as their administrators and apart from the connectors.

/** What one system says of one account. */
export type Answer = {
  /** May it sign in, as the system says; and does its own password open it? */
  login: boolean;
  opened: boolean;
  /** Everything that it may do or is in, directly or by way of others. */
  holds: string[];
  /** What is said of it itself, and by whom it was given where that is noted. */
  direct: string[];
  /** Open sessions; null where the system does not tell. */
  sessions: number | null;
};

/** By system, then by the account's name. */
export type Answers = Map<string, Map<string, Answer>>;

/** Asks every system of everybody whose name begins so. */
export async function askAll(worlds: Worlds, prefix: string): Promise<Answers> {
  const answers: Answers = new Map();
  for (const [n, server] of worlds.servers.entries()) answers.set(`cluster-${n}`, await askServer(server, prefix));
  if (worlds.slapd) answers.set("directory", await askDirectory(worlds.slapd, prefix));
  if (worlds.samba) answers.set("domain", await askDomain(worlds.samba, prefix));
  return answers;
}

async function opens(connecting: Promise<{ end(): Promise<void> }>): Promise<boolean> {
  return connecting.then(
    (client) => client.end().then(() => true),
    () => false,
  );
}

async function askServer(server: TestServer, prefix: string): Promise<Map<string, Answer>> {
  const said = await asAdministrator(server, async (client) => {
    const roles = await client.query<{ name: string; login: boolean; sessions: number }>(
      `select rolname::text as name, rolcanlogin as login, (select count(*)::int from pg_stat_activity where usesysid = r.oid) as sessions
       from pg_roles r where rolname ~ '^${prefix}[a-z]'`,
    );
    const direct = await client.query<{ name: string; what: string; giver: string }>(directSql);
    return {
      roles: roles.rows,
      direct: direct.rows,
      privileges: await privilegeAnswers(client, server.major, false),
      memberships: await roleAnswers(client, server.major),
    };
  });
  const answers = new Map<string, Answer>();
  for (const { name, login, sessions } of said.roles) {
    const privileges = said.privileges.filter(({ roles }) => roles.includes(name));
    const groups = said.memberships.filter(({ role, of, member }) => role === name && of !== name && member);
    answers.set(name, {
      ...{ login, sessions, opened: await opens(server.connect("postgres", name, passwordOf(name))) },
      holds: [
        ...privileges.map(({ type, id, permission }) => `${permission} on ${type} ${id}`),
        ...groups.map(({ of, usage, set }) => `in ${of}, usage ${usage}, set ${set}`),
      ].sort(),
      direct: said.direct
        .filter((one) => one.name === name)
        .map(({ what, giver }) => `${what} by ${giver}`)
        .sort(),
    });
  }
  return answers;
}

// What is written of a role itself, with who gave it; an owner has what it owns, and its privileges, of itself.
const directSql = `
  select m.member::regrole::text as name, 'member' as what, m.grantor::regrole::text as giver from pg_auth_members m
  union all select a.grantee::regrole::text, a.privilege_type, a.grantor::regrole::text
    from (select coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner)) as acl
        from pg_class where relkind in ('r', 'v', 'S')
      union all select nspacl from pg_namespace union all select proacl from pg_proc
      union all select datacl from pg_database union all select attacl from pg_attribute) o
    cross join aclexplode(o.acl) a where a.grantee <> 0
  union all select relowner::regrole::text, 'OWNER', 'itself' from pg_class where relkind in ('r', 'v', 'S')`;

async function askDirectory(slapd: TestSlapd, prefix: string): Promise<Map<string, Answer>> {
  const said = (filter: string, ...attributes: string[]) =>
    slapd.tool("ldapsearch", [
      ...["-D", slapd.admin.dn, "-w", slapd.admin.password, "-LLL", "-o", "ldif-wrap=no", "-b", base, filter],
      ...attributes,
    ]);
  const people = said(`(&(uid=${prefix}*)(objectClass=inetOrgPerson))`, "uid", "memberOf", "pwdAccountLockedTime");
  const answers = new Map<string, Answer>();
  for (const entry of people.split("\n\n").filter((one) => one.trim() !== "")) {
    const name = /^uid: (.*)$/m.exec(entry)?.[1] ?? "";
    const dn = `uid=${name},ou=people,${base}`;
    const groups = said(`(|(member=${dn})(uniqueMember=${dn})(memberUid=${name}))`, "cn");
    const direct = [...groups.matchAll(/^cn: (.*)$/gm)].map(([, cn = ""]) => cn).sort();
    answers.set(name, {
      login: !/^pwdAccountLockedTime: 000001010000Z$/m.test(entry),
      opened: await opens(asEnding(slapd.connect({ dn, password: passwordOf(name) }))),
      holds: [...direct, ...[...entry.matchAll(/^memberOf: (.*)$/gm)].map(([, group = ""]) => group).sort()],
      ...{ direct, sessions: null },
    });
  }
  return answers;
}

async function askDomain(samba: TestSamba, prefix: string): Promise<Map<string, Answer>> {
  const { truth } = await inChain(samba);
  const client = await samba.connect();
  const { searchEntries } = await client.search(samba.base, {
    ...{ scope: "sub", filter: `(&(objectClass=user)(sAMAccountName=${prefix}*))` },
    attributes: ["sAMAccountName", "userAccountControl", "memberOf"],
  });
  await client.unbind();
  const answers = new Map<string, Answer>();
  for (const entry of searchEntries) {
    const name = String(entry.sAMAccountName);
    const mine = [...truth].filter((pair) => pair.startsWith(`${name}|`));
    const direct = [entry.memberOf ?? []].flat().map((dn) => /^CN=([^,]*)/.exec(String(dn))?.[1] ?? "");
    answers.set(name, {
      login: (Number(entry.userAccountControl) & 2) === 0,
      opened: await opens(asEnding(samba.connect({ dn: `${name}@acme.test`, password: passwordOf(name) }))),
      holds: mine.map((pair) => pair.slice(name.length + 1)).sort(),
      ...{ direct: direct.sort(), sessions: null },
    });
  }
  return answers;
}

async function asEnding(connecting: Promise<Client>): Promise<{ end(): Promise<void> }> {
  const client = await connecting;
  return { end: () => client.unbind() };
}
