import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { Observation } from "../schema";
import { disable, endSessions } from "./end-sessions";
import { grant, readBack, revoke } from "./give-access";
import { issue, readBackIssued } from "./issue-account";
import { probe, remove } from "./leave-account";
import { readRoll } from "./read-roll";
import { revokeAll } from "./revoke-all";
import {
  accountOf,
  adminOption,
  asAdministrator,
  callOn,
  makeProvisioner,
  membershipOf,
  privilegeOn,
  provisioner,
} from "./test-provisioner";
import { withdraw } from "./withdraw-account";

const until = new Date("2026-11-21T13:00:00Z");

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major, where names change", ({ start }) => {
  let server: TestServer;
  const sql = (text: string, database?: string) => asAdministrator(server, (client) => client.query(text), database);

  beforeAll(async () => {
    server = await start();
    await makeProvisioner(server);
    await sql("create role analysts");
    await sql(adminOption(server, "analysts"));
    await sql("create database app");
    await sql("create database shop");
  });
  afterAll(() => server.stop());

  /** What the inventory keeps of an account, group or object by which it is found again. */
  async function stableIdOf(kind: Observation["kind"], externalId: string): Promise<string> {
    for await (const event of readRoll({ ...callOn(server), cursor: null })) {
      if (event.type !== "observations") continue;
      const found = event.items.find(
        (item) => item.kind === kind && "externalId" in item && item.externalId === externalId,
      );
      if (found && "attributes" in found && typeof found.attributes?.stableId === "string")
        return found.attributes.stableId;
    }
    throw new Error(`nothing was read of ${externalId}`);
  }

  async function person(name: string) {
    await sql(`create role ${name} login password 'x'`);
    return { ...accountOf(name), stableId: await stableIdOf("account", name) };
  }

  async function table(name: string, database = "app") {
    await sql(`create table ${name} (id int); grant select on ${name} to ${provisioner} with grant option`, database);
    const access = privilegeOn("table", `${database}/public.${name}`, "SELECT");
    const stableId = await stableIdOf("resource", access.resource.externalId);
    return { ...access, resource: { ...access.resource, stableId } };
  }

  it("takes a membership from a role that has another name now, cuts its sessions, and proves it of that role", async () => {
    const account = await person("alice");
    const held = { account, access: membershipOf("analysts") };
    await grant(callOn(server), { ...held, until });
    await sql("alter role alice rename to alice_smith");
    expect(await readBack(callOn(server), held)).toMatchObject({ held: true, ours: true });
    await sql("create role alice login");
    expect(await revoke(callOn(server), held)).toMatchObject({
      outcome: "done",
      detail: expect.stringContaining("alice_smith"),
    });
    expect(await readBack(callOn(server), held)).toMatchObject({ held: false });
    expect((await sql("select 1 from pg_auth_members where member = 'alice_smith'::regrole")).rows).toEqual([]);
    expect(await endSessions(callOn(server), account)).toMatchObject({ left: 0 });
  });

  it("shuts, asks and deletes whoever leaves under the name they have now", async () => {
    const account = await person("bob");
    await sql(adminOption(server, "bob"));
    await sql("alter role bob rename to robert");
    expect(await disable(callOn(server), account)).toMatchObject({ outcome: "done" });
    expect(await probe(callOn(server), account)).toMatchObject({ there: true, open: false });
    expect((await sql("select rolcanlogin as login from pg_roles where rolname = 'robert'")).rows).toEqual([
      { login: false },
    ]);
    await remove(callOn(server), account);
    expect((await sql("select 1 from pg_roles where rolname = 'robert'")).rows).toEqual([]);
  });

  it("takes what was given on a table from the table that it is now, not from the one that has its name", async () => {
    const account = await person("carol");
    const access = await table("invoices");
    await grant(callOn(server), { account, access, until });
    await sql("alter table invoices rename to invoices_old; create table invoices (id int)", "app");
    expect(await readBack(callOn(server), { account, access })).toMatchObject({ held: true, ours: true });
    const { each } = await revokeAll(callOn(server), { account, accesses: [access], endingSessions: false });
    expect(each).toMatchObject([{ taken: { outcome: "done" }, readBack: { held: false } }]);
    const { rows } = await sql("select has_table_privilege('carol', 'invoices_old', 'SELECT') as has", "app");
    expect(rows).toEqual([{ has: false }]);
  });

  it("takes what was given in a database that has another name now", async () => {
    const account = await person("dora");
    const access = await table("orders", "shop");
    await grant(callOn(server), { account, access, until });
    await sql("alter database shop rename to market");
    expect(await readBack(callOn(server), { account, access })).toMatchObject({ held: true, ours: true });
    expect(await revoke(callOn(server), { account, access })).toMatchObject({ outcome: "done" });
    const { rows } = await sql("select has_table_privilege('dora', 'orders', 'SELECT') as has", "market");
    expect(rows).toEqual([{ has: false }]);
  });

  it("takes numbers of another cluster for nothing: there the name decides", async () => {
    const mine = await person("erin");
    const other = await person("frank");
    const account = { ...mine, stableId: other.stableId.replace(/^\d+/, "1") };
    await grant(callOn(server), { account, access: membershipOf("analysts"), until });
    const { rows } = await sql(
      "select member::regrole::text as member from pg_auth_members where roleid = 'analysts'::regrole and member::regrole::text in ('erin', 'frank')",
    );
    expect(rows).toEqual([{ member: "erin" }]);
  });

  it("ends a short-lived account that somebody gave another name", async () => {
    const order = { name: "rc_short_1", for: "a test", access: [membershipOf("analysts")], until };
    const { account } = await issue(callOn(server), order);
    await sql("alter role rc_short_1 rename to sneaky; alter role sneaky login password 'x'");
    expect(await readBackIssued(callOn(server), account)).toMatchObject({ standing: true });
    expect(await withdraw(callOn(server), account)).toMatchObject({ outcome: "done" });
    expect((await sql("select 1 from pg_roles where rolname = 'sneaky'")).rows).toEqual([]);
  });
});
