import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasSamba, startSamba, type TestSamba } from "../connectors/ldap/test-samba";
import { dropWorld, inChain, makeWorld, tokens } from "../connectors/ldap/test-samba-world";
import { Dice } from "../connectors/postgresql/test-dice";
import { freshDatabase } from "../db/test-database";
import { differences, membershipsListed, membershipsSaid, syncTwice } from "./test-membership-oracle";

// The whole way: a random world in a real Active Directory, synced into the inventory, and every question "is this account
// in that group?" answered by `evaluateAccess`, and by the lists, as by the directory's own matching rule in chain.
process.env.ROLLCALL_ENCRYPTION_KEY = randomBytes(32).toString("base64");
const first = Number(process.env.ORACLE_SEED ?? 1);
const seeds = Array.from({ length: Number(process.env.ORACLE_SEEDS ?? 2) }, (_, at) => first + at);

let server: TestSamba;
const settings = () => ({ host: "127.0.0.1", ca: server.ca, bindDn: "Administrator@acme.test", pageSize: 7 });

describe.runIf(hasSamba())("Active Directory", () => {
  beforeAll(async () => {
    server = await startSamba();
  }, 180_000);
  afterAll(() => server?.stop());

  it("finds accounts and groups by every name that the directory has for them", async () => {
    const database = await freshDatabase();
    try {
      await syncTwice({ name: "ad", settings: settings(), password: server.admin.password });
      const names = [
        "Administrator",
        `CN=Administrator,CN=Users,${server.base}`,
        "cn=administrator, cn=users,dc=ACME,dc=test",
      ];
      const groups = [
        `CN=Domain Admins,CN=Users,${server.base}`,
        "cn=domain admins, CN=users, DC=acme, DC=test",
        "Domain Admins",
      ];
      const said = await membershipsSaid("ad", names, groups);
      expect(said.size).toBe(names.length * groups.length);
    } finally {
      await database.drop();
    }
  });

  it.each(seeds)(
    "the inventory says of every account and group what the directory says (seed %i)",
    async (seed) => {
      const database = await freshDatabase();
      const random = new Dice(seed);
      // A group for mail only is in no token, and neither is what one reaches through it; in chain, it is followed.
      const distribution = seed % 2 === 0;
      const world = await makeWorld(server, random, { users: 25, groups: 25, distribution });
      try {
        const id = await syncTwice({ name: "ad", settings: settings(), password: server.admin.password });
        const { truth, accounts, groups } = await inChain(server);
        const said = await membershipsSaid("ad", accounts, groups);
        expect(differences(truth, said)).toEqual([]);
        expect(differences(truth, await membershipsListed(id, groups))).toEqual([]);
        const inToken = await tokens(server);
        expect([...inToken].filter((pair) => !said.has(pair))).toEqual([]);
        if (!distribution) expect(differences(inToken, said)).toEqual([]);
        const asked = accounts.length * groups.length;
        console.info(
          `Active Directory, seed ${seed}: ${asked} questions, ${truth.size} yes, ${world.edges} edges, ${world.primaries} primary groups`,
        );
        expect(asked).toBeGreaterThan(1_500);
        expect(world.primaries).toBeGreaterThan(2);
      } finally {
        await dropWorld(server, world);
        await database.drop();
      }
    },
    300_000,
  );
});

if (!hasSamba())
  it.skip("Active Directory: skipped, Samba is not installed, or this is not root, whom its ports ask for", () =>
    undefined);
