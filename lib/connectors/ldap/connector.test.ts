import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector } from "../contract";
import { collect, observed, testContract } from "../contract-tests";
import type { ParsedObservation } from "../schema";
import { ldap } from "./connector";
import type { Settings } from "./schema";
import { ldapContext, ldapRead } from "./test-context";
import { planetExpress } from "./test-data";
import { hasSlapd, startSlapd, type TestSlapd } from "./test-slapd";
import { addEntries, baseEntry, person, smallCompany, takenNames } from "./test-world";

let server: TestSlapd;
const base = "dc=planetexpress,dc=com";
const canary = "admin-canary";

const given = (more: Partial<Settings> = {}) => ({
  host: "127.0.0.1",
  port: server.tlsPort,
  ca: server.ca,
  bindDn: server.admin.dn,
  pageSize: 4,
  ...more,
});
const read =
  (more: Partial<Settings> = {}, password = canary) =>
  (signal: AbortSignal) =>
    ldapRead(given(more), password)(signal);
const everything = async (more: Partial<Settings> = {}) => observed(await collect(read(more)));

type Account = Extract<ParsedObservation, { kind: "account" }>;
const accountOf = (items: ParsedObservation[], name: string): Account | undefined =>
  items.find((item): item is Account => item.kind === "account" && item.name === name);

function membersOf(items: ParsedObservation[], group: string): string[] {
  const names = new Map(
    items.flatMap((it) => (it.kind === "account" || it.kind === "group" ? [[it.externalId, it.name]] : [])),
  );
  const id = items.find((it) => it.kind === "group" && it.name === group);
  if (id?.kind !== "group") throw new Error(`there is no group ${group}`);
  return items
    .flatMap((it) =>
      it.kind === "membership" && it.group === id.externalId ? [names.get(it.member) ?? it.member] : [],
    )
    .toSorted();
}

describe.runIf(hasSlapd())("OpenLDAP", () => {
  beforeAll(async () => {
    server = await startSlapd();
    addEntries(server, baseEntry(base) + smallCompany(base));
  });
  afterAll(() => server?.stop());

  testContract("ldap", {
    connector: ldap as Connector,
    read: read(),
    readHostile: read(),
    hostileNames: takenNames,
    secrets: ["wrong-canary", canary],
    failures: {
      "a wrong password": read({}, "wrong-canary"),
      "an account that is not there": read({ bindDn: `cn=nobody,${base}` }),
      "a name without a password": read({}, ""),
      "a base that is not there": read({ baseDn: "dc=nowhere" }),
      "a base where nobody is": read({ baseDn: `ou=policies,${base}` }),
      "a host that is not there": read({ host: "no-such-host.invalid" }),
      "a port that nobody listens on": read({ port: 1 }),
      "a certificate that nobody trusted signed": read({ ca: "" }),
      "TLS where there is none": (signal) => read({ port: server.port })(signal),
    },
  });

  it.each([
    ["starttls", "an encrypted connection to a server that proved who it is"],
    ["plain", "NOT encrypted"],
  ] as const)("says over %s how safe the connection is", async (security, said) => {
    const found = await ldap.check?.(ldapContext(given({ security, port: server.port }), canary));
    expect(found?.system).toBe(`OpenLDAP at 127.0.0.1:${server.port}`);
    expect(found?.sees.at(-1)).toContain(said);
    expect(JSON.stringify(found)).not.toContain("canary");
  });

  it("reads as nobody where the server allows it", async () => {
    const found = await ldap.check?.(ldapContext(given({ bindDn: "" }), ""));
    expect(found?.as).toBe("nobody: anonymous");
  });

  it("knows every way of being in a group: by name, by login name, by number", async () => {
    const items = await everything();
    const group = (cn: string) => membersOf(items, `cn=${cn},ou=groups,${base}`);
    expect(group("staff")).toEqual(["ann", `cn=ops,ou=groups,${base}`]);
    expect(group("ops")).toEqual(["bo", `cn=staff,ou=groups,${base}`]);
    expect(group("shell")).toEqual(["ann", "posix"]);
    expect(group("empty")).toEqual([]);
    expect(group("stale")).toEqual(["bo"]);
    expect(group("boss")).toEqual(["ann"]);
  });

  it("gives each direct membership as the entitlement it is", async () => {
    const items = await everything();
    const edges = items.flatMap((it) => (it.kind === "membership" ? [`${it.member} ${it.group}`] : []));
    const held = items.flatMap((it) =>
      it.kind === "assignment" ? [`${it.holder} ${it.resource.externalId} ${it.permission}`] : [],
    );
    expect(held.toSorted()).toEqual(edges.map((edge) => `${edge} member`).toSorted());
  });

  it("names members that cannot be seen, with the group and what to do", async () => {
    const problems = (await collect(read())).filter((event) => event.type === "problem");
    expect(problems).toEqual([
      expect.objectContaining({ object: `cn=shell,ou=groups,${base}`, message: expect.stringContaining("gone") }),
      expect.objectContaining({ object: `cn=stale,ou=groups,${base}`, message: expect.stringContaining("uid=left") }),
    ]);
  });

  it("tells people from programs, and who leads whom", async () => {
    const items = await everything();
    const ann = accountOf(items, "ann");
    expect(ann).toMatchObject({ email: "ann@nordwind.example", employeeNumber: "17", status: "active" });
    expect(ann?.attributes).toMatchObject({
      dn: `uid=ann,ou=people,${base}`,
      createdBy: expect.stringMatching(/^cn=/i),
    });
    expect(accountOf(items, "bo")).toMatchObject({ managerExternalId: ann?.externalId, kindHint: { kind: "human" } });
    expect(accountOf(items, `cn=robot,${base}`)).toMatchObject({ kindHint: { kind: "service_account" } });
    expect(accountOf(items, "posix")).toMatchObject({ status: "expired", validUntil: new Date("1970-01-02") });
  });

  it("never asks for a password, and says that there is one by its age", async () => {
    const items = await everything();
    const [password] = items.filter(
      (it) => it.kind === "credential" && it.account === accountOf(items, "ann")?.externalId,
    );
    expect(password).toMatchObject({ credentialKind: "password", status: "active" });
    expect(password?.kind === "credential" && password.expiresAt).toBeInstanceOf(Date);
    expect(JSON.stringify(items)).not.toContain("canary");
    expect(JSON.stringify(items)).not.toMatch(/\{SSHA\}|userPassword/i);
  });

  it("knows a sign-in that the server keeps, and calls the others unknown", async () => {
    await (await server.connect({ dn: `uid=bo,ou=people,${base}`, password: "bo-canary" })).unbind();
    const items = await everything();
    expect(accountOf(items, "bo")?.lastUsedAt).toBeInstanceOf(Date);
    expect(accountOf(items, "ann")?.lastUsedAt).toBeNull();
    const coverage = (await collect(read())).filter((event) => event.type === "coverage");
    expect(coverage).toHaveLength(3);
    expect(coverage.every((event) => event.type === "coverage" && !event.coverage.complete)).toBe(true);
  });

  it("keeps the id of who was renamed, moved, or got another name", async () => {
    const before = accountOf(await everything(), "<script>alert(1)</script>");
    const client = await server.connect();
    await client.modifyDN(String(before?.attributes.dn), `uid=renamed,ou=groups,${base}`);
    const after = accountOf(await everything(), "renamed");
    await client.modifyDN(`uid=renamed,ou=groups,${base}`, String(before?.attributes.dn));
    await client.unbind();
    expect(after?.externalId).toBe(before?.externalId);
    expect(after?.attributes.dn).toBe(`uid=renamed,ou=groups,${base}`);
  });

  it("shows a lock, and that an administrator locked for good", async () => {
    const set = (uid: string, value: string) =>
      server.tool(
        "ldapmodify",
        ["-D", server.admin.dn, "-w", canary, "-e", "relax"],
        `dn: uid=${uid},ou=people,${base}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: ${value}\n`,
      );
    addEntries(server, person(base, "locked") + person(base, "shut"));
    set("locked", "20261121110000Z");
    set("shut", "000001010000Z");
    const items = await everything();
    expect(accountOf(items, "locked")?.status).toBe("locked");
    expect(accountOf(items, "shut")?.status).toBe("disabled");
  });

  it("reads only what fits the filters, and says so", async () => {
    const items = await everything({ accountFilter: "uid=ann", groupFilter: "(cn=st\\61ff)" });
    expect(items.filter((it) => it.kind === "account").map((it) => it.name)).toEqual(["ann"]);
    expect(items.filter((it) => it.kind === "group")).toHaveLength(1);
    const events = await collect(read({ accountFilter: "uid=ann" }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "invisible", because: "the settings leave them out" }),
    );
  });

  it("takes the named groups for privileged", async () => {
    const items = await everything({ privilegedGroups: `CN=Staff, OU=Groups,${base}` });
    const privileged = items.filter((it) => it.kind === "assignment" && it.privilege === 3);
    expect(privileged).toHaveLength(2);
  });

  it("reads certificates and SSH keys as credentials, and leaves out what is none", async () => {
    const der = Buffer.from(server.ca.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
    const client = await server.connect();
    await client.add(`uid=keys,ou=people,${base}`, {
      objectClass: ["inetOrgPerson", "ldapPublicKey"],
      ...{
        uid: "keys",
        cn: "keys",
        sn: "keys",
        sshPublicKey: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== laptop", "nonsense"],
      },
      "userCertificate;binary": der as unknown as string,
    });
    await client.unbind();
    const items = await everything();
    const id = accountOf(items, "keys")?.externalId;
    const found = items.flatMap((it) =>
      it.kind === "credential" && it.account === id ? [`${it.credentialKind} ${it.name}`] : [],
    );
    expect(found).toEqual(["certificate CN=Test authority", "ssh_key laptop"]);
  });

  it.runIf(planetExpress())(
    "reads the published directory of Planet Express (sample data) as its own tools do",
    async () => {
      const other = await startSlapd();
      try {
        addEntries(other, baseEntry(base) + planetExpress());
        const source = { host: "127.0.0.1", port: other.tlsPort, ca: other.ca, bindDn: other.admin.dn, pageSize: 3 };
        const items = observed(await collect(ldapRead(source, canary)));
        expect(
          items
            .filter((it) => it.kind === "account")
            .map((it) => it.name)
            .toSorted(),
        ).toEqual(["amy", "bender", "fry", "hermes", "leela", "professor", "zoidberg"]);
        expect(membersOf(items, `cn=ship_crew,ou=people,${base}`)).toEqual(["bender", "fry", "leela"]);
        expect(membersOf(items, `cn=admin_staff,ou=people,${base}`)).toEqual(["hermes", "professor"]);
      } finally {
        await other.stop();
      }
    },
  );

  it("stops at the server's limit instead of taking a part for the whole", async () => {
    const other = await startSlapd({ limits: "sizelimit size.soft=5 size.hard=5 size.prtotal=5" });
    try {
      const reader = { dn: `uid=ann,ou=people,${base}`, password: "ann-canary" };
      addEntries(other, baseEntry(base) + smallCompany(base));
      const source = { host: "127.0.0.1", port: other.tlsPort, ca: other.ca, bindDn: reader.dn, pageSize: 3 };
      const failed = await collect(ldapRead(source, reader.password)).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: "limit", object: base, remedy: expect.stringContaining("size.prtotal") });
    } finally {
      await other.stop();
    }
  });
});

if (!hasSlapd()) it.skip("OpenLDAP: skipped, slapd and ldap-utils are not installed", () => undefined);
