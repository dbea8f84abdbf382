import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { now } from "../time";
import { identityOfEmail, linkUsers } from "./link-user";

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await db().user.deleteMany();
  await db().identity.deleteMany();
});
afterAll(() => database.drop());

test("somebody who signed in before the inventory knew them is linked afterwards, once, with an event", async () => {
  const user = await person("ann@example.com");
  expect(await link()).toBe(0);
  const id = await identity("Ann@Example.com");
  expect(await link()).toBe(1);
  expect(await link()).toBe(0);
  expect(await db().user.findUniqueOrThrow({ where: { id: user.id } })).toMatchObject({ identityId: id });
  expect(await db().auditEvent.count({ where: { action: "person.linked", targetId: user.id } })).toBe(1);
});

test("an unverified address links nobody", async () => {
  await db().user.create({ data: { name: "Ann", email: "ann@example.com" } });
  await identity("ann@example.com");
  expect(await link()).toBe(0);
});

test("two identities with one address link nobody, and neither does a machine's or one that is gone", async () => {
  await person("ann@example.com");
  await identity("ann@example.com");
  await identity("ann@example.com");
  expect(await find("ann@example.com")).toBeNull();
  expect(await link()).toBe(0);
  await person("bot@example.com");
  await identity("bot@example.com", "bot");
  expect(await find("bot@example.com")).toBeNull();
  await person("old@example.com");
  await db().identity.update({ where: { id: await identity("old@example.com") }, data: { removedAt: now() } });
  expect(await find("old@example.com")).toBeNull();
  expect(await link()).toBe(0);
});

test("an identity that another person holds is not given a second time", async () => {
  const id = await identity("ann@example.com");
  await db().user.create({ data: { name: "Other", email: "other@example.com", identityId: id } });
  await person("ann@example.com");
  expect(await find("ann@example.com")).toBeNull();
  expect(await link()).toBe(0);
});

const link = () => transaction((tx) => linkUsers(tx, system("test")));
const find = (email: string) => transaction((tx) => identityOfEmail(tx, email));

function person(email: string) {
  return db().user.create({ data: { name: email, email, emailVerified: now() } });
}

async function identity(email: string, kind = "human"): Promise<string> {
  const data = { kind, kindReason: "test", name: email, email, firstSeenAt: now() };
  return (await db().identity.create({ data })).id;
}
