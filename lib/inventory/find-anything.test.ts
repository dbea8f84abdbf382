import { afterAll, beforeAll, expect, test } from "vitest";
import { type PersonActor, system } from "../auth/actor";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { findAnything } from "./find-anything";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let mine: string;
beforeAll(async () => {
  database = await freshDatabase();
  const connection = await db().connection.create({ data: { name: "warehouse", connector: "json", settings: {} } });
  const identity = (name: string, ownerId?: string) =>
    db().identity.create({
      data: { kind: "human", kindReason: "test", name, firstSeenAt: new Date(0), search: name.toLowerCase(), ownerId },
    });
  mine = (await identity("Ann Berg")).id;
  await identity("Joanna 100%_sure");
  await identity("svc-annual", mine);
  await identity("Anton");
  const at = { connectionId: connection.id, contentHash: "", firstSeenAt: new Date(0) };
  await db().principal.create({
    data: { ...at, type: "group", externalId: "annuals", name: "annuals", search: "annuals" },
  });
  await db().resource.create({
    data: { ...at, type: "table", externalId: "app/planning", name: "planning", search: "planning app/planning" },
  });
});
afterAll(() => database.drop());

const names = async (...args: Parameters<typeof findAnything>) =>
  (await findAnything(...args)).map((found) => found.name);
const member = (identityId: string | null): PersonActor => ({
  type: "person",
  userId: mine,
  identityId,
  name: "Ann",
  email: null,
  roles: ["member"],
  sessionId: null,
  tokenId: null,
  authenticatedBy: "link",
  scopes: null,
  requestId: null,
});

test("beginnings come before middles, over every kind of thing", async () => {
  expect(await names(system("test"), "ann")).toEqual([
    "Ann Berg",
    "Joanna 100%_sure",
    "svc-annual",
    "annuals",
    "planning",
  ]);
});

test("one or two letters find beginnings", async () => {
  expect(await names(system("test"), "an")).toEqual(["Ann Berg", "Anton", "annuals"]);
});

test("a wildcard in the term is a letter like any other", async () => {
  expect(await names(system("test"), "100%_s")).toEqual(["Joanna 100%_sure"]);
  expect(await names(system("test"), "%%%")).toEqual([]);
});

test("a member finds themself and what they own, and nothing else", async () => {
  expect(await names(member(mine), "ann")).toEqual(["Ann Berg", "svc-annual"]);
  expect(await names(member(null), "ann")).toEqual([]);
});

test("a system is found by any part of its name", async () => {
  expect(await names(system("test"), "house")).toEqual(["warehouse"]);
});
