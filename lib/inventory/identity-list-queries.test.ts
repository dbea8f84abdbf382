import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { emptyState, type ListState, parseState } from "../lists/schema";
import { identityList } from "../views/lists/identity-list";
import { countHiddenIdentities, countIdentities, listIdentities } from "./identity-list-queries";

const everything = system("test");
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ drop } = await freshDatabase());
  await rows(seed);
});
afterAll(() => drop());

const asked = (query: string): ListState => {
  const { state, problems } = parseState(identityList, Object.fromEntries(new URLSearchParams(query)));
  expect(problems).toEqual([]);
  return state;
};
const namesOf = async (query: string) =>
  (await listIdentities(everything, { state: asked(query), limit: 500 })).items.map((item) => item.name);

describe("paging", () => {
  test.each(identityList.sorts.flatMap((sort) => [sort, `-${sort}`]))(
    "by %s every identity comes exactly once, forwards and back",
    async (sort) => {
      const whole = await namesOf(`sort=${sort}`);
      expect(whole).toHaveLength(120);
      const forwards: string[] = [];
      let state = asked(`sort=${sort}`);
      let last = await listIdentities(everything, { state, limit: 7 });
      for (;;) {
        forwards.push(...last.items.map((item) => item.name));
        if (last.nextCursor === null) break;
        state = { ...state, place: { cursor: last.nextCursor, way: "after" } };
        last = await listIdentities(everything, { state, limit: 7 });
      }
      expect(forwards).toEqual(whole);
      const backwards = last.items.map((item) => item.name);
      while (last.previousCursor !== null) {
        state = { ...state, place: { cursor: last.previousCursor, way: "before" } };
        last = await listIdentities(everything, { state, limit: 7 });
        backwards.unshift(...last.items.map((item) => item.name));
      }
      expect(backwards).toEqual(whole);
    },
  );

  test("a cursor of another order, or a forged one, is refused", async () => {
    const page = await listIdentities(everything, { state: asked("sort=name"), limit: 3 });
    const place = { cursor: page.nextCursor ?? "", way: "after" as const };
    await expect(listIdentities(everything, { state: { ...asked("sort=-reaches"), place } })).rejects.toMatchObject({
      code: "invalid",
    });
    const forged = { cursor: Buffer.from('["name","x","1 or 1=1"]').toString("base64url"), way: "after" as const };
    await expect(listIdentities(everything, { state: { ...asked("sort=name"), place: forged } })).rejects.toMatchObject(
      {
        code: "invalid",
      },
    );
  });
});

describe("filters", () => {
  test.each([
    ["kind=bot", "kind = 'bot'"],
    ["kind=!bot,human", "kind not in ('bot', 'human')"],
    ["owner=none", "owner_id is null and kind <> 'human'"],
    ["connection=one", "'one' = any(connection_names)"],
    ["connection=!one", "not 'one' = any(connection_names)"],
    ["environment=production,none", "environment = 'production' or environment is null"],
    ["environment=!production", "environment is distinct from 'production'"],
    ["privileged=true", "privilege >= 3"],
    ["privilege=everything", "privilege = 4"],
    ["lastUse=unknown", "last_use_state = 'unknown'"],
    [
      "unusedSince=90d",
      "last_use_state <> 'unknown' and coalesce(last_used_at, not_used_since) < now() - interval '90 days'",
    ],
    ["oldestCredential=!365d", "oldest_credential_at < now() - interval '365 days'"],
    ["firstSeen=10d", "first_seen_at >= now() - interval '10 days'"],
    ["q=machine 7", "search like '%machine%' and search like '%7%'"],
    ["q=ma", "search like 'ma%'"],
    ["q=100%25_", "false"],
  ])("%s lists what %s", async (query, condition) => {
    const expected = await rows<{ name: string }>(
      `select name from identities where removed_at is null and (${condition}) order by name`,
    );
    expect((await namesOf(`${query}&sort=name`)).sort()).toEqual(expected.map((row) => row.name).sort());
    expect(await countIdentities(everything, { state: asked(query) })).toEqual({
      value: expected.length,
      capped: false,
    });
  });

  test("what is gone is listed only when asked for", async () => {
    expect(await namesOf("")).not.toContain("left long ago");
    expect(await namesOf("status=gone")).toEqual(["left long ago"]);
  });
});

test("somebody without a role sees themself, their reports at all levels, and what they own; the rest is counted as hidden", async () => {
  const [me] = await rows<{ id: string }>("select id from identities where name = 'person 1'");
  const actor: PersonActor = {
    type: "person",
    userId: "00000000-0000-7000-8000-000000000001",
    identityId: me?.id ?? null,
    name: "person 1",
    email: null,
    roles: [],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "link",
    scopes: null,
    requestId: null,
  };
  const state = emptyState(identityList);
  const seen = (await listIdentities(actor, { state, limit: 500 })).items.map((item) => item.name).sort();
  expect(seen).toEqual(["machine 1", "machine 2", "person 1", "person 2", "person 3"]);
  expect((await countIdentities(actor, { state })).value).toBe(5);
  expect((await countHiddenIdentities(actor, { state })).value).toBe(115);
  const nobody = { ...actor, identityId: null };
  expect((await listIdentities(nobody, { state })).items).toEqual([]);
});

const seed = `
with people as (
  insert into identities (kind, kind_reason, name, first_seen_at, search, privilege)
  select 'human', 'test', 'person ' || g, now() - g * interval '1 day', 'person ' || g, g % 3 from generate_series(1, 20) g returning id, name
), machines as (
  insert into identities (kind, kind_reason, name, first_seen_at, search, owner_id, environment, privilege, reaches, connection_names,
    last_use_state, last_used_at, not_used_since, last_use_because, oldest_credential_at)
  select (array['bot', 'workload', 'service_account'])[1 + g % 3], 'test', 'machine ' || g, now() - (g % 9) * interval '1 day', 'machine ' || g,
    case when g in (1, 2) then (select id from people where name = 'person 1') when g % 4 > 0 then (select id from people where name = 'person 9') end,
    (array['production', 'staging', null])[1 + g % 3], g % 5, g % 6, case when g % 2 = 0 then '{one,two}' else '{three}' end::text[],
    (array['used', 'not_used', 'unknown'])[1 + g % 3], case when g % 3 = 0 then now() - g * interval '3 day' end,
    case when g % 3 = 1 then now() - g * interval '3 day' end, case when g % 3 = 2 then 'no log' end,
    case when g % 5 > 0 then now() - g * interval '9 day' end
  from generate_series(1, 100) g returning id
)
insert into identities (kind, kind_reason, name, status, first_seen_at, removed_at, search)
  select 'human', 'test', 'left long ago', 'gone', now() - interval '2 years', now() - interval '1 year', 'left long ago'
  where (select count(*) from people) + (select count(*) from machines) > 0;
update identities set manager_id = (select id from identities where name = 'person 1') where name = 'person 2';
update identities set manager_id = (select id from identities where name = 'person 2') where name = 'person 3';
`;
