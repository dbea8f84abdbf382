import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDebianServer, startServer15, startServer18, type TestServer } from "../../db/test-clusters";
import { ConnectorError } from "../connector-error";
import type { IssueOrder } from "../provisioning";
import { grant, readBack, revoke } from "./give-access";
import { deliver, issue, readBackIssued } from "./issue-account";
import { revokeAll } from "./revoke-all";
import { type CuttingProxy, startCuttingProxy } from "./test-cutting-proxy";
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
])("PostgreSQL $major", ({ start }) => {
  let server: TestServer;
  let proxy: CuttingProxy;
  const sql = (text: string, database?: string) => asAdministrator(server, (client) => client.query(text), database);
  const direct = () => callOn(server);
  const interrupted = () => callOn({ ...server, port: proxy.port });

  beforeAll(async () => {
    server = await start();
    proxy = await startCuttingProxy(server.port);
    await makeProvisioner(server);
    await sql("create role ann login; create role analysts; create role auditors; create role owner_role");
    for (const role of ["analysts", "auditors"]) await sql(adminOption(server, role));
    await sql("create database app");
    await sql(
      `create schema s; create table s.t (id int); grant usage on schema s to ${provisioner} with grant option;
       grant usage, create on schema s to analysts; grant select on s.t to ${provisioner} with grant option`,
      "app",
    );
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  /** Cuts the connection at its first message, its second …, before it arrives or before its answer does, until the verb gets through. */
  async function cutEverywhere(
    verb: (call: ReturnType<typeof direct>) => Promise<unknown>,
    check: () => Promise<void>,
    phases: readonly ("before" | "after")[] = ["before", "after"],
  ) {
    let cuts = 0;
    for (const when of phases) {
      for (let at = 1; ; at++) {
        proxy.cutAt(at, when);
        const error = await verb(interrupted()).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error === null) break;
        expect(error).toBeInstanceOf(ConnectorError);
        expect(error).toMatchObject({ retryable: true });
        cuts += 1;
        await verb(direct());
        await check();
      }
    }
    proxy.cutAt(Number.POSITIVE_INFINITY, "before");
    expect(cuts).toBeGreaterThan(10);
  }

  it("comes to the same end when it is cut off anywhere while giving, and called again", async () => {
    for (const one of [held("ann", membershipOf("analysts")), held("ann", privilegeOn("table", "app/s.t", "SELECT"))]) {
      await cutEverywhere(
        (call) => grant(call, { ...one, until }),
        async () => {
          expect(await readBack(direct(), one)).toMatchObject({ held: true, ours: true, alsoBy: [] });
          await revoke(direct(), one);
        },
      );
      await revoke(direct(), one);
    }
  });

  it("comes to the same end when it is cut off anywhere while taking back, and called again", async () => {
    for (const one of [held("ann", membershipOf("analysts")), held("ann", privilegeOn("table", "app/s.t", "SELECT"))]) {
      await grant(direct(), { ...one, until });
      await cutEverywhere(
        (call) => revoke(call, one),
        async () => {
          expect(await readBack(direct(), one)).toMatchObject({ held: false });
          await grant(direct(), { ...one, until });
        },
      );
      expect(await readBack(direct(), one)).toMatchObject({ held: false });
    }
  });

  it("comes to the same end when it is cut off anywhere while taking several together, and called again", async () => {
    const several = [membershipOf("analysts"), membershipOf("auditors"), privilegeOn("table", "app/s.t", "SELECT")];
    const each = several.map((access) => held("ann", access));
    const giveAll = async () => {
      for (const one of each) await grant(direct(), { ...one, until });
    };
    const taking = { account: accountOf("ann"), accesses: several, endingSessions: true };
    const unlessFailed = (all: Awaited<ReturnType<typeof revokeAll>>) => {
      for (const one of all.each) if ("error" in one) throw one.error;
    };
    await giveAll();
    await cutEverywhere(
      async (call) => unlessFailed(await revokeAll(call, taking)),
      async () => {
        for (const one of each) expect(await readBack(direct(), one)).toMatchObject({ held: false });
        await giveAll();
      },
    );
  }, 180_000);

  const order: IssueOrder = {
    name: "rc_cut",
    for: "Ann",
    access: [membershipOf("analysts"), privilegeOn("table", "app/s.t", "SELECT")],
    until,
  };
  const account = accountOf("rc_cut");

  it("comes to the same end when it is cut off anywhere while making a short-lived account", async () => {
    await cutEverywhere((call) => issue(call, order), async () => {
      const { rows } = await sql("select rolcanlogin, rolvaliduntil from pg_roles where rolname = 'rc_cut'");
      expect(rows).toEqual([{ rolcanlogin: false, rolvaliduntil: until }]);
      for (const access of order.access) {
        expect(await readBack(direct(), { account, access })).toMatchObject({ held: true, ours: true });
      }
      await withdraw(direct(), account);
    }, ["after"]);
  }, 180_000);

  it("leaves no account that can sign in when it is cut off anywhere while ending it, and called again", async () => {
    const make = async () => {
      await issue(direct(), order);
      await deliver(direct(), { account, until });
      await sql("set role rc_cut; create table s.made (a int)", "app");
    };
    await make();
    await cutEverywhere((call) => withdraw(call, account), async () => {
      expect(await readBackIssued(direct(), account)).toMatchObject({ standing: false });
      expect((await sql("select 1 from pg_roles where rolname = 'rc_cut'")).rows).toEqual([]);
      await sql("drop table s.made", "app");
      await make();
    }, ["after"]);
  }, 180_000);

  it("says that it may work later when the server stops, has no connection left, or holds a lock", async () => {
    const one = held("ann", membershipOf("analysts"));
    await sql(`alter role ${provisioner} connection limit 0`);
    // A session that is still open may go on; what has to sign in may not.
    await sql(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = '${provisioner}'`);
    await expect(grant(direct(), { ...one, until })).rejects.toMatchObject({ code: "busy", retryable: true });
    await sql(`alter role ${provisioner} connection limit 20`);
    await asAdministrator(server, async (client) => {
      await client.query("select pg_advisory_lock(hashtextextended('rollcall member analysts', 0))");
      const call = callOn(server, { statementTimeoutSeconds: 1 });
      await expect(grant(call, { ...one, until })).rejects.toMatchObject({ code: "timeout", retryable: true });
      const giving = grant(direct(), { ...one, until }).catch((error: unknown) => error);
      for (let ended = 0; ended === 0; ) {
        const { rowCount } = await client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'",
          [provisioner],
        );
        ended = rowCount ?? 0;
      }
      expect(await giving).toMatchObject({ code: "unreachable", retryable: true });
    });
    expect(await grant(direct(), { ...one, until })).toMatchObject({ outcome: "done" });
    expect(await revoke(direct(), one)).toMatchObject({ outcome: "done" });
  });
});
