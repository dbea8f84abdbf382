import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, addIdentity } from "../access/test-world";
import { listEvents } from "../audit/queries";
import { recordAttempt } from "../audit/record";
import { system } from "../auth/actor";
import { rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { readState } from "../lists/read-state";
import { dayMs, now, plus } from "../time";
import { type ListPage, lists } from "../views/labels";
import { countAccounts } from "./account-list-queries";
import { recountInventory } from "./counters";
import { countCredentials } from "./credential-list-queries";
import { countIdentities } from "./identity-list-queries";
import { figureLinks } from "./overview-links";
import { getOverview, getOwnOverview, type Overview } from "./overview-queries";

const worker = system("worker");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let overview: Overview;

beforeAll(async () => {
  database = await freshDatabase();
  const owner = await addIdentity("Anna");
  const warehouse = await addConnection("warehouse", "test", { account: { complete: true, since: "2026-01-01" } });
  // Every combination of kind, use and owner, at ages that fall into every stretch.
  await rows(
    `insert into identities (kind, kind_reason, name, owner_id, environment, first_seen_at, removed_at, privilege, last_use_state, last_used_at, not_used_since)
     select (array['human','service_account','api_client','ci_pipeline','workload','bot','ai_agent'])[1 + i % 7], '', 'i' || i,
       case when i % 3 = 0 then $1::uuid end, (array['production','staging'])[1 + i % 2], now() - make_interval(days => i),
       case when i % 17 = 0 then now() - make_interval(days => i / 10) end, i % 5,
       (array['used','used','not_used','unknown'])[1 + i % 4],
       case when i % 4 < 2 then now() - make_interval(hours => 1 + i * i) end, case when i % 4 = 2 then now() - make_interval(days => 200) end
     from generate_series(0, 199) i`,
    [owner],
  );
  const [account] = await rows<{ id: string }>(
    `insert into principals (connection_id, type, external_id, name, content_hash, first_seen_at)
     select $1, 'account', 'a' || i, 'a' || i, '', now() from generate_series(1, 9) i returning id`,
    [warehouse],
  );
  await rows(
    `insert into credentials (connection_id, principal_id, kind, external_id, name, status, content_hash, first_seen_at, source_created_at, expires_at)
     select $1, $2, 'password', 'k' || i, 'k', case when i % 4 = 0 then 'disabled' else 'active' end, '', now(),
       case when i % 6 > 0 then now() - make_interval(days => i * 13) end, case when i % 2 = 0 then now() + make_interval(hours => (i - 10) * 9) end
     from generate_series(1, 80) i`,
    [warehouse, account?.id],
  );
  await rows("update connections set status = 'failing', failures_in_row = 3");
  await rows(
    `insert into sync_runs (connection_id, state, requested_by, result) values ($1, 'done', 'w', '{"assignment":{"added":7,"changed":0,"removed":2}}'), ($1, 'done', 'w', '{"assignment":{"added":1,"changed":0,"removed":0}}')`,
    [warehouse],
  );
  await rows(
    `insert into sync_runs (connection_id, state, requested_by, brake) values ($1, 'paused', 'w', '{"kinds":[{"kind":"account","removed":8,"of":9,"limitShare":0.5,"examples":[]}]}')`,
    [warehouse],
  );
  await recordAttempt(worker, { action: "test.refused", outcome: "denied" });
  await transaction((tx) => recountInventory(tx));
  overview = await getOverview(worker);
});
afterAll(() => database.drop());

const counts = { identities: countIdentities, credentials: countCredentials, accounts: countAccounts } as const;

test.each(Object.entries(figureLinks))("the figure %s is what its list counts", async (key, href) => {
  const url = new URL(href, "http://here.invalid");
  const page = url.pathname.slice(1) as keyof typeof counts;
  const state = readState(lists[page as ListPage], Object.fromEntries(url.searchParams));
  const listed = await counts[page](worker, { state, exact: true });
  expect(listed.value).toBe(overview.counters[key] ?? 0);
});

test("every last-use and age stretch has something in it, so that the comparison says something", () => {
  const empty = Object.keys(figureLinks).filter((key) => !overview.counters[key]);
  expect(empty).toEqual([]);
});

test("what is new this week is what its list counts, and so are the denied attempts", async () => {
  const state = readState(lists.identities, { firstSeen: "7d" });
  expect(overview.changes.newIdentities).toBe((await countIdentities(worker, { state, exact: true })).value);
  const events = await listEvents(worker, { outcome: "denied", from: plus(now(), -7 * dayMs) });
  expect(overview.changes.denied).toBe(events.items.length);
  expect(overview.changes.synced.assignment).toEqual({ added: 8, removed: 2 });
});

test("what needs somebody is what is so: a paused sync, a failing system, no owners, unmatched accounts, ending keys", () => {
  expect(overview.needs.map((need) => need.type)).toEqual(["paused", "failing", "no_owner", "unmatched", "ending"]);
  expect(overview.needs[0]).toMatchObject({ name: "warehouse", removed: 8, of: 9, kind: "account" });
});

test("with nothing wrong nothing needs somebody", async () => {
  await rows("update connections set status = 'current'");
  await rows("update sync_runs set state = 'done'");
  await rows("delete from credentials");
  await rows("delete from principals");
  await rows("update identities set owner_id = id");
  await transaction((tx) => recountInventory(tx));
  expect((await getOverview(worker)).needs).toEqual([]);
});

test("a member's overview counts what is theirs and says how much is hidden", async () => {
  const me = await addIdentity("Me");
  await addIdentity("robot", { kind: "bot", ownerId: me });
  await transaction((tx) => recountInventory(tx));
  const member = {
    type: "person" as const,
    userId: "00000000-0000-7000-8000-000000000001",
    identityId: me,
    name: "Me",
    email: null,
    roles: ["member" as const],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "test",
    scopes: null,
    requestId: null,
  };
  const own = await getOwnOverview(member);
  const [all] = await rows<{ n: number }>("select count(*)::int as n from identities where removed_at is null");
  expect(own).toMatchObject({ you: me, owned: 1, reports: 0, hidden: (all?.n ?? 0) - 2 });
  await expect(getOverview(member)).rejects.toMatchObject({ code: "forbidden" });
});
