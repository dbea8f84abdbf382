import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasSlapd, startSlapd, type TestSlapd } from "../connectors/ldap/test-slapd";
import { addEntries, baseEntry, ldifEntry, person } from "../connectors/ldap/test-world";
import { Dice } from "../connectors/postgresql/test-dice";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { differences, membershipsListed, membershipsSaid, syncOnce, syncTwice } from "./test-membership-oracle";

// The whole way on a real slapd: random nested groups, whose own overlay memberof says who is directly in what; asked by
// ldapsearch, step by step, for each account.
process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
const base = "dc=planetexpress,dc=com";
const first = Number(process.env.ORACLE_SEED ?? 1);
const seeds = Array.from({ length: Number(process.env.ORACLE_SEEDS ?? 2) }, (_, at) => first + at);

let server: TestSlapd;
let database: Awaited<ReturnType<typeof freshDatabase>>;
const settings = () => ({
  host: "127.0.0.1",
  port: server.tlsPort,
  ca: server.ca,
  bindDn: server.admin.dn,
  pageSize: 6,
});

const asAdmin = () => ["-D", server.admin.dn, "-w", server.admin.password];

function makeWorld(dice: Dice): { users: string[]; groups: string[] } {
  const users = Array.from({ length: 30 }, (_, n) => `user${n}`);
  const groups = Array.from({ length: 30 }, (_, n) => `cn=Group\\, ${n} \\+ more,ou=groups,${base}`);
  const ou = (name: string) => ldifEntry(`ou=${name},${base}`, { objectClass: "organizationalUnit", ou: name });
  addEntries(server, baseEntry(base) + ou("people") + ou("groups") + users.map((uid) => person(base, uid)).join(""));
  const anybody = [...users.map((uid) => `uid=${uid},ou=people,${base}`), ...groups];
  // First all groups, with somebody each; the overlay notes only what is there when it is named.
  const made = groups.map((dn, n) => {
    const cn = `Group, ${n} + more`;
    return ldifEntry(dn, { objectClass: "groupOfNames", cn, member: dice.pick(anybody.slice(0, users.length)) });
  });
  addEntries(server, made.join(""));
  const added = groups.map((dn) => {
    const members = [...new Set(dice.some(anybody, 5))].filter((name) => name !== dn);
    return `dn: ${dn}\nchangetype: modify\nadd: member\n${members.map((name) => `member: ${name}`).join("\n")}\n\n`;
  });
  for (const change of added) {
    try {
      server.tool("ldapmodify", asAdmin(), change);
    } catch (error) {
      // Somebody was in it already; such a change is refused as a whole.
      if (!/Type or value exists/.test(String(error))) throw error;
    }
  }
  // As the server writes them: it has spellings of its own for what is escaped.
  const found = server.tool("ldapsearch", [
    ...asAdmin(),
    "-LLL",
    "-o",
    "ldif-wrap=no",
    "-b",
    base,
    "(objectClass=groupOfNames)",
    "dn",
  ]);
  return { users, groups: [...found.matchAll(/^dn: (.*)$/gm)].map((line) => line[1] ?? "") };
}

/** Who is in what, by the server's memberOf, followed from group to group. */
function walked(users: readonly string[]): Set<string> {
  const truth = new Set<string>();
  const direct = new Map<string, string[]>();
  const groupsOf = (dn: string): string[] => {
    const known = direct.get(dn);
    if (known) return known;
    const said = server.tool("ldapsearch", [
      ...asAdmin(),
      "-LLL",
      "-o",
      "ldif-wrap=no",
      "-b",
      dn,
      "-s",
      "base",
      "memberOf",
    ]);
    const found = [...said.matchAll(/^memberOf: (.*)$/gm)].map((line) => line[1] ?? "");
    direct.set(dn, found);
    return found;
  };
  for (const uid of users) {
    const seen = new Set<string>();
    const queue = groupsOf(`uid=${uid},ou=people,${base}`).slice();
    for (let group = queue.pop(); group !== undefined; group = queue.pop()) {
      if (seen.has(group)) continue;
      seen.add(group);
      truth.add(`${uid}|${group}`);
      queue.push(...groupsOf(group));
    }
  }
  return truth;
}

describe.runIf(hasSlapd())("OpenLDAP", () => {
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it.each(seeds)(
    "the inventory says of every account and group what the directory says (seed %i)",
    async (seed) => {
      server = await startSlapd();
      try {
        const { users, groups } = makeWorld(new Dice(seed));
        const name = `directory-${seed}`;
        const id = await syncTwice({ name, settings: settings(), password: server.admin.password });
        const truth = walked(users);
        expect(differences(truth, await membershipsSaid(name, users, groups))).toEqual([]);
        expect(differences(truth, await membershipsListed(id, groups))).toEqual([]);
        console.info(`OpenLDAP, seed ${seed}: ${users.length * groups.length} questions, ${truth.size} yes`);
        expect(truth.size).toBeGreaterThan(100);
      } finally {
        await server.stop();
      }
    },
    300_000,
  );

  it("leaves the inventory as it was when the directory hides everybody, is cut short, or is gone", async () => {
    server = await startSlapd();
    try {
      makeWorld(new Dice(7));
      const id = await syncTwice({ name: "shaken", settings: settings(), password: server.admin.password });
      const count = () => db().principal.count({ where: { connectionId: id, removedAt: null } });
      const before = await count();
      const set = (lines: string) =>
        server.tool("ldapmodify", ["-D", server.configAdmin.dn, "-w", server.configAdmin.password], lines);
      const failed = async () => {
        const run = await syncOnce(id);
        expect(await count()).toBe(before);
        return { state: run.state, error: run.error };
      };
      const client = await server.connect();
      const { searchEntries } = await client.search(base, { scope: "sub", filter: "(!(objectClass=dcObject))" });
      const all = searchEntries.map(({ dn }) => dn).toSorted((one, other) => other.length - one.length);
      for (const dn of all) await client.del(dn);
      await client.unbind();
      expect(await failed()).toMatchObject({ state: "failed", error: { code: "rights", object: base } });
      set("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcRootPW\nolcRootPW: another\n");
      expect(await failed()).toMatchObject({
        state: "failed",
        error: { code: "credentials", object: expect.any(String) },
      });
    } finally {
      await server.stop();
    }
    const run = await syncOnce((await db().connection.findFirstOrThrow({ where: { name: "shaken" } })).id);
    expect(run).toMatchObject({ state: "failed", error: { code: "unreachable", remedy: expect.any(String) } });
  }, 120_000);
});

if (!hasSlapd()) it.skip("OpenLDAP: skipped, slapd and ldap-utils are not installed", () => undefined);
