import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { resetEnv } from "../env";
import { dayMs, hourMs, minuteMs, now, plus, setClock } from "../time";
import { createChannel } from "./create-channel";
import { deliverMessage } from "./deliver-message";
import { editChannel, removeChannel } from "./edit-channel";
import { getChannel, getDelivery, listChannels, listDeliveries } from "./queries";
import { giveUpDelivery, retryDelivery } from "./retry-delivery";
import { rotateSigningSecret } from "./rotate-signing-secret";
import { sendMessage } from "./send-message";
import { sendTest } from "./send-test";
import { requestWaiting } from "./templates/requests";
import { aRequest, channelTo, sendAndDeliver, startReceiver } from "./test-receiver";

let database: Awaited<ReturnType<typeof freshDatabase>>;
const stops: (() => void)[] = [];
const admin = system("test");
const message = requestWaiting(aRequest, { dueAt: null });
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  database = await freshDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  setClock(null);
  delete process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS;
  resetEnv();
  for (const stop of stops.splice(0)) stop();
  await rows("update channels set enabled = false");
});

async function receiver(...replies: Parameters<typeof startReceiver>) {
  const started = await startReceiver(...replies);
  stops.push(started.stop);
  return started;
}

const make = (url: string, allowPrivateHost = false) =>
  createChannel(admin, { name: `hook ${Math.random()}`, kind: "webhook", url, allowPrivateHost });

test.each([
  "http://hooks.example.com/x",
  "https://127.0.0.1/x",
  "https://[::ffff:10.0.0.1]/x",
  "https://2130706433/",
  "ftp://x/",
])("a webhook at %s is refused when it is made", async (url) => {
  await expect(make(url)).rejects.toMatchObject({ code: "invalid", field: "url" });
});

test("a private host is called once an administrator allowed that host, and the permission stays with that host", async () => {
  const { url, received } = await receiver({ status: 200 });
  await expect(make(url)).rejects.toMatchObject({ code: "invalid" });
  const { id } = await make(url, true);
  const { deliveries } = await sendTest(admin, { channelId: id });
  await deliverMessage(admin, { deliveryId: deliveries[0] ?? "" });
  expect(received).toHaveLength(1);
  await expect(editChannel(admin, { id, url: "http://10.0.0.1/other" })).rejects.toMatchObject({ code: "invalid" });
  expect(await getChannel(admin, id)).toMatchObject({ allowsPrivateHost: true });
});

test("where the installation calls public addresses only, nobody can allow a private one", async () => {
  process.env.ROLLCALL_ALLOW_PRIVATE_TARGETS = "false";
  resetEnv();
  const made = make("https://127.0.0.1/x", true);
  await expect(made).rejects.toMatchObject({ code: "invalid", field: "allowPrivateHost" });
});

test("the address of a chat and the secret of a webhook are kept encrypted and told nowhere", async () => {
  const slack = await createChannel(admin, {
    name: "chat",
    kind: "slack",
    url: "https://hooks.slack.com/services/T0000/B0000/XXXXcanaryXXXX",
  });
  const hook = await make("https://hooks.example.com/path?token=canary-in-query");
  const told = JSON.stringify([
    await listChannels(admin),
    await getChannel(admin, slack.id),
    await getChannel(admin, hook.id),
    await rows("select name, kind, settings, encode(secrets, 'escape') from channels"),
    await rows("select * from audit_events"),
  ]);
  expect(told).not.toContain("canary");
  expect(told).not.toContain((hook.signingSecret ?? "x").slice(6));
  expect(told).toContain("https://hooks.slack.com/…");
});

test("two channels cannot have one name, but a removed one gives its name back", async () => {
  const input = { name: "twice", kind: "email" as const, addresses: ["a@example.com"] };
  const { id } = await createChannel(admin, input);
  await expect(createChannel(admin, input)).rejects.toMatchObject({ code: "conflict", field: "name" });
  await removeChannel(admin, { id });
  await createChannel(admin, input);
});

test("for a day after a secret was replaced both verify, then only the new one", async () => {
  const { url, received } = await receiver({ status: 200 });
  const made = await channelTo("webhook", url);
  const rotated = await rotateSigningSecret(admin, { id: made.id });
  const [old, fresh] = [new Webhook(made.signingSecret ?? ""), new Webhook(rotated.signingSecret)];
  await sendAndDeliver((tx) => sendMessage(tx, { message }));
  const [first] = received;
  const verifies = (webhook: Webhook, got = first) =>
    webhook.verify(got?.body ?? "", (got?.headers ?? {}) as Record<string, string>, { jsonParse: true });
  expect(verifies(old)).toEqual(verifies(fresh));
  setClock(plus(now(), dayMs + minuteMs));
  await sendAndDeliver((tx) => sendMessage(tx, { message }));
  const signatures = received[1]?.headers["webhook-signature"];
  expect(first?.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  expect(signatures).toMatch(/^v1,\S+$/);
});

test("a delivery that failed is tried again by a person, under the same id, and a sent one is not", async () => {
  const { url, received } = await receiver({ status: 302 }, { status: 200 });
  await channelTo("webhook", url);
  const { deliveries } = await sendAndDeliver((tx) => sendMessage(tx, { message }));
  const id = deliveries[0] ?? "";
  expect(await getDelivery(admin, id)).toMatchObject({ state: "failed", lastStatus: 302 });
  expect(await retryDelivery(admin, { id })).toEqual({ id, state: "waiting" });
  await deliverMessage(admin, { deliveryId: id });
  expect(await getDelivery(admin, id)).toMatchObject({ state: "sent", attempts: 2 });
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([`msg_${id}`, `msg_${id}`]);
  await expect(retryDelivery(admin, { id })).rejects.toMatchObject({ code: "conflict" });
  await expect(giveUpDelivery(admin, { id })).rejects.toMatchObject({ code: "conflict" });
});

test("a delivery that somebody dropped is not tried any more", async () => {
  const { url, received } = await receiver({ status: 500 });
  await channelTo("webhook", url);
  const { deliveries } = await sendAndDeliver((tx) => sendMessage(tx, { message }));
  const id = deliveries[0] ?? "";
  await giveUpDelivery(admin, { id });
  setClock(plus(now(), hourMs));
  await deliverMessage(admin, { deliveryId: id });
  expect(received).toHaveLength(1);
  expect((await getDelivery(admin, id)).state).toBe("given_up_by_person");
});

test("a removed channel gets nothing more, and what it was sent stays in sight", async () => {
  const { url, received } = await receiver({ status: 500 });
  const { id } = await channelTo("webhook", url);
  const { deliveries } = await sendAndDeliver((tx) => sendMessage(tx, { message }));
  expect(await removeChannel(admin, { id })).toEqual({ id, dropped: 1 });
  setClock(plus(now(), hourMs));
  await deliverMessage(admin, { deliveryId: deliveries[0] ?? "" });
  expect(received).toHaveLength(1);
  expect(await getDelivery(admin, deliveries[0] ?? "")).toMatchObject({ state: "given_up_by_person" });
  const { secrets } = await db().channel.findUniqueOrThrow({ where: { id } });
  expect(secrets).toBeNull();
});

test("deliveries are walked newest first, each once, by state and by channel", async () => {
  const { url } = await receiver({ status: 200 });
  const { id } = await channelTo("webhook", url);
  for (let i = 0; i < 7; i++) await sendAndDeliver((tx) => sendMessage(tx, { message }));
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listDeliveries(admin, { limit: 3, channelId: id, state: "sent", cursor });
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  }
  expect(ids).toHaveLength(7);
  expect(ids).toEqual([...new Set(ids)].sort().reverse());
  expect((await listDeliveries(admin, { limit: 9, channelId: id, state: "failed" })).items).toEqual([]);
});
