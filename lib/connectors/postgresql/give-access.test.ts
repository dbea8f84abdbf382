import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { HeldAccess } from "../provisioning";
import { grant, readBack, revoke } from "./give-access";
import {
  adminOption,
  asAdministrator,
  callOn,
  held,
  makeProvisioner,
  membershipOf,
  privilegeOn,
  provisioner,
} from "./test-provisioner";

const until = new Date("2026-11-21T13:00:00Z");

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
    await makeProvisioner(server);
    await asAdministrator(server, async (client) => {
      await client.query(`
        create role ann login password 'ann'; create role analysts; create role writers; create role owner_role;
        create role boss createrole; create role untouchable superuser`);
      await client.query("create database app");
      await client.query(adminOption(server, "analysts"));
      await client.query(adminOption(server, "writers"));
      await client.query(
        major >= 16 ? "grant analysts to boss with admin true" : "grant analysts to boss with admin option",
      );
    });
    await asAdministrator(
      server,
      (client) =>
        client.query(`
        create schema billing; alter schema billing owner to owner_role;
        create table billing.invoices (id int, amount numeric); alter table billing.invoices owner to owner_role;
        create table billing.closed (id int);
        grant usage on schema billing to ${provisioner};
        grant select, update on billing.invoices to ${provisioner} with grant option;
        grant references on billing.closed to ${provisioner}`),
      "app",
    );
  });
  afterAll(() => server.stop());

  const give = (what: HeldAccess) => grant(callOn(server), { ...what, until });
  const take = (what: HeldAccess) => revoke(callOn(server), what);
  const ask = (what: HeldAccess) => readBack(callOn(server), what);
  const sql = (text: string, database?: string) => asAdministrator(server, (client) => client.query(text), database);

  it("gives a membership once, says so the second time, and takes it back once", async () => {
    const member = held("ann", membershipOf("analysts"));
    expect(await give(member)).toMatchObject({ outcome: "done" });
    expect(await give(member)).toMatchObject({ outcome: "already" });
    expect(await ask(member)).toMatchObject({ held: true, ours: true, alsoBy: [] });
    const { rows } = await sql("select pg_has_role('ann', 'analysts', 'USAGE') as has");
    expect(rows).toEqual([{ has: true }]);
    expect(await take(member)).toMatchObject({ outcome: "done" });
    expect(await take(member)).toMatchObject({ outcome: "already" });
    expect(await ask(member)).toMatchObject({ held: false, ours: false });
  });

  it("leaves a membership that somebody else gave, and names them", async () => {
    const member = held("ann", membershipOf("analysts"));
    await sql("set role boss; grant analysts to ann; reset role");
    expect(await ask(member)).toMatchObject({ held: true, ours: false, alsoBy: ["boss"] });
    // 15 keeps one grant of a membership; 16 and later one of each giver.
    expect(await give(member)).toMatchObject({ outcome: major >= 16 ? "done" : "already" });
    expect(await ask(member)).toMatchObject({ held: true, ours: major >= 16, alsoBy: ["boss"] });
    expect(await take(member)).toMatchObject({ outcome: major >= 16 ? "done" : "already" });
    expect(await ask(member)).toMatchObject({ held: true, ours: false, alsoBy: ["boss"] });
    await sql(`revoke analysts from ann ${major >= 16 ? "granted by boss" : ""}`);
    expect(await ask(member)).toMatchObject({ held: false, alsoBy: [] });
  });

  it("leaves a privilege that the owner gave beside ours", async () => {
    const select = held("ann", privilegeOn("table", "app/billing.invoices", "SELECT"));
    expect(await give(select)).toMatchObject({ outcome: "done" });
    await sql("grant select on billing.invoices to ann", "app");
    expect(await ask(select)).toMatchObject({ held: true, ours: true, alsoBy: ["owner_role"] });
    const taken = await take(select);
    expect(taken).toMatchObject({ outcome: "done", detail: expect.stringContaining("owner_role") });
    expect(await ask(select)).toMatchObject({ held: true, ours: false, alsoBy: ["owner_role"] });
    await sql("revoke select on billing.invoices from ann", "app");
    expect(await ask(select)).toMatchObject({ held: false });
  });

  it("keeps a privilege on a column when the one on its table is taken", async () => {
    const table = held("ann", privilegeOn("table", "app/billing.invoices", "SELECT"));
    const column = held("ann", privilegeOn("column", "app/billing.invoices.id", "SELECT"));
    await give(column);
    await give(table);
    await take(table);
    expect(await ask(table)).toMatchObject({ held: false });
    expect(await ask(column)).toMatchObject({ held: true, ours: true });
    await take(column);
    expect(await ask(column)).toMatchObject({ held: false });
  });

  it.each([
    ["a role that is not there", held("nobody", membershipOf("analysts")), 'no role "nobody"'],
    ["a group that is not there", held("ann", membershipOf("gone")), "no group gone"],
    ["a table that is not there", held("ann", privilegeOn("table", "app/billing.gone", "SELECT")), "no table"],
    ["a database that is not there", held("ann", privilegeOn("table", "gone/a.b", "SELECT")), "no table gone/a.b"],
    ["a superuser's role", held("ann", membershipOf("untouchable")), "PostgreSQL refuses"],
    ["a table without grant option", held("ann", privilegeOn("table", "app/billing.closed", "SELECT")), "grant option"],
    ["a table without any right", held("ann", privilegeOn("table", "app/billing.closed", "UPDATE")), ""],
    ["a name that PostgreSQL would cut", held("a".repeat(64), membershipOf("analysts")), "no role"],
  ])("says that it is impossible: %s", async (_, what, because) => {
    const outcome = await give(what);
    expect(outcome).toMatchObject({ outcome: "impossible", because: expect.stringContaining(because) });
    expect(outcome).toMatchObject({ remedy: expect.stringMatching(/\S/) });
    expect(await ask(what)).toMatchObject({ held: false });
    expect(await take(what)).toMatchObject({ outcome: "already" });
  });

  it("says that a circle of memberships is impossible", async () => {
    await sql("grant ann to writers");
    expect(await give(held("ann", membershipOf("writers")))).toMatchObject({
      outcome: "impossible",
      because: expect.stringContaining("writers"),
    });
    await sql("revoke ann from writers");
  });

  it("never gives what PostgreSQL would note as another role's", async () => {
    await sql(`grant owner_role to ${provisioner}; alter role ${provisioner} inherit`);
    if (major >= 16) await sql(`grant owner_role to ${provisioner} with inherit true`);
    const remove = held("ann", privilegeOn("table", "app/billing.invoices", "DELETE"));
    expect(await give(remove)).toMatchObject({
      outcome: "impossible",
      because: expect.stringContaining("owner_role"),
    });
    expect(await ask(remove)).toMatchObject({ held: false });
    await sql(`revoke owner_role from ${provisioner}; alter role ${provisioner} noinherit`);
    expect(await give(remove)).toMatchObject({
      outcome: "impossible",
      because: expect.stringContaining("no grant option"),
    });
  });

  it("comes to the same end when two give or take at once", async () => {
    for (const what of [
      held("ann", membershipOf("analysts")),
      held("ann", privilegeOn("table", "app/billing.invoices", "SELECT")),
    ]) {
      const given = await Promise.all(Array.from({ length: 8 }, () => give(what)));
      expect(given.map(({ outcome }) => outcome).toSorted()).toEqual([...Array(7).fill("already"), "done"]);
      expect(await ask(what)).toMatchObject({ held: true, ours: true, alsoBy: [] });
      const taken = await Promise.all(Array.from({ length: 8 }, () => take(what)));
      expect(taken.map(({ outcome }) => outcome).toSorted()).toEqual([...Array(7).fill("already"), "done"]);
      expect(await ask(what)).toMatchObject({ held: false });
    }
  });

  it("refuses to give as a superuser, whose grants PostgreSQL notes as others'", async () => {
    const call = {
      ...callOn(server, { provisionUser: server.user }),
      secrets: { password: "", provisionPassword: server.password },
    };
    await expect(grant(call, { ...held("ann", membershipOf("analysts")), until })).rejects.toMatchObject({
      code: "rights",
      retryable: false,
    });
  });
});
