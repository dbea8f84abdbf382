import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { db } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { now } from "../time";
import { recognisePerson } from "./recognise-person";
import { groupsOfClaims, rolesOfGroups } from "./roles-of-groups";

const visitor = { ip: null, userAgent: null, requestId: null, heldToken: null };
const issuer = "https://id.example";
const ann = { sub: "ann-1", name: "Ann Ames", email: "Ann@Example.com", email_verified: true, groups: [] as string[] };
const noIdentity = async () => null;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(async () => {
  await db().user.deleteMany();
});
afterEach(() => settings({ OIDC_TRUST_EMAIL: undefined, ROLLCALL_MEMBER_GROUPS: undefined }));
afterAll(() => database.drop());

test("a first sign-in makes the person, the next finds them, with the name and roles of that day", async () => {
  const first = await come(ann);
  const again = await come({ ...ann, name: "Ann Brown", groups: ["rollcall-security"] });
  expect(again.userId).toBe(first.userId);
  const user = await db().user.findUniqueOrThrow({ where: { id: first.userId } });
  expect(user).toMatchObject({ name: "Ann Brown", email: "ann@example.com", roles: ["security", "member"] });
});

test("two first sign-ins of one person at the same moment make one person", async () => {
  const came = await Promise.all([come(ann), come(ann), come(ann)]);
  expect(new Set(came.map(({ userId }) => userId)).size).toBe(1);
  expect(await db().user.count()).toBe(1);
});

test("who leaves a group loses its role at the next sign-in", async () => {
  await come({ ...ann, groups: ["rollcall-administrators"] });
  const { userId } = await come({ ...ann, groups: [] });
  expect((await db().user.findUniqueOrThrow({ where: { id: userId } })).roles).toEqual(["member"]);
  const changes = await db().auditEvent.findMany({ where: { action: "person.roles_changed", targetId: userId } });
  expect(changes).toHaveLength(2);
});

test("roles that a person set here win over the groups", async () => {
  const { userId } = await come(ann);
  await db().user.update({ where: { id: userId }, data: { roles: ["auditor"], roleSource: "person" } });
  await come({ ...ann, groups: ["rollcall-administrators"] });
  expect((await db().user.findUniqueOrThrow({ where: { id: userId } })).roles).toEqual(["auditor"]);
});

test("the same subject of another issuer is somebody else", async () => {
  const first = await come({ sub: "1", name: "One" });
  const second = await recognisePerson(visitor, { issuer: "https://other.example", claims: { sub: "1" } }, noIdentity);
  expect(second.userId).not.toBe(first.userId);
});

test("an address that was given to somebody new does not give them the old person's rights", async () => {
  await come({ ...ann, groups: ["rollcall-administrators"] });
  await expect(come({ ...ann, sub: "ann-2" })).rejects.toMatchObject({ code: "conflict" });
});

test("an unverified address joins nobody, and is not kept", async () => {
  const first = await come(ann);
  for (const email_verified of [false, "false", undefined]) {
    const { userId } = await come({ ...ann, sub: `liar ${email_verified}`, email_verified });
    expect(userId).not.toBe(first.userId);
    expect((await db().user.findUniqueOrThrow({ where: { id: userId } })).email).toBeNull();
  }
});

test("an issuer whose addresses are trusted may leave out email_verified, but not deny it", async () => {
  settings({ OIDC_TRUST_EMAIL: "true" });
  const { userId } = await come({ ...ann, email_verified: undefined });
  expect((await db().user.findUniqueOrThrow({ where: { id: userId } })).email).toBe("ann@example.com");
  const liar = await come({ ...ann, sub: "liar", email: "bob@example.com", email_verified: false });
  expect((await db().user.findUniqueOrThrow({ where: { id: liar.userId } })).email).toBeNull();
});

test("a disabled person is refused, and nothing about them changes", async () => {
  const { userId } = await come(ann);
  await db().user.update({ where: { id: userId }, data: { disabledAt: now() } });
  const back = come({ ...ann, name: "Other", groups: ["rollcall-administrators"] });
  await expect(back).rejects.toMatchObject({ code: "unauthenticated" });
  expect(await db().user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({
    name: "Ann Ames",
    roles: ["member"],
  });
});

test("where member groups are set, somebody in none of the groups is not let in", async () => {
  settings({ ROLLCALL_MEMBER_GROUPS: "staff" });
  await expect(come(ann)).rejects.toMatchObject({ code: "forbidden" });
  expect(await db().user.count()).toBe(0);
  await come({ ...ann, groups: ["staff"] });
});

test("a person is linked to the identity with their verified address, once", async () => {
  const identityId = await identity();
  const asked: string[] = [];
  const find = async (_: unknown, email: string) => {
    asked.push(email);
    return identityId;
  };
  const { userId } = await recognisePerson(visitor, { issuer, claims: ann }, find);
  await recognisePerson(visitor, { issuer, claims: ann }, find);
  expect((await db().user.findUniqueOrThrow({ where: { id: userId } })).identityId).toBe(identityId);
  expect(asked).toEqual(["ann@example.com"]);
  expect(await db().auditEvent.count({ where: { action: "person.linked", targetId: userId } })).toBe(1);
});

test("who left is refused at a first sign-in, whatever the issuer says, and no person is made", async () => {
  const identityId = await identity();
  await db().identity.update({ where: { id: identityId }, data: { status: "disabled", leftAt: now() } });
  const first = recognisePerson(visitor, { issuer, claims: ann }, async () => identityId);
  await expect(first).rejects.toMatchObject({ code: "unauthenticated" });
  expect(await db().user.count()).toBe(0);
  await db().identity.update({ where: { id: identityId }, data: { status: "active", leftAt: null } });
  await recognisePerson(visitor, { issuer, claims: ann }, async () => identityId);
});

test.each([
  ["a list", { groups: ["a", "b"] }, "groups", ["a", "b"]],
  ["one name", { groups: "a" }, "groups", ["a"]],
  ["a dotted path", { realm_access: { roles: ["a"] } }, "realm_access.roles", ["a"]],
  ["a name with dots in it", { "https://acme.test/groups": ["a"] }, "https://acme.test/groups", ["a"]],
  ["nothing", {}, "groups", []],
  ["other shapes", { groups: [1, null, { a: 1 }, "a"] }, "groups", ["a"]],
  ["an object", { groups: { a: true } }, "groups", []],
  ["what every object has", {}, "constructor.name", []],
  ["a prototype", {}, "__proto__.x", []],
])("groups are read from %s", (_, claims, path, expected) => {
  expect(groupsOfClaims(claims, path)).toEqual(expected);
});

test("each group gives its role, exactly by name", () => {
  const names = {
    ROLLCALL_ADMINISTRATOR_GROUPS: "CN=Rollcall Admins,OU=IT,DC=acme; root",
    ROLLCALL_SECURITY_GROUPS: "sec, soc",
    ROLLCALL_AUDITOR_GROUPS: "",
    ROLLCALL_MEMBER_GROUPS: "",
  };
  expect(rolesOfGroups(["CN=Rollcall Admins,OU=IT,DC=acme"], names)).toEqual(["administrator", "member"]);
  expect(rolesOfGroups(["soc", "sec"], names)).toEqual(["security", "member"]);
  expect(rolesOfGroups(["SOC", "so", "soc ", "", "OU=IT"], names)).toEqual(["member"]);
});

function come(claims: Record<string, unknown>) {
  return recognisePerson(visitor, { issuer, claims }, noIdentity);
}

async function identity(): Promise<string> {
  const [row] = await db().$queryRaw<{ id: string }[]>`
    insert into identities (kind, kind_reason, name, first_seen_at) values ('human', 'test', 'Ann', now()) returning id`;
  return row?.id ?? "";
}

function settings(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  resetEnv();
}
