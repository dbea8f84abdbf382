import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { ConnectorError } from "../connectors/connector-error";
import { db, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { createChannel } from "../messages/create-channel";
import type { Source } from "./read-source";
import { orderSync } from "./request-sync";
import { applySync } from "./resolve-sync";
import { runSync } from "./run-sync";

const actor = system("test");
let drop: () => Promise<void>;
let connectionId: string;

beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  process.env.SMTP_URL = "smtp://localhost:1";
  resetEnv();
  ({ drop } = await freshDatabase());
  const owner = await db().identity.create({
    data: { kind: "human", kindReason: "test", name: "Ines", email: "ines@example.com", firstSeenAt: new Date(0) },
  });
  await db().user.create({ data: { name: "Sam", email: "sam@example.com", roles: ["security"] } });
  await db().user.create({ data: { name: "Mo", email: "mo@example.com", roles: ["member"] } });
  const connection = await db().connection.create({
    data: { name: "warehouse", connector: "postgresql", settings: { host: "db1", user: "x" }, ownerId: owner.id },
  });
  connectionId = connection.id;
  await createChannel(actor, {
    name: "ops",
    kind: "webhook",
    url: "https://hooks.example.com/x",
    events: ["connection.trouble"],
  });
});
afterEach(() => db().delivery.deleteMany());
afterAll(async () => {
  delete process.env.SMTP_URL;
  resetEnv();
  await drop();
});

const away: Source = async function* () {
  yield* [];
  throw new ConnectorError("unreachable", "db1:5432 refuses connections", { remedy: "Start it." });
};
const has = (count: number): Source =>
  async function* () {
    const items = Array.from({ length: count }, (_, n) => ({
      kind: "account" as const,
      externalId: `a${n}`,
      name: `a${n}`,
    }));
    yield { type: "observations", items };
    yield { type: "ended", kind: "principal" };
  };

async function sync(source: Source): Promise<string> {
  const runId = await transaction((tx) => orderSync(tx, actor, connectionId));
  await runSync(actor, { runId, source });
  return runId;
}

const told = async () =>
  (await db().delivery.findMany({ orderBy: { recipient: "asc" } })).map(({ recipient, subject }) => [
    recipient.includes("hooks.") ? "ops" : recipient,
    subject,
  ]);
const everybody = (subject: string) =>
  expect.arrayContaining([
    ["ines@example.com", subject],
    ["ops", subject],
    ["sam@example.com", subject],
  ]);

test("the owner, security and channels are told at the third failure, once, and when it is read again", async () => {
  await sync(away);
  await sync(away);
  expect(await told()).toEqual([]);
  await sync(away);
  const failing = await told();
  expect(failing).toEqual(everybody("warehouse cannot be read"));
  expect(failing).toHaveLength(3);
  const [mail] = await db().delivery.findMany({ where: { recipient: "ines@example.com" } });
  expect(JSON.stringify(mail?.content)).toContain("db1:5432 refuses connections");
  await sync(away);
  expect(await told()).toHaveLength(3);
  await db().delivery.deleteMany();
  await sync(has(40));
  expect(await told()).toEqual(everybody("warehouse is read again"));
  await db().delivery.deleteMany();
  await sync(has(41));
  expect(await told()).toEqual([]);
});

test("they are told when the brake holds a sync, and what would go", async () => {
  const runId = await sync(has(2));
  expect(await told()).toEqual(everybody("warehouse: a sync is paused, because too much would go"));
  const [mail] = await db().delivery.findMany({ where: { recipient: "sam@example.com" } });
  expect(JSON.stringify(mail?.content)).toContain("39 of 41");
  await db().delivery.deleteMany();
  await applySync(actor, { runId });
  expect(await told()).toEqual([]);
});
