import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { editIdentities } from "./edit-identities";
import { previewIdentityEdit } from "./identity-edit-queries";

const security = system("test");
let drop: () => Promise<void>;
const ids: Record<string, string> = {};
const id = (name: string) => ids[name] ?? "";

beforeAll(async () => {
  ({ drop } = await freshDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await rows("truncate identities cascade");
  const made = await rows<{ id: string; name: string }>(
    `insert into identities (kind, kind_reason, name, first_seen_at)
     select case when name in ('ann', 'bob') then 'human' else 'bot' end, 'test', name, now()
     from unnest(array['ann', 'bob', 'one', 'two', 'three']) name returning id, name`,
  );
  for (const row of made) ids[row.name] = row.id;
});

const events = async () =>
  rows<{ action: string; target_name: string; outcome: string }>(
    "select action, target_name, outcome from audit_events where action like 'identity.%' order by id",
  );

test("an edit of several changes all of them, with one event each", async () => {
  const before = (await events()).length;
  const result = await editIdentities(security, {
    ids: [id("one"), id("two"), id("ann")],
    change: { ownerId: id("bob"), purpose: "Nightly export" },
  });
  expect(result).toEqual({ changed: 3 });
  expect(
    await db().identity.findMany({
      where: { purpose: "Nightly export" },
      select: { name: true, ownerId: true },
      orderBy: { name: "asc" },
    }),
  ).toEqual([
    { name: "ann", ownerId: null },
    { name: "one", ownerId: id("bob") },
    { name: "two", ownerId: id("bob") },
  ]);
  expect(
    (await events())
      .slice(before)
      .map((event) => event.target_name)
      .sort(),
  ).toEqual(["ann", "one", "two"]);
});

test("what has the value already is not touched and gets no event", async () => {
  await editIdentities(security, { ids: [id("one")], change: { environment: "production" } });
  const before = (await events()).length;
  expect(await editIdentities(security, { ids: [id("one")], change: { environment: "production" } })).toEqual({
    changed: 0,
  });
  expect((await events()).length).toBe(before);
});

test("a corrected kind says who corrected it", async () => {
  await editIdentities(security, { ids: [id("one")], change: { kind: "workload" } });
  expect(await db().identity.findUnique({ where: { id: id("one") }, select: { kind: true, kindSetBy: true } })).toEqual(
    {
      kind: "workload",
      kindSetBy: "test",
    },
  );
});

test("what changed since the preview is a conflict, and nothing is changed", async () => {
  const input = { ids: [id("one"), id("two")], change: { ownerId: id("ann") } };
  const preview = await previewIdentityEdit(security, input);
  expect(preview).toMatchObject({ changes: 2, unchanged: 0, effects: [{ what: "2 now: no owner" }] });
  await editIdentities(security, { ids: [id("two")], change: { ownerId: id("bob") } });
  await expect(editIdentities(security, { ...input, version: preview.version })).rejects.toMatchObject({
    code: "conflict",
  });
  expect((await db().identity.findUnique({ where: { id: id("one") } }))?.ownerId).toBeNull();
});

test("of two edits at once that agreed to the same preview, one wins and the other is told", async () => {
  const input = { ids: [id("one"), id("two"), id("three")], change: { ownerId: id("ann") } };
  const { version } = await previewIdentityEdit(security, input);
  const other = { ids: input.ids, change: { ownerId: id("bob") }, version };
  const results = await Promise.allSettled([
    editIdentities(security, { ...input, version }),
    editIdentities(security, other),
  ]);
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  const owners = await rows("select distinct owner_id from identities where kind = 'bot'");
  expect(owners).toHaveLength(1);
});

test("an owner must be an active person", async () => {
  await expect(editIdentities(security, { ids: [id("one")], change: { ownerId: id("two") } })).rejects.toMatchObject({
    code: "invalid",
    field: "change.ownerId",
  });
});

test("somebody without a role edits what they own, and is refused and recorded on anything else", async () => {
  const ann: PersonActor = {
    type: "person",
    userId: "00000000-0000-7000-8000-000000000001",
    identityId: id("ann"),
    name: "ann",
    email: null,
    roles: [],
    sessionId: null,
    tokenId: null,
    authenticatedBy: "link",
    scopes: null,
    requestId: null,
  };
  await editIdentities(security, { ids: [id("one")], change: { ownerId: id("ann") } });
  expect(await editIdentities(ann, { ids: [id("one")], change: { purpose: "mine" } })).toEqual({ changed: 1 });
  for (const target of ["two", "ann"]) {
    await expect(
      editIdentities(ann, { ids: [id("one"), id(target)], change: { purpose: "not mine" } }),
    ).rejects.toMatchObject({ code: "forbidden" });
  }
  expect((await events()).at(-1)).toMatchObject({ action: "identity.edit", outcome: "denied" });
  expect((await db().identity.findUnique({ where: { id: id("one") } }))?.purpose).toBe("mine");
});
