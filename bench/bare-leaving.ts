import { Attribute, Change, type Client } from "ldapts";
import type { TestSamba } from "@/lib/connectors/ldap/test-samba";
import { addStaff, giver, overTls } from "@/lib/connectors/ldap/test-samba-giver";
import type { TestSlapd } from "@/lib/connectors/ldap/test-slapd";
import { provisioner } from "@/lib/connectors/postgresql/test-provisioner";
import type { TestServer } from "@/lib/db/test-clusters";
import {
  addToDirectory,
  asProvisioner,
  base,
  directorySettings,
  makeRoles,
  type Worlds,
} from "@/lib/offboarding/test-worlds";

const password = (name: string) => `Canary-${name}-1`;

/** People who each hold so many accesses in each of the four systems. */
export async function fillFourSystems(worlds: Worlds, people: string[], each: number): Promise<void> {
  const groups = Array.from({ length: each }, (_, n) => `held${n}`);
  for (const server of worlds.servers) {
    await makeRoles(server, { accounts: people, groups });
    await asProvisioner(
      server,
      people.flatMap((name) => groups.map((group) => `grant ${group} to ${name}`)),
    );
  }
  if (worlds.slapd)
    addToDirectory(worlds.slapd, { people, groups: Object.fromEntries(groups.map((cn) => [cn, people])) });
  if (worlds.samba) await fillDomain(worlds.samba, people, groups);
}

async function fillDomain(samba: TestSamba, people: string[], groups: string[]): Promise<void> {
  const client = await overTls(samba);
  const member: string[] = [];
  for (const login of people)
    member.push(await addStaff(client, { login, password: password(login), base: samba.base }));
  for (const cn of groups)
    await client.add(`CN=${cn},OU=Groups,${samba.base}`, { objectClass: "group", sAMAccountName: cn, member });
  await client.unbind();
}

/**
 * What an administrator's script does, one system after another, in one session of each: shut the account and end its
 * sessions, see that it is shut and refuses a sign-in, then take each access and read it back.
 */
export async function bareSequence(
  worlds: Worlds,
  name: string,
  each: number,
): Promise<{ shutMs: number; allMs: number }> {
  const groups = Array.from({ length: each }, (_, n) => `held${n}`);
  const startedAtMs = performance.now();
  let shutMs = 0;
  const shut = async (work: () => Promise<void>) => {
    const before = performance.now();
    await work();
    shutMs += performance.now() - before;
  };
  for (const server of worlds.servers) await bareServer(server, name, groups, shut);
  if (worlds.slapd) await bareDirectory(worlds.slapd, name, groups, shut);
  if (worlds.samba) await bareDomain(worlds.samba, name, groups, shut);
  return { shutMs, allMs: performance.now() - startedAtMs };
}

type Shut = (work: () => Promise<void>) => Promise<void>;

async function bareServer(server: TestServer, name: string, groups: string[], shut: Shut): Promise<void> {
  let client = null as Awaited<ReturnType<TestServer["connect"]>> | null;
  await shut(async () => {
    client = await server.connect("postgres", provisioner, "provision-canary");
    await client.query(`alter role ${name} nologin`);
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [name]);
    await client.query(
      "select rolcanlogin, (select count(*) from pg_stat_activity where usename = $1) from pg_roles where rolname = $1",
      [name],
    );
    await mustFail(server.connect("postgres", name, "wrong"));
  });
  for (const group of groups) {
    await client?.query(`revoke ${group} from ${name}`);
    await client?.query("select 1 from pg_auth_members where member = $1::regrole and roleid = $2::regrole", [
      name,
      group,
    ]);
  }
  await client?.end();
}

async function bareDirectory(slapd: TestSlapd, name: string, groups: string[], shut: Shut): Promise<void> {
  const dn = `uid=${name},ou=people,${base}`;
  const who = { dn: directorySettings(slapd).provisionDn, password: "a long random password" };
  const client = await slapd.connect(who);
  await shut(async () => {
    await change(client, dn, "replace", "pwdAccountLockedTime", "000001010000Z");
    await client.search(dn, { scope: "base", attributes: ["pwdAccountLockedTime"] });
    await mustFail(slapd.connect({ dn, password: "wrong" }));
  });
  for (const cn of groups) await takeOut(client, `cn=${cn},ou=groups,${base}`, dn);
  await client.unbind();
}

async function bareDomain(samba: TestSamba, name: string, groups: string[], shut: Shut): Promise<void> {
  const dn = `CN=${name},OU=Staff,${samba.base}`;
  const client = await samba.connect(giver);
  await shut(async () => {
    await change(client, dn, "replace", "userAccountControl", "514");
    await client.search(dn, { scope: "base", attributes: ["userAccountControl"] });
    await mustFail(samba.connect({ dn, password: "wrong" }));
  });
  for (const cn of groups) await takeOut(client, `CN=${cn},OU=Groups,${samba.base}`, dn);
  await client.unbind();
}

async function takeOut(client: Client, group: string, member: string): Promise<void> {
  await change(client, group, "delete", "member", member);
  await client.search(group, { scope: "base", filter: `(member=${member})`, attributes: ["cn"] });
}

async function change(
  client: Client,
  dn: string,
  operation: "replace" | "delete",
  type: string,
  value: string,
): Promise<void> {
  await client.modify(dn, new Change({ operation, modification: new Attribute({ type, values: [value] }) }));
}

async function mustFail(signingIn: Promise<unknown>): Promise<void> {
  const opened = await signingIn.then(
    () => true,
    () => false,
  );
  if (opened) throw new Error("a sign-in with a wrong password was let in");
}
