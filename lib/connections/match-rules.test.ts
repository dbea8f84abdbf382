import { afterAll, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { listMatchRules } from "./match-rule-queries";
import type { MatchRuleInput } from "./match-schema";
import { deleteMatchRule, previewMatchRule, saveMatchRule } from "./save-match-rule";

const actor = system("test");
let drop: () => Promise<void>;
let connectionId: string;

beforeAll(async () => {
  ({ drop } = await freshDatabase());
  const data = { name: "warehouse", connector: "postgresql", settings: {}, isIdentitySource: false };
  connectionId = (await db().connection.create({ data })).id;
  // Somebody says who works here, so that an unknown account is left for a person to match.
  await db().connection.create({ data: { ...data, name: "hr", isIdentitySource: true, lastReadAt: new Date(0) } });
  for (const [name, email] of [
    ["Lee", "lee.chan@example.com"],
    ["Kim", "kim.larsen@example.com"],
    ["Kim", "kim.larsen@example.org"],
  ] as const)
    await db().identity.create({
      data: { kind: "human", kindReason: "test", name, email, firstSeenAt: new Date(0) },
    });
  for (const name of ["lee_chan", "x_lee_chan", "kim_larsen", "nobody_here"])
    await db().principal.create({
      data: {
        ...{ connectionId, type: "account", externalId: name, name, contentHash: "", firstSeenAt: new Date(0) },
        kindHint: "human",
      },
    });
});
afterAll(() => drop());

const rule: MatchRuleInput = {
  name: "first_last",
  field: "name",
  pattern: "([a-z]+)_([a-z]+)",
  template: "\\1.\\2@example.com",
  target: "email",
};

test("a rule shows beforehand what it would match, and fits the whole name or not at all", async () => {
  expect((await previewMatchRule(actor, rule)).map(({ account, made, identity }) => [account, made, identity])).toEqual(
    [
      ["kim_larsen", "kim.larsen@example.com", "Kim"],
      ["lee_chan", "lee.chan@example.com", "Lee"],
      ["nobody_here", "nobody.here@example.com", null],
    ],
  );
  expect(await db().principal.count({ where: { identityId: { not: null } } })).toBe(0);
  // Two are called Kim: a rule that finds both has found nobody.
  const byName = { ...rule, pattern: "([a-z])([a-z]+)_.*", template: "\\1\\2", target: "name" as const };
  expect((await previewMatchRule(actor, byName)).map(({ account, identity }) => [account, identity])).toEqual([
    ["kim_larsen", null],
    ["lee_chan", "Lee"],
    ["nobody_here", null],
  ]);
});

test("a saved rule matches at once, says how many, and is listed; deleted, it leaves what it matched", async () => {
  const { id, matched } = await saveMatchRule(actor, { ...rule, confidence: 0.9 });
  expect(matched).toBe(2);
  expect(await listMatchRules(actor)).toMatchObject([
    { id, name: "first_last", connection: null, pattern: rule.pattern, confidence: expect.closeTo(0.9), matched: 2 },
  ]);
  const lee = await db().principal.findFirstOrThrow({ where: { name: "lee_chan" }, include: { identity: true } });
  expect(lee).toMatchObject({
    identity: { name: "Lee" },
    matchRule: "first_last",
    matchConfidence: expect.closeTo(0.9),
  });
  expect(await db().principal.findFirstOrThrow({ where: { name: "x_lee_chan" } })).toMatchObject({ identityId: null });
  await deleteMatchRule(actor, { id });
  expect(await listMatchRules(actor)).toEqual([]);
  expect(await db().principal.count({ where: { matchRule: "first_last" } })).toBe(2);
});

test("an account that made an identity of its own is moved to whom a rule finds, unless somebody has touched it", async () => {
  const made = async (name: string, purpose: string | null) => {
    const identity = await db().identity.create({
      data: { kind: "human", kindReason: "test", name, purpose, firstSeenAt: new Date(0) },
    });
    const account = {
      connectionId,
      type: "account",
      externalId: name,
      name,
      contentHash: "",
      firstSeenAt: new Date(0),
    };
    await db().principal.create({ data: { ...account, identityId: identity.id, matchRule: "own" } });
    return identity.id;
  };
  const [untouched, touched] = [await made("ada_lovelace", null), await made("lee_two", "somebody wrote this")];
  const ada = { kind: "human", kindReason: "test", name: "Ada", email: "ada@example.com", firstSeenAt: new Date(0) };
  const { id } = await db().identity.create({ data: ada });
  const rule = { name: "first", field: "name", pattern: "(ada|lee)_.*", template: "\\1@example.com" } as const;
  expect(await saveMatchRule(actor, { ...rule, target: "email" })).toMatchObject({ matched: 1 });
  expect(await db().principal.findFirstOrThrow({ where: { name: "ada_lovelace" } })).toMatchObject({ identityId: id });
  expect(await db().identity.findUniqueOrThrow({ where: { id: untouched } })).toMatchObject({ status: "gone" });
  expect(await db().identity.findUniqueOrThrow({ where: { id: touched } })).toMatchObject({ status: "active" });
});

test("a rule that cannot be one is refused by its field, and a name that Rollcall itself uses too", async () => {
  await expect(saveMatchRule(actor, { ...rule, pattern: "a)(b" })).rejects.toMatchObject({ field: "pattern" });
  await expect(saveMatchRule(actor, { ...rule, name: "person" })).rejects.toThrow("Rollcall's own");
  await expect(
    saveMatchRule(actor, { ...rule, connectionId: "01980000-0000-7000-8000-000000000000" }),
  ).rejects.toMatchObject({ code: "invalid", field: "connectionId" });
});
