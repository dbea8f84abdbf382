import { describe, expect, it } from "vitest";
import type { ReadEvent } from "../contract";
import { collect, observed, testContract } from "../contract-tests";
import { demo } from "./connector";
import { enclosing, patternGrants } from "./evaluate";
import { type SystemName, systemNames } from "./schema";
import { castOf } from "./systems";

const anchor = "2026-11-20";
const now = new Date("2026-11-20T14:32:00Z");
const live = () => new AbortController().signal;

function context(system: SystemName, at: Date, signal = live(), seed = "nordwind") {
  return { settings: { system, seed, anchor }, secrets: {}, signal, now: at };
}
function readOf(system: SystemName, at: Date, seed?: string): (signal: AbortSignal) => AsyncIterable<ReadEvent> {
  return (signal) => {
    if (!demo.read) throw new Error("the demo cannot be read");
    return demo.read(context(system, at, signal, seed));
  };
}
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

for (const system of systemNames) {
  testContract(`demo ${system}`, {
    connector: demo,
    read: readOf(system, daysAgo(7)),
    ...(system === "sftp-dmz" ? { failures: { "the server is down": readOf(system, now) } } : {}),
  });
}

describe("the invented company", () => {
  it("has some 400 people and 2,500 machine identities over 14 systems", () => {
    const { company, machines } = castOf("nordwind");
    const people = company.people.filter((person) => person.from <= 0 && (person.until === null || person.until > 0));
    expect(people.length).toBeGreaterThan(380);
    expect(people.length).toBeLessThan(430);
    const there = machines.filter((machine) => machine.until === null);
    expect(there.length).toBe(2_502);
    expect(there.filter((machine) => !machine.owner)).toHaveLength(112);
    expect(systemNames).toHaveLength(14);
  });

  it("is the same for the same seed, and another for another", async () => {
    const first = await collect(readOf("warehouse", daysAgo(3)));
    expect(await collect(readOf("warehouse", daysAgo(3)))).toEqual(first);
    expect(await collect(readOf("warehouse", daysAgo(3), "southwind"))).not.toEqual(first);
  });

  it("gives every employee number, address and login to one person only", () => {
    const { people } = castOf("nordwind").company;
    for (const field of ["number", "email", "login"] as const) {
      expect(new Set(people.map((person) => person[field])).size).toBe(people.length);
    }
  });

  it("has joiners and leavers in every month that is replayed", async () => {
    const heads = async (days: number) =>
      new Set(
        observed(await collect(readOf("people", daysAgo(days)))).flatMap((item) =>
          item.kind === "account" && item.status === "active" ? [item.externalId] : [],
        ),
      );
    for (const [before, after] of [
      [80, 50],
      [50, 20],
      [20, 0],
    ] as const) {
      const [then, later] = [await heads(before), await heads(after)];
      expect([...later].filter((id) => !then.has(id)).length).toBeGreaterThan(2);
      expect([...then].filter((id) => !later.has(id)).length).toBeGreaterThan(2);
    }
  });

  it("never loses more than a tenth of a system in a week, but on the day the directory is cut short", async () => {
    for (const system of systemNames.filter((name) => name !== "ldap-emea" && name !== "sftp-dmz")) {
      const ids = async (days: number) =>
        new Set(
          observed(await collect(readOf(system, daysAgo(days)))).map((item) =>
            "externalId" in item ? item.externalId : "",
          ),
        );
      const [then, later] = [await ids(7), await ids(0)];
      expect([...then].filter((id) => !later.has(id)).length / then.size).toBeLessThan(0.1);
    }
    const accounts = async (days: number) =>
      observed(await collect(readOf("ldap-emea", daysAgo(days)))).filter((item) => item.kind === "account").length;
    expect((await accounts(0)) / (await accounts(1))).toBeLessThan(0.5);
  });

  it("never says of anything that it was used in the future or before it was there", async () => {
    for (const system of systemNames.filter((name) => name !== "sftp-dmz")) {
      for (const item of observed(await collect(readOf(system, now)))) {
        if (!("lastUsedAt" in item) || !item.lastUsedAt) continue;
        expect(item.lastUsedAt.getTime()).toBeLessThanOrEqual(now.getTime());
      }
    }
  });

  it("spreads last use from minutes to more than a year", async () => {
    const ages: number[] = [];
    for (const system of ["aws-prod", "warehouse", "ldap-emea", "slack-nordwind"] as const) {
      for (const item of observed(await collect(readOf(system, now)))) {
        if (item.kind === "account" && item.lastUsedAt)
          ages.push((now.getTime() - item.lastUsedAt.getTime()) / 86_400_000);
      }
    }
    for (const [from, to] of [
      [0, 1],
      [1, 7],
      [7, 90],
      [90, 365],
      [365, 5_000],
    ] as const) {
      expect(ages.filter((age) => age >= from && age < to).length).toBeGreaterThan(5);
    }
  });

  it("counts the same use whether it is asked once or every few hours", async () => {
    const inOneGo = await usesOf([now]);
    const steps = Array.from({ length: 30 }, (_, index) => new Date(now.getTime() - (29 - index) * 5 * 3_600_000));
    expect(inOneGo.size).toBeGreaterThan(1_000);
    for (const [key, uses] of await usesOf(steps)) expect({ key, uses }).toEqual({ key, uses: inOneGo.get(key) });
  });
});

async function usesOf(moments: Date[]): Promise<Map<string, number>> {
  const uses = new Map<string, number>();
  let cursor: unknown;
  for (const at of moments) {
    for await (const page of demo.usage?.({ ...context("warehouse", at), cursor }) ?? []) {
      for (const event of page.events) {
        const key = `${event.account} ${event.at.toISOString().slice(0, 10)}`;
        uses.set(key, (uses.get(key) ?? 0) + (event.uses ?? 1));
      }
      cursor = page.cursor;
    }
  }
  return uses;
}

describe("what a pattern gives", () => {
  const bucket = { type: "bucket", externalId: "arn:aws:s3:::reports", name: "reports", attributes: {} };
  it.each([
    [{ grants: "everything" }, bucket, 5],
    [{ grants: "rule", actions: ["s3:Get*"], resources: ["arn:aws:s3:::rep*"] }, bucket, 1],
    [{ grants: "rule", actions: ["s3:*"], resources: ["arn:aws:s3:::other*"] }, bucket, 0],
    [{ grants: "rule", actions: ["*Object"], resources: ["*"] }, bucket, 3],
    [{ grants: "all", type: "table", permissions: ["SELECT"] }, bucket, 0],
    [{ grants: "nonsense" }, bucket, 0],
  ])("%j gives %s permissions", (pattern, resource, count) => {
    expect(patternGrants(pattern, resource)).toHaveLength(count);
  });

  it("a table decides on its columns, and a bucket on its objects", () => {
    expect(enclosing({ type: "column", id: "billing.invoices.note" })).toEqual([
      { type: "table", id: "billing.invoices" },
    ]);
    expect(enclosing({ type: "object", id: "arn:aws:s3:::reports/q3.csv" })).toEqual([
      { type: "bucket", id: "arn:aws:s3:::reports" },
    ]);
    expect(enclosing({ type: "table", id: "billing.invoices" })).toEqual([]);
  });
});
