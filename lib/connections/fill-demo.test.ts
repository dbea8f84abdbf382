import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

  it("keeps leavers' accounts that nobody closed", async () => {
    const sql = `select count(*)::int from principals p join identities i on i.id = p.identity_id
      where i.kind = 'human' and i.status = 'disabled' and p.status = 'active' and p.removed_at is null`;
    expect(await countOf(sql)).toBeGreaterThan(0);
  });

  it("is filled once", async () => {
    const before = await countOf("select count(*)::int from sync_runs");
    expect(await fillDemo(actor)).toBe(false);
    expect(await countOf("select count(*)::int from sync_runs")).toBe(before);
  });
});
