import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluateAccess } from "../access/evaluate-access";
import { createConnection } from "../connections/create-connection";
import { setUp } from "../connectors/ldap/set-up";
import { ldapContext } from "../connectors/ldap/test-context";
import { hasSlapd, startSlapd, type TestSlapd } from "../connectors/ldap/test-slapd";
import { addEntries, baseEntry, person as entryOf, ldifEntry } from "../connectors/ldap/test-world";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { revokeGrant } from "../grants/end-grant";
import { watchGrants } from "../grants/watch-grants";
import { loadPolicies } from "../policies/load-policies";
import { hourMs, now, plus, setClock } from "../time";
import { decideRequest } from "./decide-request";
import { submitRequest } from "./submit-request";
import { grantsOf, makePeople, runJobs, sync, type World, worker } from "./test-world";

const base = "dc=planetexpress,dc=com";
const password = "a long random password";
const group = `cn=pilots,ou=groups,${base}`;

describe.runIf(hasSlapd())("a directory", () => {
  let slapd: TestSlapd;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let people: World["people"];
  let connectionId: string;
  beforeAll(async () => {
    process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
    [database, slapd] = await Promise.all([
      freshDatabase(),
      startSlapd({ access: "access to attrs=userPassword by anonymous auth by * none\naccess to * by * none" }),
    ]);
    await loadPolicies(worker);
    people = await makePeople();
    const ou = (name: string) => ldifEntry(`ou=${name},${base}`, { objectClass: "organizationalUnit", ou: name });
    const member = `uid=hermes,ou=people,${base}`;
    const named = ["ann", "bob", "hermes"].map((uid) => entryOf(base, uid, { mail: `${uid}@acme.test` })).join("");
    addEntries(
      slapd,
      baseEntry(base) +
        ou("people") +
        ou("groups") +
        named +
        ldifEntry(group, { objectClass: "groupOfNames", cn: "pilots", member }),
    );
    const settings = {
      ...{ host: "127.0.0.1", port: slapd.tlsPort, ca: slapd.ca, schema: "openldap" as const, baseDn: base },
      ...{ bindDn: `cn=rollcall,${base}`, provisionDn: `cn=rollcall-gives,${base}` },
    };
    for (const { code = "" } of setUp(ldapContext(settings, "").settings)) {
      const isConfig = code.includes("cn=config");
      const who = isConfig ? slapd.configAdmin : slapd.admin;
      slapd.tool(isConfig ? "ldapmodify" : "ldapadd", ["-D", who.dn, "-w", who.password], `${code}\n`);
    }
    const secrets = { password, provisionPassword: password };
    const made = await createConnection(worker, {
      name: "directory",
      connector: "ldap",
      environment: "staging",
      settings,
      secrets,
      syncNow: false,
    });
    connectionId = made.id;
    await sync(connectionId);
  }, 120_000);
  afterAll(async () => {
    setClock(null);
    await slapd?.stop();
    await database?.drop();
  });

  const members = () =>
    slapd.tool("ldapsearch", ["-D", slapd.admin.dn, "-w", slapd.admin.password, "-LLL", "-b", group, "member"]);
  const may = async () => {
    const subject = { type: "account", id: "ann" };
    const asked = {
      subject,
      action: { name: "member" },
      resource: { type: "group", id: group },
      context: { connection: "directory" },
    };
    return (await evaluateAccess(worker, { evaluations: [asked] })).evaluations[0]?.decision;
  };
  const ask = async () => {
    const { ann, bob } = people;
    if (!ann || !bob) throw new Error("nobody is there");
    const item = { connection: "directory", permission: "member", resource: { type: "group", id: group } };
    const { id } = await submitRequest(ann, { items: [item], reason: "to fly", duration: "PT2H" });
    await decideRequest(bob, { id, decision: "approve" });
    await runJobs();
    const [grant] = await grantsOf(id);
    if (!grant) throw new Error("nothing was given");
    return { ann, grant };
  };

  test("gives membership for a time and takes it again, as the directory itself and the inventory say", async () => {
    const { grant } = await ask();
    expect(grant.state).toBe("active");
    expect(members()).toContain(`member: uid=ann,ou=people,${base}`);
    expect(await may()).toBe(true);
    setClock(plus(now(), 3 * hourMs));
    await watchGrants(worker);
    setClock(null);
    await runJobs();
    expect(members()).not.toContain("uid=ann");
    expect(await may()).toBe(false);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "ended",
      endedBecause: "expired",
    });
    await sync(connectionId);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "ended",
      drift: null,
    });
  });

  test("what a person put back by hand after the end is seen at the next sync", async () => {
    const { ann, grant } = await ask();
    await revokeGrant(ann, { id: grant.id });
    await runJobs();
    const change = `dn: ${group}\nchangetype: modify\nadd: member\nmember: uid=ann,ou=people,${base}\n`;
    slapd.tool("ldapmodify", ["-D", slapd.admin.dn, "-w", slapd.admin.password], change);
    await sync(connectionId);
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({ state: "resurrected" });
  });

  test("while the directory is away the end stays loud, and is carried out when it is back", async () => {
    const { port } = new URL(`ldap://127.0.0.1:${slapd.tlsPort}`);
    await db().$executeRaw`update grants set state = 'ended', drift = null where state = 'resurrected'`;
    slapd.tool(
      "ldapmodify",
      ["-D", slapd.admin.dn, "-w", slapd.admin.password],
      `dn: ${group}\nchangetype: modify\ndelete: member\nmember: uid=ann,ou=people,${base}\n`,
    );
    await sync(connectionId);
    const { ann, grant } = await ask();
    const point = (to: number) =>
      db()
        .$executeRaw`update connections set settings = settings || jsonb_build_object('port', ${to}::int) where id = ${connectionId}::uuid`;
    await point(1);
    await revokeGrant(ann, { id: grant.id });
    await runJobs();
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({
      state: "ending_failed",
      attempts: 1,
    });
    expect(members()).toContain("uid=ann");
    await point(Number(port));
    setClock(plus(now(), hourMs));
    await watchGrants(worker);
    setClock(null);
    await db().$executeRaw`update graphile_worker._private_jobs set run_at = now()`;
    await runJobs();
    expect(members()).not.toContain("uid=ann");
    expect(await db().grant.findUniqueOrThrow({ where: { id: grant.id } })).toMatchObject({ state: "ended" });
  });
});
