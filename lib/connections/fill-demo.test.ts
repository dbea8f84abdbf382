import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluateAccess } from "../access/evaluate-access";
import { listResourceAccess } from "../access/resource-access-queries";
import { system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { readCounters } from "../inventory/counters";
import { createConnection } from "./create-connection";
import { fillDemo } from "./fill-demo";

const actor = system("demo");
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
});
afterAll(() => drop());

const countOf = async (sql: string): Promise<number> => (await rows<{ count: number }>(sql))[0]?.count ?? 0;

describe("the demonstration", { timeout: 900_000 }, () => {
  it("refuses an installation with a real connection, and changes nothing", async () => {
    const { id } = await createConnection(actor, { name: "hr", connector: "csv", syncNow: false });
    await expect(fillDemo(actor)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("hr") });
    expect(await countOf("select count(*)::int from settings where key = 'demo'")).toBe(0);
    await rows("delete from connections where id = $1", [id]);
  });

  it("fills an empty installation with a company and twelve weeks of its life", async () => {
    const began = performance.now();
    expect(await fillDemo(actor)).toBe(true);
    process.stdout.write(`the demonstration was filled in ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
    const counters = await readCounters();
    expect(counters["identities.human"]).toBeGreaterThan(380);
    expect(counters["identities.human"]).toBeLessThan(440);
    expect((counters.identities ?? 0) - (counters["identities.human"] ?? 0)).toBeGreaterThan(2_450);
    expect(counters.connections).toBe(14);
    for (const key of [
      "identities.no_owner",
      "identities.privileged",
      "identities.not_used_90d",
      "identities.last_use.unknown",
      "identities.last_use.not_used",
      "accounts.unmatched",
      "credentials.ending_7d",
    ]) {
      expect({ key, value: counters[key] }).toEqual({ key, value: expect.any(Number) });
      expect(counters[key]).toBeGreaterThan(0);
    }
    process.stdout.write(`${JSON.stringify(counters)}\n`);
  });

  it("has a trend: ten points and more over twelve weeks, none of them a jump", async () => {
    const points = await rows<{ value: string }>(
      "select value from inventory_history where key = 'identities' order by day",
    );
    expect(points.length).toBeGreaterThanOrEqual(10);
    const values = points.map((point) => Number(point.value));
    for (const [index, value] of values.slice(1).entries()) {
      expect(Math.abs(value - (values[index] ?? 0))).toBeLessThan(60);
    }
  });

  it("shows a sync that the brake holds and a system that does not answer", async () => {
    const states = await rows<{ name: string; status: string }>(
      "select name, status from connections where status <> 'current' order by name",
    );
    expect(states).toEqual([
      { name: "ldap-emea", status: "paused" },
      { name: "sftp-dmz", status: "failing" },
    ]);
  });

  it("matches people across systems by address, number and rule, and leaves some unmatched", async () => {
    const used = await rows<{ match_rule: string }>(
      "select distinct match_rule from principals where identity_id is not null",
    );
    const rules = used.map((row) => row.match_rule);
    for (const rule of ["email", "own", "Warehouse roles are named like log-ins"]) expect(rules).toContain(rule);
    const known = await rows<{ systems: number }>(
      "select account_count systems from identities where name = 'Anna Lindqvist' and removed_at is null",
    );
    expect(known).toHaveLength(1);
    expect(known[0]?.systems).toBeGreaterThanOrEqual(4);
  });

  it("says who answers for each system, but for two", async () => {
    const without = await rows<{ name: string }>("select name from connections where owner_id is null order by name");
    expect(without.map(({ name }) => name)).toEqual(["sftp-dmz", "zendesk"]);
  });

  it("keeps leavers' accounts that nobody closed", async () => {
    const sql = `select count(*)::int from principals p join identities i on i.id = p.identity_id
      where i.kind = 'human' and i.status = 'disabled' and p.status = 'active' and p.removed_at is null`;
    expect(await countOf(sql)).toBeGreaterThan(0);
  });

  it("decides as its systems would: superusers, patterns, columns by their table, roles to be taken first", async () => {
    const ask = async (connection: string, subject: string, action: string, type: string, id: string) => {
      const evaluation = {
        subject: { type: "account", id: subject },
        action: { name: action },
        resource: { type, id },
        context: { connection },
      };
      const { evaluations } = await evaluateAccess(actor, { evaluations: [evaluation] });
      const [answer] = evaluations;
      return { decision: answer?.decision, conditional: answer?.context.conditional };
    };
    const [reader] = await rows<{
      id: string;
    }>(`select m.external_id id from memberships e join principals m on m.id = e.member_id
      join principals g on g.id = e.group_id and g.name = 'ReadOnlyAccess' join connections c on c.id = e.connection_id and c.name = 'aws-prod'
      where e.removed_at is null and m.status = 'active' and not exists (select 1 from assignments a where a.principal_id = m.id) order by 1 limit 1`);
    const invoices = "billing.invoices";
    expect(await ask("warehouse", "postgres", "DELETE", "table", invoices)).toEqual({
      decision: true,
      conditional: false,
    });
    expect(await ask("warehouse", "anna.lindqvist", "UPDATE", "column", `${invoices}.total`)).toEqual({
      decision: true,
      conditional: false,
    });
    expect(await ask("warehouse", "jw", "TRUNCATE", "table", invoices)).toEqual({
      decision: false,
      conditional: false,
    });
    expect(await ask("aws-prod", reader?.id ?? "", "s3:GetObject", "bucket", "arn:aws:s3:::nordwind-reports")).toEqual({
      decision: false,
      conditional: true,
    });
  });

  it("never lists what it would not decide, nor decides what it does not list", async () => {
    const samples = await rows<{
      id: string;
      connection: string;
      type: string;
      external_id: string;
      permission: string;
    }>(`
      select distinct on (c.name) r.id, c.name connection, r.type, r.external_id, e.permission from entitlements e
      join resources r on r.id = e.resource_id join connections c on c.id = e.connection_id
      where e.removed_at is null and r.type in ('table', 'bucket', 'repository', 'namespace', 'share', 'api', 'desk', 'channel', 'tool')
      order by c.name, md5(r.id::text || e.permission)`);
    expect(samples.length).toBeGreaterThan(6);
    for (const { id, connection, type, external_id, permission } of samples) {
      const listed = new Set<string>();
      for (let cursor: string | undefined, more = true; more; ) {
        const page = await listResourceAccess(actor, { resourceId: id, permission, limit: 500, cursor, paths: 1 });
        for (const entry of page.items) if (entry.condition === null) listed.add(entry.account.externalId);
        cursor = page.nextCursor ?? undefined;
        more = cursor !== undefined;
      }
      const accounts = await rows<{ id: string }>(
        "select p.external_id id from principals p join connections c on c.id = p.connection_id where c.name = $1 and p.type = 'account' and p.removed_at is null order by 1 limit 1000",
        [connection],
      );
      const { evaluations } = await evaluateAccess(actor, {
        evaluations: accounts.map((account) => ({
          subject: { type: "account", id: account.id },
          action: { name: permission },
          resource: { type, id: external_id },
          context: { connection },
        })),
      });
      const decided = accounts
        .filter((_, index) => evaluations[index]?.decision)
        .map((account) => account.id)
        .sort();
      expect({ connection, permission, holders: decided }).toEqual({
        connection,
        permission,
        holders: [...listed].sort(),
      });
    }
  });

  it("is filled once", async () => {
    const before = await countOf("select count(*)::int from sync_runs");
    expect(await fillDemo(actor)).toBe(false);
    expect(await countOf("select count(*)::int from sync_runs")).toBe(before);
  });
});
