import { randomBytes } from "node:crypto";
import { createConnection } from "../connections/create-connection";
import { setUp } from "../connectors/ldap/set-up";
import { ldapContext } from "../connectors/ldap/test-context";
import { startSamba, type TestSamba } from "../connectors/ldap/test-samba";
import { giver, makeGiver } from "../connectors/ldap/test-samba-giver";
import { startSlapd, type TestSlapd } from "../connectors/ldap/test-slapd";
import { addEntries, baseEntry, person as entryOf, ldifEntry } from "../connectors/ldap/test-world";
import { asAdministrator, makeProvisioner, provisioner } from "../connectors/postgresql/test-provisioner";
import { db } from "../db/client";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../db/test-clusters";
import { freshDatabase } from "../db/test-database";
import { loadPolicies } from "../policies/load-policies";
import { sync, worker } from "../requests/test-world";

// For tests: several real systems at once, in which the same people have accounts.

export type Worlds = {
  servers: TestServer[];
  slapd: TestSlapd | null;
  samba: TestSamba | null;
  connections: string[];
  drop(): Promise<void>;
};

/** The base of the directory. */
export const base = "dc=planetexpress,dc=com";
const password = "a long random password";
const q = (name: string) => `"${name}"`;

/** Two PostgreSQL servers and, where they are installed, an OpenLDAP directory and the domain controller of a domain. */
export async function startWorlds({
  directory,
  domain = false,
}: {
  directory: boolean;
  domain?: boolean;
}): Promise<Worlds> {
  process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  const second = hasDebianServer() ? startServer15 : startServer18;
  const [database, one, other, slapd, samba] = await Promise.all([
    freshDatabase(),
    startServer18(),
    second(),
    directory ? startDirectory() : null,
    domain ? startSamba() : null,
  ]);
  await loadPolicies(worker);
  const servers = [one, other];
  const connections: string[] = [];
  for (const [index, server] of servers.entries()) {
    await makeProvisioner(server);
    connections.push(await connectServer(server, `cluster-${index}`));
  }
  if (slapd) connections.push(await connectDirectory(slapd));
  if (samba) connections.push(await connectDomain(samba));
  return {
    servers,
    slapd,
    samba,
    connections,
    drop: async () => {
      await database.drop();
      await Promise.all([...servers.map((server) => server.stop()), slapd?.stop(), samba?.stop()]);
    },
  };
}

/** Connects a server by the roles that its set-up made. */
export async function connectServer(
  server: Pick<TestServer, "port" | "user" | "password">,
  name: string,
): Promise<string> {
  const settings = {
    host: "127.0.0.1",
    port: server.port,
    user: server.user,
    provisionUser: provisioner,
    sslmode: "disable",
  };
  const { id } = await createConnection(worker, {
    ...{ name, connector: "postgresql", environment: "production", settings, syncNow: false },
    secrets: { password: server.password, provisionPassword: "provision-canary" },
  });
  return id;
}

/** Roles of this cluster: accounts that can be shut, and groups that can be given. */
export async function makeRoles(server: TestServer, of: { accounts: string[]; groups: string[] }): Promise<void> {
  const options = server.major >= 16 ? "with admin true, inherit false, set false" : "with admin option";
  await asAdministrator(server, async (client) => {
    for (const group of of.groups) {
      await client.query(`create role ${q(group)}`);
      await client.query(`grant ${q(group)} to ${q(provisioner)} ${options}`);
    }
    for (const account of of.accounts) {
      await client.query(`create role ${q(account)} login password '${account}'`);
      if (server.major >= 16) await client.query(`grant ${q(account)} to ${q(provisioner)} ${options}`);
    }
  });
}

/** As the role that gives access, so that what it gives it can take. */
export async function asProvisioner(server: TestServer, statements: readonly string[]): Promise<void> {
  const client = await server.connect("postgres", provisioner, "provision-canary");
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Reads every system again, and gives its accounts the people of their names. */
export async function readAll({ connections }: Pick<Worlds, "connections">): Promise<void> {
  for (const id of connections) await sync(id);
  await db().$executeRaw`update principals p set identity_id = i.id, match_rule = 'person', match_set_by = 'test'
    from identities i where p.type = 'account' and (i.email = p.name || '@acme.test' or i.name = p.name and i.kind <> 'human' and i.kind_reason = 'test')`;
}

/** What a cluster itself says of an account: may it sign in, its memberships, and does its own password open it? */
export async function standingOf(server: TestServer, name: string) {
  const found = await asAdministrator(server, async (client) => {
    const { rows } = await client.query<{ login: boolean; memberships: string[] }>(
      `select r.rolcanlogin as login, array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = r.oid order by 1) as memberships from pg_roles r where r.rolname = $1`,
      [name],
    );
    return rows[0];
  });
  const opened = await server.connect("postgres", name, name).then(
    (client) => client.end().then(() => true),
    () => false,
  );
  return { login: found?.login ?? false, memberships: found?.memberships ?? [], opened };
}

/** Entries of a directory: people with a password of their own, and groups with their members. */
export function addToDirectory(slapd: TestSlapd, of: { people: string[]; groups: Record<string, string[]> }): void {
  const dn = (uid: string) => `uid=${uid},ou=people,${base}`;
  const entries = of.people.map((uid) =>
    entryOf(base, uid, { mail: `${uid}@acme.test`, userPassword: `${uid}-canary` }),
  );
  const groups = Object.entries(of.groups).map(([cn, members]) =>
    ldifEntry(`cn=${cn},ou=groups,${base}`, {
      objectClass: "groupOfNames",
      cn,
      member: [dn("keeper"), ...members.map(dn)],
    }),
  );
  addEntries(slapd, entries.join("") + groups.join(""));
}

/** What the directory itself says: in which groups is somebody, and does their own password open it? */
export async function directoryStanding(slapd: TestSlapd, uid: string) {
  const dn = `uid=${uid},ou=people,${base}`;
  const said = slapd.tool("ldapsearch", [
    ...["-D", slapd.admin.dn, "-w", slapd.admin.password, "-LLL", "-b", `ou=groups,${base}`, `(member=${dn})`, "cn"],
  ]);
  const opened = await slapd.connect({ dn, password: `${uid}-canary` }).then(
    (client) => client.unbind().then(() => true),
    () => false,
  );
  return { groups: [...said.matchAll(/^cn: (.*)$/gm)].map(([, cn]) => cn), opened };
}

/** What `startSlapd` takes of the overlay ppolicy, and the policies in the directory with their pwdLockout. */
type Overlay = { overlay?: string; policies?: Readonly<Record<string, "TRUE" | "FALSE">> };

/** A directory in which accounts can be locked, read and changed by the entries that its set-up makes. */
export async function startDirectory({ overlay, policies = { default: "TRUE" } }: Overlay = {}): Promise<TestSlapd> {
  const slapd = await startSlapd({
    overlay,
    access: "access to attrs=userPassword by anonymous auth by * none\naccess to * by * none",
  });
  const ou = (name: string) => ldifEntry(`ou=${name},${base}`, { objectClass: "organizationalUnit", ou: name });
  const policy = Object.entries(policies).map(([cn, pwdLockout]) =>
    ldifEntry(`cn=${cn},ou=policies,${base}`, {
      objectClass: ["device", "pwdPolicy"],
      ...{ cn, pwdAttribute: "userPassword", pwdLockout },
    }),
  );
  addEntries(
    slapd,
    baseEntry(base) + ou("people") + ou("groups") + ou("policies") + policy.join("") + entryOf(base, "keeper", {}),
  );
  runSetUp(slapd, ["entries", "rules"]);
  return slapd;
}

/** The set-up's entries, and its rules of who may what: those are gone when this server starts again. */
export function runSetUp(slapd: TestSlapd, parts: readonly ("entries" | "rules")[]): void {
  for (const { code = "" } of setUp(ldapContext(directorySettings(slapd), "").settings)) {
    const isConfig = code.includes("cn=config");
    if (!parts.includes(isConfig ? "rules" : "entries")) continue;
    // A server that does not know the overlay knows none of its attributes: its administrator leaves those rules out.
    if (!slapd.knowsPolicies && code.includes("pwd")) continue;
    const who = isConfig ? slapd.configAdmin : slapd.admin;
    slapd.tool(isConfig ? "ldapmodify" : "ldapadd", ["-D", who.dn, "-w", who.password], `${code}\n`);
  }
}

/** How it is connected. */
export function directorySettings(slapd: TestSlapd) {
  return {
    ...{ host: "127.0.0.1", port: slapd.tlsPort, ca: slapd.ca, schema: "openldap" as const, baseDn: base },
    ...{ bindDn: `cn=rollcall,${base}`, provisionDn: `cn=rollcall-gives,${base}` },
  };
}

/** Connects such a directory. */
export async function connectDirectory(slapd: TestSlapd): Promise<string> {
  const { id } = await createConnection(worker, {
    ...{ name: "directory", connector: "ldap", environment: "production", syncNow: false },
    settings: directorySettings(slapd),
    secrets: { password, provisionPassword: password },
  });
  return id;
}

async function connectDomain(samba: TestSamba): Promise<string> {
  makeGiver(samba);
  const { id } = await createConnection(worker, {
    ...{ name: "domain", connector: "ldap", environment: "production", syncNow: false },
    settings: {
      ...{ host: samba.host, ca: samba.ca, schema: "active-directory", baseDn: samba.base },
      ...{ bindDn: "Administrator@acme.test", provisionDn: giver.dn },
    },
    secrets: { password: samba.admin.password, provisionPassword: giver.password },
  });
  return id;
}
