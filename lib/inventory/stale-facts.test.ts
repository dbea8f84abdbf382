import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, addEntitlement, addIdentity, addPrincipal, addResource, assign } from "../access/test-world";
import { system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { markStale, refreshStaleFacts } from "./stale-facts";

const worker = system("worker");
const people = 1_200;
let database: Awaited<ReturnType<typeof freshDatabase>>;
const accounts: string[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  const warehouse = await addConnection("warehouse");
  const select = await addEntitlement(warehouse, await addResource(warehouse, "table", "t"), "SELECT");
  for (let n = 0; n < 3; n++) {
    const identityId = await addIdentity(`person ${n}`);
    accounts.push(await addPrincipal(warehouse, "account", `account ${n}`, { identityId }));
  }
  await rows(
    `with made as (insert into identities (kind, kind_reason, name, first_seen_at)
       select 'human', 'said by the test', 'many ' || n, now() from generate_series(1, $1::int) n returning id, name)
     insert into principals (connection_id, type, external_id, name, content_hash, identity_id, first_seen_at)
       select $2, 'account', name, name, '', id, now() from made`,
    [people, warehouse],
  );
  accounts.push(await addPrincipal(warehouse, "account", "of nobody"));
  for (const account of accounts) await assign(warehouse, account, select);
});
afterAll(() => database.drop());

const reach = async () =>
  (await rows<{ reaches: number }>("select reaches from identities where name like 'person%' order by name")).map(
    (row) => row.reaches,
  );

test("what was marked is brought up to date, and nothing else", async () => {
  await transaction(async (tx) => {
    for (const account of [accounts[0], accounts[0], accounts[1], accounts[3]]) await markStale(tx, [account ?? ""]);
  });
  expect(await reach()).toEqual([0, 0, 0]);
  expect(await refreshStaleFacts(worker)).toBe(2);
  expect(await reach()).toEqual([1, 1, 0]);
  expect(await refreshStaleFacts(worker)).toBe(0);
});

test("a mark in a transaction that fails marks nothing", async () => {
  await expect(
    transaction(async (tx) => {
      await markStale(tx, [accounts[2] ?? ""]);
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await refreshStaleFacts(worker)).toBe(0);
});

test("two workers share what there is, and each takes what the other does not", async () => {
  await rows("insert into stale_facts select id from identities where name like 'many%'");
  const [one, other] = await Promise.all([refreshStaleFacts(worker), refreshStaleFacts(worker)]);
  expect(one + other).toBe(people);
  expect(await rows("select 1 from stale_facts")).toEqual([]);
  const counts = await rows("select account_count from identities where name like 'many%' and account_count <> 1");
  expect(counts).toEqual([]);
});
