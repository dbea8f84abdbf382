import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { HeldAccess } from "../provisioning";
import { grant, readBack, revoke } from "./give-access";
import { adminOption, callOn, held, makeProvisioner, membershipOf, privilegeOn, provisioner } from "./test-provisioner";

// PROVISIONING_RUNS=1000 tries more sequences than the few of an ordinary run.
const numRuns = Number(process.env.PROVISIONING_RUNS ?? 10);
const until = new Date("2099-01-01T00:00:00Z");

const accounts = ["ann", 'Bob "B"'] as const;
const accesses = [
  { access: membershipOf("analysts"), has: "pg_has_role($1, 'analysts', 'MEMBER')", sql: "analysts", by: "boss" },
  {
    access: privilegeOn("table", "postgres/s.t", "SELECT"),
    has: "has_table_privilege($1, 's.t', 'SELECT')",
    sql: "select on s.t",
    by: "owner_role",
  },
  {
    access: privilegeOn("column", "postgres/s.t.c", "SELECT"),
    has: `exists (select from pg_attribute, aclexplode(attacl) e where attrelid = 's.t'::regclass and attname = 'c'
      and e.grantee = $1::regrole and e.privilege_type = 'SELECT') and has_column_privilege($1, 's.t', 'c', 'SELECT')`,
    sql: "select (c) on s.t",
    by: "owner_role",
  },
  {
    access: privilegeOn("schema", "postgres/s", "CREATE"),
    has: "has_schema_privilege($1, 's', 'CREATE')",
    sql: "create on schema s",
    by: "owner_role",
  },
] as const;

const step = fc.record({
  account: fc.constantFrom(...accounts),
  thing: fc.nat({ max: accesses.length - 1 }),
  act: fc.constantFrom("grant", "revoke", "grant by hand", "revoke by hand"),
});
type Step = { account: string; thing: number; act: string };

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  let hand: pg.Client;
  beforeAll(async () => {
    server = await start();
    await makeProvisioner(server);
    hand = await server.connect();
    for (const account of accounts) await hand.query(`create role ${hand.escapeIdentifier(account)}`);
    await hand.query("create role analysts; create role boss; create role owner_role");
    await hand.query(`grant analysts to boss with admin option; ${adminOption(server, "analysts")}`);
    await hand.query(`
      create schema s; create table s.t (c int); alter schema s owner to owner_role; alter table s.t owner to owner_role;
      grant usage, create on schema s to ${provisioner} with grant option;
      grant select on s.t to ${provisioner} with grant option`);
  });
  afterAll(async () => {
    await hand.end();
    await server.stop();
  });

  const one = ({ account, thing }: Step): HeldAccess => held(account, (accesses[thing] ?? accesses[0]).access);

  async function take({ account, thing, act }: Step): Promise<void> {
    const { sql, by } = accesses[thing] ?? accesses[0];
    const call = callOn(server);
    if (act === "grant")
      expect((await grant(call, { ...one({ account, thing, act }), until })).outcome).not.toBe("impossible");
    else if (act === "revoke")
      expect((await revoke(call, one({ account, thing, act }))).outcome).not.toBe("impossible");
    else {
      const to = act === "grant by hand" ? "to" : "from";
      const verb = act === "grant by hand" ? "grant" : "revoke";
      await hand.query(`set role ${by}; ${verb} ${sql} ${to} ${hand.escapeIdentifier(account)}; reset role`);
    }
  }

  it("says after anything that happened exactly what the server says of every account and access", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const one of steps) await take(one);
        await expectAgreement();
        // Whatever happened, taking back leaves nothing of ours.
        for (const account of accounts) {
          for (const thing of accesses.keys()) {
            await revoke(callOn(server), one({ account, thing, act: "revoke" }));
            expect(await readBack(callOn(server), one({ account, thing, act: "" }))).toMatchObject({ ours: false });
          }
        }
        await expectAgreement();
        for (const account of accounts) {
          for (const thing of accesses.keys()) await take({ account, thing, act: "revoke by hand" });
        }
      }),
      { numRuns, endOnFailure: true },
    );
  }, 300_000);

  async function expectAgreement(): Promise<void> {
    for (const account of accounts) {
      for (const [thing, { has, access }] of accesses.entries()) {
        const { rows } = await hand.query(
          `select (${has.replaceAll("$1::regrole", "(select oid from pg_roles where rolname = $1)")})::boolean as held`,
          [account],
        );
        const answer = await readBack(callOn(server), one({ account, thing, act: "" }));
        expect({ account, access, held: answer.held }).toEqual({ account, access, held: rows[0]?.held });
        expect(answer.held).toBe(answer.ours || answer.alsoBy.length > 0);
        if (major < 16) continue;
        expect(answer.alsoBy.every((by) => by === "boss" || by === "owner_role")).toBe(true);
      }
    }
  }
});
