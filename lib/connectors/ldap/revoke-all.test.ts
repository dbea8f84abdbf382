import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessRef, AccountRef, TakenOne } from "../provisioning";
import { ldap } from "./connector";
import { setUp } from "./set-up";
import { guidOf } from "./sid";
import { ldapContext } from "./test-context";
import { hasSamba, startSamba, type TestSamba } from "./test-samba";
import { addStaff, giver as domainGiver, makeGiver, overTls } from "./test-samba-giver";
import { hasSlapd, startSlapd, type TestSlapd } from "./test-slapd";
import { addEntries, baseEntry, ldifEntry, smallCompany } from "./test-world";

type Call = ReturnType<typeof ldapContext>;
type Taking = { account: AccountRef; accesses: AccessRef[] };

async function take(call: Call, taking: Taking): Promise<TakenOne[]> {
  const answer = await ldap.revokeAll?.(call, { ...taking, endingSessions: true });
  expect(answer?.sessions).toBeNull();
  return answer?.each ?? [];
}

const membership = (externalId: string, name: string): AccessRef => ({
  permission: "member",
  resource: { type: "group", externalId, name },
});
const gone = { held: false, ours: false };
const taken = (attribute: string) => ({
  taken: { outcome: "done", detail: expect.stringContaining(`from ${attribute} of`) },
  readBack: gone,
});
const unseen = membership("00000000-0000-0000-0000-000000000000", "nobody knows");

describe.runIf(hasSlapd())("several groups of OpenLDAP at once", () => {
  const base = "dc=planetexpress,dc=com";
  const giver = `cn=rollcall-gives,${base}`;
  const password = "a long random password";
  const closed = `cn=closed,${base}`;
  const nameOf = (uid: string) => `uid=${uid},ou=people,${base}`;
  let server: TestSlapd;
  const call = (pageSize = 500) =>
    ldapContext(
      {
        ...{ host: "127.0.0.1", port: server.tlsPort, ca: server.ca, schema: "openldap", baseDn: base, pageSize },
        ...{ bindDn: `cn=rollcall,${base}`, provisionDn: giver },
      },
      password,
    );
  const groups = ["one", "two", "three"];
  beforeAll(async () => {
    server = await startSlapd({
      access: "access to attrs=userPassword by anonymous auth by * none\naccess to * by * none",
    });
    addEntries(server, baseEntry(base) + smallCompany(base));
    for (const { code = "" } of setUp(call().settings)) {
      const isConfig = code.includes("cn=config");
      const who = isConfig ? server.configAdmin : server.admin;
      server.tool(isConfig ? "ldapmodify" : "ldapadd", ["-D", who.dn, "-w", who.password], `${code}\n`);
    }
    addEntries(server, ldifEntry(closed, { objectClass: "groupOfNames", cn: "closed", member: nameOf("bo") }));
    for (const cn of groups) {
      const member = [nameOf("ann"), ...(cn === "three" ? [] : [nameOf("bo")])];
      addEntries(server, ldifEntry(`cn=${cn},ou=groups,${base}`, { objectClass: "groupOfNames", cn, member }));
    }
  });
  afterAll(() => server?.stop());

  async function idOf(dn: string): Promise<string> {
    const client = await server.connect();
    const { searchEntries } = await client.search(dn, { scope: "base", attributes: ["entryUUID"] });
    await client.unbind();
    return String(searchEntries[0]?.entryUUID);
  }
  const account = async (uid: string) => ({ externalId: await idOf(nameOf(uid)), name: uid });
  const group = async (cn: string) => membership(await idOf(`cn=${cn},ou=groups,${base}`), cn);

  async function members(dn: string, attribute = "member"): Promise<unknown> {
    const client = await server.connect();
    const { searchEntries } = await client.search(dn, { scope: "base", attributes: [attribute] });
    await client.unbind();
    return searchEntries[0]?.[attribute];
  }

  it("each is taken by the list that its group keeps, and one that is refused holds up no other", async () => {
    const accesses = [
      await group("one"),
      membership(await idOf(closed), "closed"),
      await group("ops"),
      unseen,
      await group("two"),
      await group("empty"),
    ];
    const taking = { account: await account("bo"), accesses };
    const refused = {
      taken: { outcome: "impossible", because: expect.stringContaining("may not change") },
      readBack: { held: true, ours: true },
    };
    const unknown = { taken: { outcome: "impossible", because: expect.stringContaining("shows no group") } };
    const absent = { taken: { outcome: "already" }, readBack: gone };
    expect(await take(call(), taking)).toMatchObject([
      taken("member"),
      refused,
      taken("uniqueMember"),
      unknown,
      taken("member"),
      absent,
    ]);
    expect(await take(call(), taking)).toMatchObject([absent, refused, absent, unknown, absent, absent]);
    expect(await members(closed)).toBe(nameOf("bo"));
    expect(await members(`cn=one,ou=groups,${base}`)).toBe(nameOf("ann"));
  });

  it("takes the last member out of a group that must have one, in answers of one entry each", async () => {
    const accesses = await Promise.all(groups.map(group));
    const each = await take(call(10), { account: await account("ann"), accesses });
    expect(each).toMatchObject(groups.map(() => taken("member")));
    for (const cn of groups) expect(await members(`cn=${cn},ou=groups,${base}`)).toBe("");
  });

  it("leaves a primary group, and takes what lists names of logins", async () => {
    const posix = await account("posix");
    const primary = await group("shell");
    const [left] = await take(call(), { account: posix, accesses: [primary] });
    expect(left).toMatchObject({
      taken: { outcome: "impossible", because: expect.stringContaining("primary group") },
      readBack: { held: true, ours: false },
    });
    const [login] = await take(call(), { account: await account("ann"), accesses: [primary, primary] });
    expect(login).toMatchObject(taken("memberUid"));
    expect(await members(`cn=shell,ou=groups,${base}`, "memberUid")).toBe("gone");
  });

  it("an account that is not there any more has nothing, and each says so", async () => {
    const nobody = { externalId: "00000000-0000-0000-0000-000000000000", name: "nobody" };
    const [one] = await take(call(), { account: nobody, accesses: [await group("staff")] });
    expect(one).toMatchObject({ taken: { outcome: "impossible", because: expect.stringContaining("no account") } });
  });
});

describe.runIf(hasSamba())("several groups of a domain at once", () => {
  let server: TestSamba;
  let ann: AccountRef;
  const ids = new Map<string, string>();
  const call = () =>
    ldapContext(
      {
        ...{ host: server.host, ca: server.ca, schema: "active-directory", baseDn: server.base },
        ...{ bindDn: "Administrator@acme.test", provisionDn: domainGiver.dn },
      },
      domainGiver.password,
    );
  const group = (cn: string) => membership(ids.get(cn) ?? "", cn);
  beforeAll(async () => {
    server = await startSamba();
    makeGiver(server);
    const client = await overTls(server);
    const member = await addStaff(client, { login: "ann", password: "Canary-ann-1", base: server.base });
    const places = {
      one: `OU=Groups,${server.base}`,
      two: `OU=Groups,${server.base}`,
      apart: `CN=Users,${server.base}`,
    };
    for (const [cn, place] of Object.entries(places))
      await client.add(`CN=${cn},${place}`, { objectClass: "group", sAMAccountName: cn, member });
    ann = { externalId: await guidAt(member), name: "ann" };
    for (const [cn, place] of Object.entries(places)) ids.set(cn, await guidAt(`CN=${cn},${place}`));
    ids.set("primary", await guidAt(`CN=Domain Users,CN=Users,${server.base}`));
    await client.unbind();
  }, 240_000);
  afterAll(() => server?.stop());

  async function guidAt(dn: string): Promise<string> {
    const client = await overTls(server);
    const attributes = ["objectGUID"];
    const asked = { scope: "base", attributes, explicitBufferAttributes: attributes } as const;
    const { searchEntries } = await client.search(dn, asked);
    await client.unbind();
    const guid = searchEntries[0]?.objectGUID;
    return guidOf(Buffer.isBuffer(guid) ? guid : undefined) ?? "";
  }

  it("each is taken, and where Rollcall may not change the group, and the primary group, are said by themselves", async () => {
    const accesses = ["one", "apart", "two", "primary"].map(group);
    const refused = {
      taken: { outcome: "impossible", because: expect.stringContaining("may not change") },
      readBack: { held: true, ours: true },
    };
    const primary = {
      taken: { outcome: "impossible", because: expect.stringContaining("primary group") },
      readBack: { held: true, ours: false },
    };
    const already = { taken: { outcome: "already" }, readBack: gone };
    expect(await take(call(), { account: ann, accesses })).toMatchObject([
      taken("member"),
      refused,
      taken("member"),
      primary,
    ]);
    expect(await take(call(), { account: ann, accesses })).toMatchObject([already, refused, already, primary]);
  });
});
