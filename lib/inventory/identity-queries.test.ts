import { afterAll, beforeAll, expect, test } from "vitest";
import {
  addConnection,
  addEntitlement,
  addIdentity,
  addMemberships,
  addPrincipal,
  addResource,
  assign,
} from "../access/test-world";
import { recordAttempt } from "../audit/record";
import { type PersonActor, system } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { setClock } from "../time";
import { listIdentityHistory } from "./history-queries";
import { listIdentityAccounts, listIdentityCredentials } from "./identity-holding-queries";
import { getIdentity } from "./identity-queries";
import { getUsageCalendar, listIdentityOrigins, listOwned } from "./identity-use-queries";

const worker = system("worker");
let database: Awaited<ReturnType<typeof freshDatabase>>;
let robot: string;
let anna: string;
let account: string;

beforeAll(async () => {
  database = await freshDatabase();
  setClock(new Date("2026-11-20T12:00:00Z"));
  anna = await addIdentity("Anna");
  robot = await addIdentity("svc-billing", { kind: "service_account", ownerId: anna });
  const warehouse = await addConnection("warehouse", "test", {
    account: { complete: true, since: "2026-03-01T00:00:00.000Z", because: "" },
  });
  account = await addPrincipal(warehouse, "account", "billing_export", { identityId: robot });
  const group = await addPrincipal(warehouse, "group", "analysts");
  await addMemberships(warehouse, [{ member: account, group, inherits: true, switches: true }]);
  for (let i = 0; i < 12; i++) {
    const table = await addResource(warehouse, "table", `t${String(i).padStart(2, "0")}`);
    await assign(warehouse, account, await addEntitlement(warehouse, table, "SELECT"));
  }
  await rows(
    "update assignments set removed_at = '2026-06-01' where id in (select id from assignments order by id limit 2)",
  );
  await rows(
    `insert into credentials (connection_id, principal_id, kind, external_id, name, content_hash, first_seen_at, source_created_at)
     values ($1, $2, 'password', 'pw', 'password', '', '2026-02-01', '2026-01-20')`,
    [warehouse, account],
  );
  await rows(
    `insert into principal_versions values ($1, '2026-01-01', '2026-05-01', 'billing_export', 'disabled', '{"superuser": true}')`,
    [account],
  );
  await rows(
    `insert into usage_days (connection_id, principal_id, day, uses, last_at, last_from, permission)
     values ($1, $2, '2026-11-19', 3, '2026-11-19 10:00', '10.0.0.1', 'a'), ($1, $2, '2026-11-19', 4, '2026-11-19 11:00', '10.0.0.2', 'b'),
            ($1, $2, '2024-01-01', 9, '2024-01-01', '10.0.0.1', '')`,
    [warehouse, account],
  );
  await recordAttempt(worker, { action: "identity.edit", target: { type: "identity", id: robot }, outcome: "denied" });
});
afterAll(async () => {
  setClock(null);
  await database.drop();
});

const person = (identityId: string | null, roles: PersonActor["roles"]): PersonActor => ({
  type: "person",
  userId: "00000000-0000-7000-8000-000000000001",
  identityId,
  name: "somebody",
  email: null,
  roles,
  sessionId: null,
  tokenId: null,
  authenticatedBy: "test",
  scopes: null,
  requestId: null,
});

test("an identity comes with its owner and what is known of its use", async () => {
  const found = await getIdentity(worker, { id: robot });
  expect(found).toMatchObject({ name: "svc-billing", owner: { id: anna, name: "Anna" }, originCount: 2, isYou: false });
  expect(found.lastUse.state).toBe("unknown");
  expect((await getIdentity(person(anna, ["member"]), { id: anna })).isYou).toBe(true);
});

test("accounts and credentials of an identity are listed with what they hold", async () => {
  expect(await listIdentityAccounts(worker, { id: robot })).toMatchObject([
    { name: "billing_export", connection: { name: "warehouse" }, groups: 1, assignments: 10, credentials: 1 },
  ]);
  expect(await listIdentityCredentials(worker, { id: robot })).toMatchObject([
    { kind: "password", account: { id: account } },
  ]);
  expect(await listOwned(worker, { id: anna })).toMatchObject([{ id: robot, as: "owner" }]);
});

test("history tells in order what came, went and changed, a mass of things in one entry", async () => {
  const { items, nextCursor } = await listIdentityHistory(worker, { id: robot });
  expect(items.map((item) => `${item.at.toISOString().slice(0, 10)} ${item.kind} ${item.way} ${item.count}`)).toEqual([
    "2026-11-20 event changed 1",
    "2026-06-01 assignment went 2",
    "2026-05-01 change changed 1",
    "2026-02-01 credential came 1",
    "2026-01-01 membership came 1",
    "2026-01-01 assignment came 12",
    "2026-01-01 account came 1",
  ]);
  expect(items[5]?.names).toEqual([0, 1, 2, 3, 4].map((i) => `SELECT on t0${i}`));
  expect(items[2]?.detail).toBe("status from disabled to active, superuser from true to nothing");
  expect(nextCursor).toBeNull();
});

test("history pages by cursor without loss or repetition", async () => {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listIdentityHistory(worker, { id: robot, limit: 2, ...(cursor ? { cursor } : {}) });
    keys.push(...page.items.map((item) => item.key));
    cursor = page.nextCursor;
  } while (cursor);
  expect(keys).toHaveLength(7);
  expect(new Set(keys).size).toBe(7);
});

test("an owner sees what they own without the record's events, and is told so; a stranger sees nothing", async () => {
  const page = await listIdentityHistory(person(anna, ["member"]), { id: robot });
  expect(page.items.some((item) => item.kind === "event")).toBe(false);
  expect(page.hidden).toBe("events");
  const stranger = person(await addIdentity("Bob"), ["member"]);
  for (const read of [
    getIdentity,
    listIdentityAccounts,
    listIdentityCredentials,
    listIdentityHistory,
    getUsageCalendar,
    listIdentityOrigins,
    listOwned,
  ])
    await expect(read(stranger, { id: robot })).rejects.toMatchObject({ code: "forbidden" });
});

test("the calendar sums a day's uses, leaves out what is older than its year, and says what was watched", async () => {
  const calendar = await getUsageCalendar(worker, { id: robot });
  expect(calendar.days).toEqual([{ day: "2026-11-19", uses: 7 }]);
  expect(calendar.coverage).toEqual([{ connection: "warehouse", complete: true, since: "2026-03-01", because: "" }]);
  expect((await listIdentityOrigins(worker, { id: robot })).map((origin) => [origin.from, origin.uses])).toEqual([
    ["10.0.0.2", 4],
    ["10.0.0.1", 12],
  ]);
});
