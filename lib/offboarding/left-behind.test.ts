import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { record } from "../audit/record";
import { createApiToken } from "../auth/create-api-token";
import { db, rows, transaction } from "../db/client";
import { resetEnv } from "../env";
import { delegateApprovals } from "../requests/delegate-approvals";
import { submitRequest } from "../requests/submit-request";
import { person, refusal, startWorld, type World, worker } from "../requests/test-world";
import { dayMs, now, plus } from "../time";
import { disposeItem, followSuggestions } from "./dispose-item";
import { listHanded } from "./handed-queries";
import { previewOffboarding } from "./preview-queries";
import { startOffboarding } from "./start-offboarding";
import { itemsOf, runLeaving, runOf } from "./test-leaving";
import { watchOffboardings } from "./watch-offboardings";

let world: World;
let requestId: string;
let invoices: string;
beforeAll(async () => {
  process.env.SMTP_URL = "smtp://127.0.0.1:1";
  process.env.NEXTAUTH_SECRET = "a secret that is long enough for links";
  resetEnv();
  world = await startWorld();
  const bob = person(world, "bob");
  const analysts = { connection: "warehouse", permission: "member", resource: { type: "role", id: "analysts" } };
  requestId = (await submitRequest(person(world, "ann"), { items: [analysts], reason: "work", duration: "PT2H" })).id;
  await delegateApprovals(bob, { to: "cara@acme.test", endsAt: plus(now(), dayMs).toISOString() });
  const { id: tokenId } = await createApiToken(worker, { name: "nightly", scopes: ["audit:read"] });
  await db().apiToken.update({ where: { id: tokenId }, data: { createdBy: bob.userId } });
  await db().connection.update({ where: { id: world.connectionId }, data: { ownerId: bob.identityId } });
  await submitRequest(bob, { items: [analysts], reason: "the audit", duration: "PT2H", give: "credential" });
  const [table] = await db().resource.findMany({ where: { name: { contains: "invoices" } }, orderBy: { id: "asc" } });
  await db().resource.update({ where: { id: table?.id ?? "" }, data: { ownerId: bob.identityId } });
  invoices = table?.name ?? "";
  // A task by hand alone, without the grant that it is for.
  await transaction(async (tx) => {
    await tx.$executeRaw`set local session_replication_role = replica`;
    const task = { accessId: randomUUID(), grantId: randomUUID(), connectionId: world.connectionId };
    await tx.handTask.create({ data: { ...task, kind: "take", assigneeId: bob.identityId, askedAt: now() } });
  });
  const machine = { kind: "bot", kindReason: "test", firstSeenAt: now() };
  const eve = person(world, "eve").identityId;
  await db().identity.create({
    data: { ...machine, name: "with-backup", ownerId: bob.identityId, backupOwnerId: eve },
  });
  await db().identity.create({ data: { ...machine, name: "backed", ownerId: eve, backupOwnerId: bob.identityId } });
  // What a directory and the record say of who made what: bob made a bot without an owner, and one that eve owns by now.
  const seen = { connectionId: world.connectionId, type: "account", contentHash: "", firstSeenAt: now() };
  const ownBy = async (name: string, ownerId: string | null) =>
    (await db().identity.create({ data: { ...machine, name, ownerId }, select: { id: true } })).id;
  await db().principal.createMany({
    data: [
      { ...seen, externalId: "b", name: "bob", identityId: bob.identityId, attributes: { dn: "uid=bob,dc=acme" } },
      ...[await ownBy("made-by-bob", null), await ownBy("made-and-owned", eve)].map((identityId, n) => ({
        ...{ ...seen, externalId: `m${n}`, name: `m${n}`, identityId, attributes: { createdBy: "UID=bob,DC=acme" } },
      })),
    ],
  });
  const made = { name: "till", connector: "csv", environment: "production", settings: {} };
  const { id: tillId } = await db().connection.create({ data: made, select: { id: true } });
  const target = { type: "connection", id: tillId, name: "till" };
  await transaction((tx) => record(tx, bob, { action: "connection.created", target }));
  const [set] = await db().policySet.findMany({ orderBy: { version: "desc" }, take: 1 });
  const files = [{ name: "own.cedar", text: "// Bob@acme.test decides on this" }];
  await db().policySet.create({ data: { digest: "x", source: "folder", files, loadedBy: set?.loadedBy ?? "test" } });
}, 120_000);
afterAll(async () => {
  delete process.env.SMTP_URL;
  resetEnv();
  await world.drop();
});

const found = () => [
  ["approval", "R-1", "dana"],
  ["backup_owner", "backed", "dana"],
  ["created_connection", "till", "dana"],
  ["created_identity", "made-by-bob", "dana"],
  ["delegation", "bob → cara", null],
  ["hand_task", "Take away by hand", "dana"],
  ["owned_connection", "warehouse", "dana"],
  ["owned_identity", "with-backup", "eve"],
  ["owned_resource", invoices, "dana"],
  ["policy", "own.cedar", null],
  ["report", "ann", "dana"],
  ["report", "eve", "dana"],
  ["request", "R-2", null],
  ["token", "nightly", null],
];

test("the preview names everything that is left behind, with to whom it could go and why", async () => {
  const preview = await previewOffboarding(person(world, "dana"), { identity: "bob@acme.test" });
  const said = preview.leftBehind.map(({ kind, name, suggestedName }) => [kind, name, suggestedName]);
  expect(said.sort()).toEqual(found());
  expect(preview.leftBehind.find(({ name }) => name === "with-backup")?.evidence).toMatch(
    /backup owner of with-backup/,
  );
  expect(preview.leftBehind.find(({ kind }) => kind === "owned_connection")?.evidence).toMatch(/manager of bob/);
  expect(await refusal(previewOffboarding(person(world, "ann"), { identity: "bob@acme.test" }))).toMatch(/forbidden/);
});

test("a policy names somebody by their address as a word, or by their id", async () => {
  const [bob, eve] = [person(world, "bob").identityId, person(world, "eve").identityId];
  const before = await db().policySet.findFirstOrThrow({ orderBy: { version: "desc" } });
  const files = [
    { name: "sentence.cedar", text: "// Decided by bob@acme.test." },
    { name: "by-id.cedar", text: `permit (principal == Identity::"${bob}", action, resource);` },
    { name: "others.cedar", text: "// jimbob@acme.test, j.bob@acme.test, bob@acme.test.example, bob@acmextest" },
    { name: "other-id.cedar", text: `permit (principal == Identity::"${eve}", action, resource);` },
  ];
  const set = { source: "folder", loadedBy: "test" };
  await db().policySet.create({ data: { ...set, digest: "names", files } });
  const { leftBehind } = await previewOffboarding(person(world, "dana"), { identity: "bob@acme.test" });
  expect(leftBehind.flatMap(({ kind, name }) => (kind === "policy" ? [name] : []))).toEqual([
    "by-id.cedar",
    "sentence.cedar",
  ]);
  await db().policySet.create({ data: { ...set, digest: "as before", files: before.files ?? [] } });
});

test("everything finds somebody by the suggestions, and what names them stays only with a reason and a date", async () => {
  const dana = person(world, "dana");
  const { id } = await startOffboarding(dana, { identity: "bob@acme.test", reason: "retires" });
  await runLeaving(id);
  expect(await runOf(id)).toMatchObject({ state: "waiting_for_people" });
  expect(await followSuggestions(dana, { id })).toEqual({ done: found().length - 1, refused: [] });

  const open = (await itemsOf(id)).filter(({ settledAt }) => settledAt === null);
  expect(open.map(({ kind }) => kind)).toEqual(["policy"]);
  const policy = { id: open[0]?.id ?? "", disposition: "keep" as const };
  expect(await refusal(disposeItem(dana, policy))).toMatch(/invalid: Say why it stays/);
  expect(await refusal(disposeItem(dana, { ...policy, reason: "the rule is rewritten" }))).toMatch(
    /invalid: Say until when/,
  );
  expect(await refusal(disposeItem(dana, { ...policy, disposition: "revoke" }))).toMatch(
    /invalid: .*cannot be disposed/,
  );
  await disposeItem(dana, { ...policy, reason: "the rule is rewritten", until: plus(now(), 7 * dayMs).toISOString() });
  expect(await runOf(id)).toMatchObject({ state: "closed" });

  const bob = person(world, "bob").identityId;
  const owners = await db().identity.count({
    where: { OR: [{ ownerId: bob }, { backupOwnerId: bob }, { managerId: bob }] },
  });
  expect(owners).toBe(0);
  expect(await db().connection.count({ where: { ownerId: bob } })).toBe(0);
  expect(await db().resource.count({ where: { ownerId: bob } })).toBe(0);
  const ownerOf = async (name: string) =>
    (await db().identity.findFirstOrThrow({ where: { name }, include: { owner: true } })).owner?.name;
  expect([await ownerOf("made-by-bob"), await ownerOf("made-and-owned")]).toEqual(["dana", "eve"]);
  expect(await db().connection.findFirstOrThrow({ where: { name: "till" } })).toMatchObject({
    ownerId: dana.identityId,
  });
  expect(await db().handTask.findMany({ where: { doneAt: null } })).toMatchObject([{ assigneeId: dana.identityId }]);
  const asked = await db().request.findFirstOrThrow({ where: { requesterId: bob } });
  expect(asked).toMatchObject({ state: "withdrawn", because: expect.stringContaining("leaves") });
  expect(await db().delegation.count({ where: { fromId: bob, endedAt: null } })).toBe(0);
  expect(await db().apiToken.count({ where: { name: "nightly", revokedAt: null } })).toBe(0);
  const deciders = await db().requestApprover.findMany({ where: { requestId, open: true } });
  expect(deciders.length).toBeGreaterThan(0);
  expect(deciders.map(({ identityId }) => identityId)).not.toContain(bob);
});

test("whoever takes something over is told once what it is and by whom, and finds it on their desk; who hands it to themself is not", async () => {
  const told = await rows<{ recipient: string; text: string }>(
    "select recipient, content ->> 'text' as text from deliveries where subject = 'What bob had is yours now'",
  );
  expect(told.map(({ recipient }) => recipient)).toEqual(["eve@acme.test"]);
  expect(told[0]?.text).toMatch(/By dana: owns the machine with-backup\./);
  expect(told[0]?.text).not.toContain("retires");
  const handed = await listHanded(person(world, "eve"));
  expect(handed.map(({ kind, name, from, handedBy }) => [kind, name, from, handedBy])).toEqual([
    ["owned_identity", "with-backup", "bob", "dana"],
  ]);
  expect((await listHanded(person(world, "dana"))).length).toBeGreaterThan(3);
  expect(await listHanded(person(world, "cara"))).toEqual([]);
  await watchOffboardings(worker);
  expect(await rows("select 1 from deliveries where subject = 'What bob had is yours now'")).toHaveLength(1);
});

test("what is kept until a day, and what comes to somebody after they left, opens their run again", async () => {
  const dana = person(world, "dana");
  const run = await db().offboarding.findFirstOrThrow({
    where: { identityId: person(world, "bob").identityId, state: "closed" },
  });
  await watchOffboardings(worker);
  expect(await runOf(run.id)).toMatchObject({ state: "closed" });
  const bot = await db().identity.create({
    data: {
      ...{ name: "latecomer", kind: "bot", kindReason: "test", firstSeenAt: now() },
      ownerId: person(world, "bob").identityId,
    },
  });
  await watchOffboardings(worker);
  expect(await runOf(run.id)).toMatchObject({ state: "waiting_for_people" });
  const open = (await itemsOf(run.id)).filter(({ settledAt, disposition }) => settledAt === null && !disposition);
  expect(open.map(({ name }) => name)).toEqual(["latecomer"]);
  const reminders = () => rows("select recipient from deliveries where subject = 'What bob leaves behind still waits'");
  expect(await reminders()).toEqual([]);
  await rows("update offboarding_items set found_at = found_at - interval '3 days'");
  for (let time = 0; time < 2; time++) await watchOffboardings(worker);
  expect(await reminders()).toEqual([{ recipient: "dana@acme.test" }]);
  const event = { action: "offboarding.reminded", targetId: run.id };
  expect(await db().auditEvent.findMany({ where: event })).toMatchObject([{ details: { items: 1 } }]);
  await disposeItem(dana, { id: open[0]?.id ?? "", disposition: "hand_over", to: "dana@acme.test" });
  expect(await runOf(run.id)).toMatchObject({ state: "closed" });
  expect(await db().identity.findUniqueOrThrow({ where: { id: bot.id } })).toMatchObject({ ownerId: dana.identityId });
  // The day until which the policy was kept comes.
  await rows("update offboarding_items set keep_until = now() - interval '1 minute' where kind = 'policy'");
  await watchOffboardings(worker);
  expect(await runOf(run.id)).toMatchObject({ state: "waiting_for_people" });
});
