import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import type { AccessRef, IssueOrder } from "../provisioning";
import { disable, endSessions } from "./end-sessions";
import { grant, revoke } from "./give-access";
import { deliver, issue, readBackIssued } from "./issue-account";
import {
  accountOf,
  adminOption,
  asAdministrator,
  callOn,
  held,
  makeProvisioner,
  membershipOf,
  privilegeOn,
  provisioner,
} from "./test-provisioner";
import { withdraw } from "./withdraw-account";

const until = new Date("2099-01-01T00:00:00Z");

describe.each([
  { major: 18, start: startServer18 },
  ...(hasDebianServer() ? [{ major: 15, start: () => startServer15() }] : []),
])("PostgreSQL $major", ({ major, start }) => {
  let server: TestServer;
  const open: pg.Client[] = [];
  const sql = (text: string, database?: string) => asAdministrator(server, (client) => client.query(text), database);
  const call = (overrides = {}) => callOn(server, overrides);

  beforeAll(async () => {
    server = await start();
    await makeProvisioner(server);
    await sql("create role ann login password 'ann'");
    await sql("create role analysts; create role guests; create role by_hand login");
    await sql("create database app");
    for (const role of ["analysts", "guests", ...(major >= 16 ? ["ann"] : [])]) await sql(adminOption(server, role));
    await sql(
      `create schema billing; create table billing.invoices (id int); insert into billing.invoices values (1);
       grant usage, create on schema billing to analysts; grant usage on schema billing to guests;
       grant select on billing.invoices to analysts; grant usage on schema billing to ${provisioner} with grant option;
       grant select on billing.invoices to ${provisioner} with grant option`,
      "app",
    );
  });
  afterEach(async () => {
    for (const client of open.splice(0)) await client.end().catch(() => undefined);
  });
  afterAll(() => server.stop());

  /** A real session, and the error by which the server ends it. */
  async function session(user: string, password: string, database = "app") {
    const client = new pg.Client({ host: "127.0.0.1", port: server.port, user, password, database });
    const cut = new Promise<Error>((resolve) => client.on("error", resolve));
    await client.connect();
    open.push(client);
    return { client, cut };
  }

  async function issued(name: string, access: AccessRef[]) {
    const order: IssueOrder = { name, for: "Ann O'Neil\n<ann@example.com>", access, until };
    const { account } = await issue(call(), order);
    const secret = await deliver(call(), { account, until });
    return { account, order, secret };
  }

  it("ends an open session of whoever loses access, whatever role it switched to, and no one else's", async () => {
    const member = held("ann", membershipOf("analysts"));
    await grant(call(), { ...member, until });
    const switched = await session("ann", "ann");
    await switched.client.query("set role analysts");
    const plain = await session("ann", "ann");
    const other = await session(server.user, server.password);
    await revoke(call(), member);
    // The membership is gone, and the session that switched goes on all the same.
    expect((await switched.client.query("select count(*)::int as n from billing.invoices")).rows).toEqual([{ n: 1 }]);
    expect(await endSessions(call(), accountOf("ann"))).toMatchObject({ ended: 2, left: 0 });
    expect(await switched.cut).toMatchObject({ code: "57P01" });
    expect(await plain.cut).toMatchObject({ code: "57P01" });
    expect((await other.client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    const again = await session("ann", "ann");
    await expect(again.client.query("set role analysts")).rejects.toMatchObject({ code: "42501" });
    expect(await endSessions(call(), accountOf("nobody"))).toMatchObject({ ended: 0, left: 0 });
  });

  it("cuts a statement that is running", async () => {
    const { client, cut } = await session("ann", "ann");
    const running = client.query("select pg_sleep(600)").catch((error: unknown) => error);
    expect(await endSessions(call(), accountOf("ann"))).toMatchObject({ ended: 1, left: 0 });
    expect(await running).toMatchObject({ code: "57P01" });
    await cut;
  });

  it("keeps a disabled account out, with sessions trying to slip in all the while", async () => {
    let trying = true;
    const storm = Array.from({ length: 6 }, async () => {
      while (trying) await session("ann", "ann", "postgres").catch(() => undefined);
    });
    const outcome = await disable(call(), accountOf("ann"));
    const { rows } = await sql(
      "select count(*)::int as n from pg_stat_activity where usename = 'ann' and backend_type = 'client backend'",
    );
    trying = false;
    await Promise.all(storm);
    expect(outcome).toMatchObject({ outcome: "done", detail: expect.stringContaining('ALTER ROLE "ann" NOLOGIN') });
    expect(rows).toEqual([{ n: 0 }]);
    await expect(session("ann", "ann")).rejects.toMatchObject({ code: "28000" });
    expect(await disable(call(), accountOf("ann"))).toMatchObject({ outcome: "already" });
    expect(await disable(call(), accountOf("nobody"))).toMatchObject({ outcome: "already" });
    await sql("alter role ann login");
  });

  it("does not disable a superuser, nor itself", async () => {
    await sql("create role root_like superuser login");
    expect(await disable(call(), accountOf("root_like"))).toMatchObject({ outcome: "impossible" });
    expect(await disable(call(), accountOf(provisioner))).toMatchObject({ outcome: "impossible" });
    expect((await sql("select rolcanlogin from pg_roles where rolname = 'root_like'")).rows).toEqual([
      { rolcanlogin: true },
    ]);
  });

  it("makes an account that signs in only once its secret was handed out, and then holds what was ordered", async () => {
    const order: IssueOrder = { name: "rc_ann_1", for: "Ann", access: [membershipOf("analysts")], until };
    const { account } = await issue(call(), order);
    await expect(session("rc_ann_1", "")).rejects.toThrow();
    expect(await issue(call(), order)).toMatchObject({ account });
    const first = await deliver(call(), { account, until });
    expect(first.facts).toEqual({ Host: "127.0.0.1", Port: String(server.port), Database: "app", User: "rc_ann_1" });
    expect(first.command).toContain("dbname=app user=rc_ann_1");
    expect(first.command).not.toContain(first.secret);
    const { client } = await session("rc_ann_1", first.secret);
    expect((await client.query("select id from billing.invoices")).rows).toEqual([{ id: 1 }]);
    const second = await deliver(call(), { account, until });
    await expect(session("rc_ann_1", first.secret)).rejects.toMatchObject({ code: "28P01" });
    await session("rc_ann_1", second.secret);
    expect(await readBackIssued(call(), account)).toMatchObject({ standing: true });
    const { rows } = await sql(
      "select rolvaliduntil, shobj_description(oid, 'pg_authid') as note, rolconnlimit from pg_authid where rolname = 'rc_ann_1'",
    );
    expect(rows).toEqual([
      { rolvaliduntil: until, note: "Short-lived account made by Rollcall for Ann", rolconnlimit: 10 },
    ]);
  });

  it("withdraws it: the session is cut, the secret refused, the role gone", async () => {
    const { account, secret } = await issued("rc_ann_2", [
      membershipOf("analysts"),
      privilegeOn("schema", "app/billing", "USAGE"),
      privilegeOn("table", "app/billing.invoices", "SELECT"),
    ]);
    const { cut } = await session("rc_ann_2", secret.secret);
    expect(await withdraw(call(), account)).toMatchObject({
      outcome: "done",
      detail: expect.stringContaining("DROP ROLE"),
    });
    expect(await cut).toMatchObject({ code: "57P01" });
    await expect(session("rc_ann_2", secret.secret)).rejects.toMatchObject({ code: "28P01" });
    expect(await readBackIssued(call(), account)).toMatchObject({ standing: false });
    expect(await withdraw(call(), account)).toMatchObject({ outcome: "already" });
  });

  it("hands what the account made to the role it was a member of", async () => {
    const { account, secret } = await issued("rc_ann_3", [membershipOf("analysts")]);
    const { client } = await session("rc_ann_3", secret.secret);
    await client.query("create table billing.made (a int); alter default privileges grant select on tables to guests");
    expect(await withdraw(call(), account)).toMatchObject({
      outcome: "done",
      detail: expect.stringContaining("DROP ROLE"),
    });
    const { rows } = await sql("select tableowner from pg_tables where tablename = 'made'", "app");
    expect(rows).toEqual([{ tableowner: "analysts" }]);
  });

  it("keeps a role without login where what it made can go to nobody, and says what", async () => {
    const { account, secret } = await issued("rc_ann_4", [privilegeOn("schema", "app/billing", "USAGE")]);
    await sql("grant create on schema billing to rc_ann_4", "app");
    const { client } = await session("rc_ann_4", secret.secret);
    await client.query("create table billing.orphan (a int)");
    await sql("revoke create on schema billing from rc_ann_4", "app");
    const outcome = await withdraw(call(), account);
    expect(outcome).toMatchObject({
      outcome: "done",
      detail: expect.stringContaining('1 objects in the database "app"'),
    });
    expect(await readBackIssued(call(), account)).toMatchObject({
      standing: false,
      detail: expect.stringContaining("owns"),
    });
    await expect(session("rc_ann_4", secret.secret)).rejects.toThrow();
    expect(await withdraw(call(), account)).toMatchObject({ outcome: "already" });
    expect((await sql("select 1 from pg_auth_members where member = 'rc_ann_4'::regrole")).rows).toEqual([]);
    await sql("drop table billing.orphan", "app");
    expect(await withdraw(call(), account)).toMatchObject({ outcome: "done" });
  });

  it("says that what others gave an account keeps it standing", async () => {
    const { account } = await issued("rc_ann_5", [membershipOf("guests")]);
    await sql("grant select on billing.invoices to rc_ann_5", "app");
    expect(await withdraw(call(), account)).toMatchObject({
      outcome: "impossible",
      because: expect.stringContaining("billing.invoices"),
      remedy: expect.stringContaining("DROP OWNED"),
    });
    expect(await readBackIssued(call(), account)).toMatchObject({ standing: true });
    await sql("revoke select on billing.invoices from rc_ann_5", "app");
    expect(await withdraw(call(), account)).toMatchObject({ outcome: "done" });
  });

  it("touches no role that it did not make", async () => {
    const order: IssueOrder = { name: "by_hand", for: "Ann", access: [], until };
    await expect(issue(call(), order)).rejects.toMatchObject({ code: "invalid", retryable: false });
    await expect(deliver(call(), { account: accountOf("by_hand"), until })).rejects.toMatchObject({ code: "invalid" });
    expect(await withdraw(call(), accountOf("by_hand"))).toMatchObject({ outcome: "impossible" });
    expect((await sql("select rolcanlogin from pg_roles where rolname = 'by_hand'")).rows).toEqual([
      { rolcanlogin: true },
    ]);
  });

  it.each(["pg_mine", "public", "none", "", "x".repeat(64), "nul\0"])("refuses the name %j", async (name) => {
    await expect(issue(call(), { name, for: "Ann", access: [], until })).rejects.toMatchObject({ code: "invalid" });
  });

  it("refuses an account that would have ended, and one with what cannot be given", async () => {
    const past = { name: "rc_late", for: "Ann", access: [], until: call().now };
    await expect(issue(call(), past)).rejects.toMatchObject({ code: "invalid" });
    const owner = { ...past, until, access: [privilegeOn("table", "app/billing.invoices", "OWNER")] };
    await expect(issue(call(), owner)).rejects.toMatchObject({ code: "invalid" });
    const gone = { ...past, until, access: [membershipOf("gone")] };
    await expect(issue(call(), gone)).rejects.toMatchObject({ code: "invalid", retryable: false });
    expect(await withdraw(call(), accountOf("rc_late"))).toMatchObject({ outcome: "done" });
  });
});
