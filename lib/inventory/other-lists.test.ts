import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Actor, system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import type { Total } from "../lists/run-list";
import { type ListState, parseState } from "../lists/schema";
import type { ListPage as Page } from "../lists/select";
import { type ListPage, lists } from "../views/labels";
import { countAccounts, listAccounts } from "./account-list-queries";
import { countCredentials, listCredentials } from "./credential-list-queries";
import { countResources, listResources } from "./resource-list-queries";

type Reads = {
  list: (actor: Actor, input: { state: ListState; limit?: number }) => Promise<Page<{ id: string; name: string }>>;
  count: (actor: Actor, input: { state: ListState }) => Promise<Total>;
};
const reads = {
  accounts: { list: listAccounts, count: countAccounts },
  credentials: { list: listCredentials, count: countCredentials },
  resources: { list: listResources, count: countResources },
} as const satisfies Partial<Record<ListPage, Reads>>;
type Tested = keyof typeof reads;
const everything = system("test");
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ drop } = await freshDatabase());
  await rows(seed);
});
afterAll(() => drop());

function asked(page: ListPage, query: string): ListState {
  const { state, problems } = parseState(lists[page], Object.fromEntries(new URLSearchParams(query)));
  expect(problems).toEqual([]);
  return state;
}

const sorts = (Object.keys(reads) as Tested[]).flatMap((page) =>
  lists[page].sorts.flatMap((sort): [Tested, string][] => [
    [page, sort],
    [page, `-${sort}`],
  ]),
);

test.each(sorts)("%s by %s come exactly once, page by page", async (page, sort) => {
  const { list } = reads[page];
  let state = asked(page, `sort=${sort}`);
  const whole = (await list(everything, { state, limit: 500 })).items.map((item) => item.id);
  const walked: string[] = [];
  for (;;) {
    const part = await list(everything, { state, limit: 11 });
    walked.push(...part.items.map((item) => item.id));
    if (part.nextCursor === null) break;
    state = { ...state, place: { cursor: part.nextCursor, way: "after" } };
  }
  expect(walked).toEqual(whole);
  expect(new Set(whole).size).toBe((await reads[page].count(everything, { state: asked(page, "") })).value);
});

describe("filters", () => {
  const account = "select count(*) from principals where removed_at is null and type = 'account' and";
  const credential = "select count(*) from credentials where removed_at is null and";
  const resource = "select count(*) from resources where removed_at is null and";
  const cases: [Tested, string, string][] = [
    ["accounts", "unmatched=true", `${account} identity_id is null`],
    [
      "accounts",
      "unmatched=false&connection=one",
      `${account} identity_id is not null and connection_id = '${"1".repeat(8)}-0000-7000-8000-000000000001'`,
    ],
    ["accounts", "connection=!one,two", `${account} false`],
    ["accounts", "status=!active", `${account} status <> 'active'`],
    ["accounts", "unusedSince=90d", `${account} not_used_since < now() - interval '90 days'`],
    ["accounts", "q=acc 1", `${account} search like '%acc%' and search like '%1%'`],
    ["credentials", "kind=password,ssh_key", `${credential} kind in ('password', 'ssh_key')`],
    ["credentials", "made=!365d", `${credential} source_created_at < now() - interval '365 days'`],
    ["credentials", "expires=%2B30d", `${credential} expires_at <= now() + interval '30 days'`],
    ["credentials", "expires=!%2B30d", `${credential} (expires_at is null or expires_at > now() + interval '30 days')`],
    [
      "credentials",
      "connection=two&lastUse=unknown",
      `${credential} connection_id <> '${"1".repeat(8)}-0000-7000-8000-000000000001' and last_use_state = 'unknown'`,
    ],
    ["resources", "type=table", `${resource} type = 'table'`],
    ["resources", "type=!table,schema", `${resource} type not in ('table', 'schema')`],
    ["resources", "owner=none", `${resource} owner_id is null`],
    ["resources", "firstSeen=10d", `${resource} first_seen_at >= now() - interval '10 days'`],
  ];
  test.each(cases)("%s with %s are what %s counts", async (page, query, sql) => {
    const [expected] = await rows<{ count: string }>(sql);
    expect(await reads[page].count(everything, { state: asked(page, query) })).toEqual({
      value: Number(expected?.count),
      capped: false,
    });
  });
});

test("a resource tells how many permissions on it are held, and by how many directly", async () => {
  const { items } = await listResources(everything, { state: asked("resources", "q=resource 1&type=table"), limit: 1 });
  expect(items[0]).toMatchObject({ entitlementCount: 2, holderCount: 3 });
});

const seed = `
insert into connections (id, name, connector, settings) values ('${"1".repeat(8)}-0000-7000-8000-000000000001', 'one', 'csv', '{}'), ('${"2".repeat(8)}-0000-7000-8000-000000000002', 'two', 'csv', '{}');
with one as (insert into identities (kind, kind_reason, name, first_seen_at) values ('bot', 'test', 'robot', now()) returning id)
insert into principals (connection_id, type, external_id, name, status, content_hash, identity_id, first_seen_at, last_use_state, not_used_since, search)
  select case when g % 2 = 0 then '${"1".repeat(8)}-0000-7000-8000-000000000001' else '${"2".repeat(8)}-0000-7000-8000-000000000002' end::uuid, case when g % 10 = 0 then 'group' else 'account' end, g::text, 'acc ' || g,
    (array['active', 'locked', 'disabled'])[1 + g % 3], 'x', case when g % 4 > 0 then (select id from one) end, now() - (g % 7) * interval '1 day',
    case when g % 2 = 0 then 'not_used' else 'unknown' end, case when g % 2 = 0 then now() - g * interval '2 day' end, 'acc ' || g from generate_series(1, 90) g;
insert into credentials (connection_id, principal_id, kind, external_id, name, content_hash, source_created_at, expires_at, first_seen_at, last_use_state, last_used_at, search)
  select connection_id, id, (array['password', 'ssh_key', 'access_key'])[1 + g % 3], g::text, 'key ' || g, 'x', case when g % 4 > 0 then now() - g * interval '10 day' end,
    case when g % 3 = 0 then now() + g * interval '1 day' end, now() - (g % 5) * interval '1 day', case when g % 2 = 0 then 'used' else 'unknown' end, case when g % 2 = 0 then now() - (g % 3) * interval '1 hour' end, 'key ' || g
  from (select *, external_id::int g from principals where type = 'account') p;
insert into resources (connection_id, type, external_id, name, content_hash, owner_id, first_seen_at, search)
  select '${"1".repeat(8)}-0000-7000-8000-000000000001', (array['table', 'schema', 'bucket'])[1 + g % 3], g::text, 'resource ' || g, 'x', case when g % 2 = 0 then (select id from identities limit 1) end, now() - g * interval '1 day', 'resource ' || g from generate_series(1, 70) g;
with target as (select id, connection_id from resources where type = 'table' and search like '%resource%' and search like '%1%' order by lower(name), id limit 1),
  held as (insert into entitlements (connection_id, resource_id, permission, privilege, first_seen_at) select connection_id, id, permission, 1, now() from target, (values ('SELECT'), ('INSERT')) v (permission) returning id, connection_id, permission)
insert into assignments (connection_id, principal_id, entitlement_id, first_seen_at)
  select h.connection_id, p.id, h.id, now() from held h join lateral (select id, row_number() over (order by external_id) n from principals where connection_id = h.connection_id) p on p.n <= 3 where h.permission = 'SELECT' or p.n = 1;
`;
