import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collect, observed } from "../contract-tests";
import type { HeldAccess } from "../provisioning";
import { ldap } from "./connector";
import { setUp } from "./set-up";
import { ldapContext, ldapRead } from "./test-context";
import { hasSlapd, startSlapd, type TestSlapd } from "./test-slapd";
import { addEntries, baseEntry, ldifEntry, smallCompany } from "./test-world";

const base = "dc=planetexpress,dc=com";
const reader = `cn=rollcall,${base}`;
const giver = `cn=rollcall-gives,${base}`;
const password = "a long random password";
let server: TestSlapd;
const given = () => ({
  host: "127.0.0.1",
  port: server.tlsPort,
  ca: server.ca,
  schema: "openldap" as const,
  ...{ baseDn: base, bindDn: reader, provisionDn: giver },
});
const context = () => ldapContext(given(), password);

// The very instructions that the page shows, run as they are.
function runInstructions(): void {
  for (const { code = "" } of setUp(ldapContext(given(), "").settings)) {
    const isConfig = code.includes("cn=config");
    const who = isConfig ? server.configAdmin : server.admin;
    server.tool(isConfig ? "ldapmodify" : "ldapadd", ["-D", who.dn, "-w", who.password], `${code}\n`);
  }
}

async function held(uid: string, group: string): Promise<HeldAccess> {
  const items = observed(await collect(ldapRead(given(), password)));
  const account = items.find((it) => it.kind === "account" && it.name === uid);
  const resource = items.find((it) => it.kind === "resource" && it.name === `cn=${group},ou=groups,${base}`);
  if (account?.kind !== "account" || resource?.kind !== "resource") throw new Error("the test asks for nobody");
  return { account, access: { permission: "member", resource } };
}

describe.runIf(hasSlapd())("OpenLDAP, set up as the instructions say", () => {
  beforeAll(async () => {
    server = await startSlapd({
      access: "access to attrs=userPassword by anonymous auth by * none\naccess to * by * none",
    });
    addEntries(server, baseEntry(base) + smallCompany(base));
    const people = Array.from({ length: 1_500 }, (_, n) => n);
    addEntries(
      server,
      people
        .map((n) =>
          ldifEntry(`uid=p${n},ou=people,${base}`, { objectClass: "inetOrgPerson", uid: `p${n}`, cn: `${n}`, sn: "p" }),
        )
        .join(""),
    );
    runInstructions();
  });
  afterAll(() => server?.stop());

  it("reads all pages as the account that only reads, and no password", async () => {
    const items = observed(await collect(ldapRead(given(), password)));
    expect(items.filter((it) => it.kind === "account").length).toBeGreaterThan(1_500);
    expect(items.filter((it) => it.kind === "credential").length).toBeGreaterThan(2);
    const found = server.tool("ldapsearch", [
      "-D",
      reader,
      "-w",
      password,
      "-b",
      `uid=ann,ou=people,${base}`,
      "userPassword",
    ]);
    expect(found).not.toMatch(/^userPassword/m);
  });

  it("cannot change anything as the account that only reads", async () => {
    const access = await held("bo", "staff");
    const asReader = ldapContext({ ...given(), provisionDn: reader }, password);
    expect(await ldap.grant?.(asReader, { ...access, until: null })).toMatchObject({ outcome: "impossible" });
    expect(await ldap.disable?.(asReader, access.account)).toMatchObject({ outcome: "impossible" });
  });

  it.each([
    ["bo", "staff", "member"],
    ["posix", "ops", "uniqueMember"],
    ["bo", "shell", "memberUid"],
  ])("puts %s into %s, reads it back, and takes it back, twice each", async (uid, group, attribute) => {
    const access = await held(uid, group);
    expect((await ldap.readBack?.(context(), access))?.held).toBe(false);
    const first = await ldap.grant?.(context(), { ...access, until: null });
    expect(first).toEqual({ outcome: "done", detail: expect.stringContaining(attribute) });
    expect(await ldap.grant?.(context(), { ...access, until: null })).toMatchObject({ outcome: "already" });
    expect(await ldap.readBack?.(context(), access)).toMatchObject({ held: true, ours: true, alsoBy: [] });
    expect(await ldap.revoke?.(context(), access)).toMatchObject({ outcome: "done" });
    expect(await ldap.revoke?.(context(), access)).toMatchObject({ outcome: "already" });
    expect(await ldap.readBack?.(context(), access)).toMatchObject({ held: false });
  });

  it("takes the last member out of a group that must have one", async () => {
    const access = await held("bo", "stale");
    const stale = { ...access, account: (await held("bo", "stale")).account };
    server.tool(
      "ldapmodify",
      ["-D", server.admin.dn, "-w", server.admin.password],
      `dn: cn=stale,ou=groups,${base}\nchangetype: modify\nreplace: member\nmember: uid=bo,ou=people,${base}\n`,
    );
    expect(await ldap.revoke?.(context(), stale)).toMatchObject({ outcome: "done" });
    expect((await ldap.readBack?.(context(), stale))?.held).toBe(false);
  });

  it("does not take away a primary group, and says what must change first", async () => {
    const access = await held("posix", "shell");
    expect(await ldap.readBack?.(context(), access)).toMatchObject({ held: true, ours: false });
    expect(await ldap.revoke?.(context(), access)).toMatchObject({
      outcome: "impossible",
      because: expect.stringContaining("primary group"),
    });
  });

  it("never says gone of a list that only the account that reads is shown", async () => {
    const closed = `cn=closed,${base}`;
    const member = `uid=bo,ou=people,${base}`;
    addEntries(server, ldifEntry(closed, { objectClass: "groupOfNames", cn: "closed", member }));
    const of = { type: "group", externalId: closed, name: closed };
    const access = { ...(await held("bo", "ops")), access: { permission: "member", resource: of } };
    expect(await ldap.readBack?.(context(), access)).toMatchObject({ held: true });
    expect(await ldap.revoke?.(context(), access)).toMatchObject({
      ...{ outcome: "impossible", because: expect.stringContaining("may not change") },
    });
  });

  it("follows an account that was renamed since it was read", async () => {
    const access = await held("p7", "staff");
    const client = await server.connect();
    await client.modifyDN(`uid=p7,ou=people,${base}`, `uid=p7 moved,ou=people,${base}`);
    await client.unbind();
    expect(await ldap.grant?.(context(), { ...access, until: null })).toMatchObject({ outcome: "done" });
    expect((await ldap.readBack?.(context(), access))?.held).toBe(true);
  });

  it("says of what is gone, and of what no directory gives, that it is not possible", async () => {
    const access = await held("bo", "staff");
    const gone = { ...access, account: { ...access.account, externalId: "00000000-0000-0000-0000-000000000000" } };
    expect(await ldap.grant?.(context(), { ...gone, until: null })).toMatchObject({ outcome: "impossible" });
    const other = { permission: "read", resource: { type: "directory", externalId: base, name: base } };
    expect(await ldap.grant?.(context(), { ...access, access: other, until: null })).toMatchObject({
      outcome: "impossible",
    });
    expect(ldap.canGive?.(other)).toMatchObject({ because: expect.stringContaining("membership") });
  });

  it("refuses to change anything where no account for it was named", async () => {
    const access = await held("bo", "staff");
    const onlyReads = ldapContext({ ...given(), provisionDn: "" }, password);
    await expect(ldap.grant?.(onlyReads, { ...access, until: null })).rejects.toMatchObject({ code: "invalid" });
    expect((await ldap.readBack?.(onlyReads, access))?.held).toBe(false);
    expect((await ldap.check?.(onlyReads))?.cannotGive).toHaveLength(1);
  });

  it("locks an account for good, so that its own password opens nothing", async () => {
    const { account } = await held("ann", "staff");
    const ann = { dn: `uid=ann,ou=people,${base}`, password: "ann-canary" };
    await (await server.connect(ann)).unbind();
    expect(await ldap.disable?.(context(), account)).toMatchObject({ outcome: "done" });
    expect(await ldap.disable?.(context(), account)).toMatchObject({ outcome: "already" });
    await expect(server.connect(ann)).rejects.toThrow();
    const items = observed(await collect(ldapRead(given(), password)));
    expect(items.find((it) => it.kind === "account" && it.name === "ann")).toMatchObject({ status: "disabled" });
  });

  it("says how an account stands, lets it in again, and deletes it only once it is shut", async () => {
    const { account } = await held("ann", "staff");
    const ann = { dn: `uid=ann,ou=people,${base}`, password: "ann-canary" };
    expect(await ldap.probe?.(context(), account)).toMatchObject({ there: true, open: false, signIn: "refused" });
    expect(await ldap.enable?.(context(), account)).toMatchObject({ outcome: "done" });
    expect(await ldap.enable?.(context(), account)).toMatchObject({ outcome: "already" });
    await (await server.connect(ann)).unbind();
    expect(await ldap.probe?.(context(), account)).toMatchObject({ there: true, open: true, signIn: "refused" });
    expect(await ldap.remove?.(context(), account)).toMatchObject({ outcome: "impossible" });
    await (await server.connect(ann)).unbind();
    expect(await ldap.disable?.(context(), account)).toMatchObject({ outcome: "done" });
    expect(await ldap.remove?.(context(), account)).toMatchObject({ outcome: "done" });
    expect(await ldap.remove?.(context(), account)).toMatchObject({ outcome: "already" });
    expect(await ldap.probe?.(context(), account)).toMatchObject({ there: false, open: false });
  });

  it("is shut and let in again by several at once, as by a worker that was killed and the one after it", async () => {
    const { account } = await held("bo", "staff");
    for (const verb of [ldap.disable, ldap.enable, ldap.disable, ldap.enable]) {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => verb?.(context(), account)));
      for (const outcome of outcomes) expect(outcome?.outcome).toMatch(/^(done|already)$/);
      expect((await ldap.probe?.(context(), account))?.open).toBe(verb === ldap.enable);
    }
  });

  it("never shuts or deletes an account by which it signs in itself", async () => {
    const { account } = await held("bo", "staff");
    const asBo = ldapContext({ ...given(), provisionDn: giver, bindDn: `uid=bo,ou=people,${base}` }, password);
    expect(ldap.isOwn?.(asBo.settings, account)).toBe(true);
    expect(ldap.isOwn?.(context().settings, account)).toBe(false);
    for (const verb of [ldap.disable, ldap.remove])
      expect(await verb?.(asBo, account)).toMatchObject({
        outcome: "impossible",
        because: expect.stringContaining("Rollcall itself"),
      });
  });
});
