import { afterAll, beforeAll, expect, test } from "vitest";
import type { PersonActor } from "../auth/actor";
import { rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { isOwnIdentity } from "./own-identities";
import { addIdentity } from "./test-world";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const person = (identityId: string | null): PersonActor => ({
  type: "person",
  userId: "00000000-0000-7000-8000-000000000001",
  identityId,
  name: "somebody",
  email: null,
  roles: ["member"],
  sessionId: null,
  tokenId: null,
  authenticatedBy: "test",
  scopes: null,
  requestId: null,
});

test("one's own are oneself, what one owns or backs up, and all who report to one, even in a circle", async () => {
  const boss = await addIdentity("boss");
  const lead = await addIdentity("lead", { managerId: boss });
  const worker = await addIdentity("worker", { managerId: lead });
  const robot = await addIdentity("robot", { kind: "bot", ownerId: lead, backupOwnerId: boss });
  const stranger = await addIdentity("stranger");
  await rows("update identities set manager_id = $1 where id = $2", [worker, boss]);

  for (const id of [boss, lead, worker, robot]) expect(await isOwnIdentity(person(boss), id)).toBe(true);
  expect(await isOwnIdentity(person(lead), robot)).toBe(true);
  expect(await isOwnIdentity(person(stranger), robot)).toBe(false);
  expect(await isOwnIdentity(person(lead), stranger)).toBe(false);
  expect(await isOwnIdentity(person(null), stranger)).toBe(false);
});
