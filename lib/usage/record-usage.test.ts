import { afterAll, beforeAll, expect, test } from "vitest";
import { addConnection, addIdentity, addPrincipal, addResource } from "../access/test-world";
import { type Actor, system } from "../auth/actor";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { recordUsage as recordParsed } from "./record-usage";
import { recordUsageInput } from "./schema";

const worker = system("test");
let drop: () => Promise<void>;
let connection: string;
let identity: string;
let account: string;
beforeAll(async () => {
  ({ drop } = await freshDatabase());
  connection = await addConnection("warehouse");
  identity = await addIdentity("Ann");
  account = await addPrincipal(connection, "account", "ann", { externalId: "arn:ann", identityId: identity });
  await addResource(connection, "table", "billing.invoices");
  await rows(
    "insert into credentials (connection_id, principal_id, kind, external_id, name, content_hash, first_seen_at) values ($1, $2, 'access_key', 'AK1', 'AK1', '', now())",
    [connection, account],
  );
});
afterAll(() => drop());

const recordUsage = (actor: Actor, batch: unknown) => recordParsed(actor, recordUsageInput.parse(batch));

const use = (at: string, more: object = {}) => ({ account: "ann", at, ...more });

test("a batch sent twice changes nothing the second time", async () => {
  const batch = {
    connection: "warehouse",
    events: [
      use("2026-03-01T10:00:00Z", { uses: 4, from: "10.0.0.1" }),
      use("2026-03-01T11:00:00Z", { from: "10.0.0.2" }),
      use("2026-03-02T01:00:00+03:00"),
    ],
  };
  expect(await recordUsage(worker, batch)).toMatchObject({ recorded: 3, repeated: 0, skipped: 0 });
  const before = await rows("select day::text, uses::int, last_at, last_from from usage_days order by day");
  expect(before).toEqual([{ day: "2026-03-01", uses: 6, last_at: new Date("2026-03-01T22:00:00Z"), last_from: null }]);
  expect(await recordUsage(worker, batch)).toMatchObject({ recorded: 0, repeated: 3, skipped: 0 });
  expect(await rows("select day::text, uses::int, last_at, last_from from usage_days order by day")).toEqual(before);
});

test("two callers of one day are both counted, each with its own uses, though their batches come out of order", async () => {
  const from = (place: string, at: string, uses: number) => ({ connection, events: [use(at, { from: place, uses })] });
  expect(await recordUsage(worker, from("host-1", "2026-03-03T10:00:00Z", 2))).toMatchObject({ recorded: 1 });
  const late = from("host-2", "2026-03-03T09:00:00Z", 5);
  expect(await recordUsage(worker, late)).toMatchObject({ recorded: 1 });
  expect(await recordUsage(worker, late)).toMatchObject({ recorded: 0, repeated: 1 });
  expect(
    await rows("select place, uses::int, last_at from usage_places where day = '2026-03-03' order by place"),
  ).toEqual([
    { place: "host-1", uses: 2, last_at: new Date("2026-03-03T10:00:00Z") },
    { place: "host-2", uses: 5, last_at: new Date("2026-03-03T09:00:00Z") },
  ]);
  expect(await rows("select uses::int, last_at, last_from from usage_days where day = '2026-03-03'")).toEqual([
    { uses: 7, last_at: new Date("2026-03-03T10:00:00Z"), last_from: "host-1" },
  ]);
});

test("twenty batches at once, each with the same events, count them once", async () => {
  const batch = { connection, events: [use("2026-03-05T10:00:00Z", { uses: 7, permission: "SELECT" })] };
  await Promise.all(Array.from({ length: 20 }, () => recordUsage(worker, batch)));
  expect(await rows("select uses::int from usage_days where permission = 'SELECT'")).toEqual([{ uses: 7 }]);
});

test("the last use of account, credential and identity moves forward, never back", async () => {
  const credential = { kind: "access_key" as const, externalId: "AK1" };
  await recordUsage(worker, { connection, events: [use("2026-04-02T10:00:00Z", { credential, from: "host-2" })] });
  await recordUsage(worker, { connection, events: [use("2026-04-01T10:00:00Z", { credential, from: "host-1" })] });
  const last = { lastUseState: "used", lastUsedAt: new Date("2026-04-02T10:00:00Z") };
  const select = { lastUseState: true, lastUsedAt: true };
  expect(await db().principal.findUnique({ where: { id: account }, select })).toEqual(last);
  expect(await db().identity.findUnique({ where: { id: identity }, select })).toEqual(last);
  expect(await db().credential.findFirst({ where: { principalId: account }, select })).toEqual(last);
});

test("an event for what the inventory does not know, or from the future, is left out and named", async () => {
  const answer = await recordUsage(worker, {
    connection,
    events: [
      { account: "nobody", at: "2026-05-01T10:00:00Z" },
      use("2999-01-01T00:00:00Z"),
      use("2026-05-01T10:00:00Z", { credential: { kind: "password", externalId: "x" } }),
      use("2026-05-01T10:00:00Z", { resource: { type: "table", externalId: "no.such" } }),
      use("2026-05-01T10:00:00Z", { resource: { type: "table", externalId: "billing.invoices" } }),
    ],
  });
  expect(answer).toMatchObject({ recorded: 1, skipped: 4 });
  expect(answer.problems.map((problem) => problem.index)).toEqual([0, 1, 2, 3]);
  await expect(
    recordUsage(worker, { connection: "nowhere", events: [use("2026-05-01T10:00:00Z")] }),
  ).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a name with NUL or quotes is only a name", async () => {
  const events = [{ account: "a\u0000'; drop table usage_days; --", at: "2026-05-01T10:00:00Z" }];
  expect(await recordUsage(worker, { connection, events })).toMatchObject({ recorded: 0, skipped: 1 });
});
