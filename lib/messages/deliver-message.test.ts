import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { system } from "../auth/actor";
import { db, rows, transaction } from "../db/client";
import { freshDatabase } from "../db/test-database";
import { dayMs, hourMs, minuteMs, now, plus, setClock } from "../time";
import { deliverMessage } from "./deliver-message";
import { keepMessages } from "./keep-messages";
import { sendMessage } from "./send-message";
import { requestWaiting } from "./templates/requests";
import { aRequest, channelTo, sendAndDeliver, startReceiver } from "./test-receiver";

let database: Awaited<ReturnType<typeof freshDatabase>>;
const stops: (() => void)[] = [];
beforeAll(async () => {
  process.env.ROLLCALL_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64");
  process.env.NEXTAUTH_SECRET = "a secret of the tests";
  database = await freshDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  setClock(null);
  for (const stop of stops.splice(0)) stop();
  await rows("update channels set enabled = false");
});

const worker = system("worker");
const message = requestWaiting(aRequest, { dueAt: null });
const send = () => sendAndDeliver((tx) => sendMessage(tx, { message }));
const only = async (sent: { deliveries: string[] }) =>
  db().delivery.findUniqueOrThrow({ where: { id: sent.deliveries[0] ?? "" } });
const again = (id: string) => deliverMessage(worker, { deliveryId: id });

async function receiver(...replies: Parameters<typeof startReceiver>) {
  const started = await startReceiver(...replies);
  stops.push(started.stop);
  return started;
}

test("a message rolls back with the change it tells of: no delivery, no job", async () => {
  const { url, received } = await receiver();
  await channelTo("webhook", url);
  const work = transaction(async (tx) => {
    await sendMessage(tx, { message });
    throw new Error("the change was refused");
  });
  await expect(work).rejects.toThrow("the change was refused");
  expect(await db().delivery.count()).toBe(0);
  expect(await rows("select 1 from graphile_worker.jobs where task_identifier = 'deliver-message'")).toEqual([]);
  expect(received).toEqual([]);
});

test("a webhook is signed so that the receiver's own library verifies it, and not after one byte was changed", async () => {
  const { url, received } = await receiver({ status: 204 });
  const { signingSecret } = await channelTo("webhook", url);
  const delivery = await only(await send());
  expect(delivery).toMatchObject({ state: "sent", attempts: 1, lastStatus: 204 });
  const [got] = received;
  const headers = got?.headers as Record<string, string>;
  expect(headers["webhook-id"]).toBe(`msg_${delivery.id}`);
  const verifier = new Webhook(signingSecret ?? "");
  expect(verifier.verify(got?.body ?? "", headers)).toMatchObject({
    type: "request.waiting",
    data: { requestId: "0198", subject: "Ann Example", link: expect.stringContaining("/requests/0198") },
  });
  expect(() => verifier.verify(got?.body.replace("Ann", "Bob") ?? "", headers)).toThrow();
  expect(() => new Webhook("whsec_AAAA").verify(got?.body ?? "", headers)).toThrow();
});

test("a try that fails is made again later under the same id, with a new time, until it is taken", async () => {
  const { url, received } = await receiver({ status: 500, body: "sorry" }, { status: 503 }, "cut", { status: 200 });
  const { signingSecret } = await channelTo("webhook", url);
  let delivery = await only(await send());
  for (const attempts of [1, 2, 3]) {
    expect(delivery).toMatchObject({ state: "waiting", attempts });
    setClock(plus(now(), minuteMs));
    await again(delivery.id);
    delivery = await db().delivery.findUniqueOrThrow({ where: { id: delivery.id } });
  }
  expect(delivery).toMatchObject({ state: "sent", attempts: 4, nextTryAt: null });
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(received.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(4);
  expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  expect(signingSecret).toMatch(/^whsec_/);
});

test("a server's Retry-After is kept to: a job that comes too early does nothing", async () => {
  const start = new Date("2026-11-21T12:00:00Z");
  setClock(start);
  const { url, received } = await receiver({ status: 429, headers: { "retry-after": "3600" } }, { status: 200 });
  await channelTo("webhook", url);
  const delivery = await only(await send());
  expect(delivery.nextTryAt).toEqual(plus(start, hourMs));
  setClock(plus(start, hourMs - minuteMs));
  await again(delivery.id);
  expect(received).toHaveLength(1);
  setClock(plus(start, hourMs));
  await again(delivery.id);
  expect(received).toHaveLength(2);
});

test("after three days it has failed, in sight and on the record", async () => {
  const start = now();
  setClock(start);
  const { url } = await receiver({ status: 500, body: "still broken" });
  await channelTo("webhook", url);
  const sent = await send();
  for (let round = 0; round < 60 && (await only(sent)).state === "waiting"; round++) {
    setClock((await only(sent)).nextTryAt);
    await again(sent.deliveries[0] ?? "");
  }
  const delivery = await only(sent);
  expect(delivery).toMatchObject({ state: "failed", lastStatus: 500, lastAnswer: "still broken", nextTryAt: null });
  expect(now().getTime() - start.getTime()).toBeGreaterThan(2.5 * dayMs);
  expect(now().getTime() - start.getTime()).toBeLessThanOrEqual(3 * dayMs);
  expect(delivery.attempts).toBeLessThan(40);
  const event = await db().auditEvent.findFirstOrThrow({ where: { action: "delivery.failed", targetId: delivery.id } });
  expect(event.outcome).toBe("failed");
});

test.each([
  ["slack", { status: 404, body: "no_service" }, "failed"],
  ["slack", { status: 400, body: "invalid_payload" }, "failed"],
  ["slack", { status: 429 }, "waiting"],
  ["slack", { status: 200, body: "<html>maintenance</html>" }, "waiting"],
  ["slack", { status: 200, body: "ok" }, "sent"],
  ["teams", { status: 202, body: "" }, "sent"],
  ["teams", { status: 200, body: "Webhook message delivery failed with error: HTTP error 429" }, "waiting"],
  ["teams", { status: 401 }, "failed"],
  ["webhook", { status: 400 }, "waiting"],
  ["webhook", { status: 302, headers: { location: "http://127.0.0.1/" } }, "failed"],
] as const)("%s that answers %j leaves the delivery %s", async (kind, reply, state) => {
  const { url } = await receiver(reply);
  await channelTo(kind, url);
  expect(await only(await send())).toMatchObject({ state, lastStatus: reply.status });
});

test("a receiver that is gone for good is called no more", async () => {
  const { url, received } = await receiver({ status: 410 });
  const { id } = await channelTo("webhook", url);
  expect(await only(await send())).toMatchObject({ state: "failed" });
  expect(await db().channel.findUniqueOrThrow({ where: { id } })).toMatchObject({ enabled: false });
  expect((await send()).deliveries).toEqual([]);
  expect(received).toHaveLength(1);
});

test("of two workers at once one delivers", async () => {
  const { url, received } = await receiver({ status: 200 });
  await channelTo("webhook", url);
  for (let round = 0; round < 20; round++) {
    const { deliveries } = await transaction((tx) => sendMessage(tx, { message }));
    await Promise.all([1, 2, 3].map(() => again(deliveries[0] ?? "")));
  }
  expect(received).toHaveLength(20);
});

test("a worker that dies between sending and recording: sent again, under the same id, once its claim is over", async () => {
  const { url, received } = await receiver({ status: 200 });
  await channelTo("webhook", url);
  const { deliveries } = await transaction((tx) => sendMessage(tx, { message }));
  const id = deliveries[0] ?? "";
  // What its death leaves: the message was sent, the claim stands, nothing else was written.
  await rows("create function die() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
  await rows(
    "create trigger die before update on deliveries for each row when (new.state = 'sent') execute function die()",
  );
  await expect(again(id)).rejects.toThrow(/killed/);
  await rows("drop trigger die on deliveries");
  await again(id);
  expect(received).toHaveLength(1);
  expect(
    await rows("select run_at > now() as later from graphile_worker.jobs where key = $1", [`deliver-${id}`]),
  ).toEqual([{ later: true }]);
  setClock(plus(now(), 3 * minuteMs));
  await again(id);
  expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([`msg_${id}`, `msg_${id}`]);
  expect(await db().delivery.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: "sent" });
});

test("a worker that slept through its claim overwrites nothing that came after it", async () => {
  const { url, answerWith } = await receiver("hang");
  await channelTo("webhook", url);
  const { deliveries } = await transaction((tx) => sendMessage(tx, { message }));
  const id = deliveries[0] ?? "";
  const stopping = new AbortController();
  const sleeper = deliverMessage(worker, { deliveryId: id }, stopping.signal);
  await expect.poll(() => db().delivery.count({ where: { id, claim: { not: null } } })).toBe(1);
  answerWith({ status: 200 });
  setClock(plus(now(), 3 * minuteMs));
  await again(id);
  const after = await db().delivery.findUniqueOrThrow({ where: { id } });
  expect(after.state).toBe("sent");
  stopping.abort();
  await sleeper;
  expect(await db().delivery.findUniqueOrThrow({ where: { id } })).toEqual(after);
});

test("the same occasion is said once", async () => {
  const { url, received } = await receiver({ status: 200 });
  await channelTo("webhook", url);
  const first = await sendAndDeliver((tx) => sendMessage(tx, { message, key: "request-0198-step-1" }));
  const second = await sendAndDeliver((tx) => sendMessage(tx, { message, key: "request-0198-step-1" }));
  expect([first.deliveries.length, second.deliveries.length, received.length]).toEqual([1, 0, 1]);
});

test("what a server answers is kept without the address, the secret and control characters, and cut", async () => {
  const { url, answerWith } = await receiver();
  const { signingSecret } = await channelTo("webhook", url);
  const path = new URL(url).pathname;
  answerWith({
    status: 500,
    body: `${signingSecret} at ${url} ${path} Bearer abc.def\u001b[31m\r\n\u202e${"x".repeat(9_000)}`,
  });
  const { lastAnswer } = await only(await send());
  expect(lastAnswer).not.toMatch(/whsec_|9f8e7d6c5b4a|abc\.def|[\u0000-\u001f\u202e]/);
  expect(lastAnswer).toHaveLength(500);
});

test("a channel whose host has moved to a private address is not called, and says why", async () => {
  const { url, received } = await receiver({ status: 200 });
  const { id } = await channelTo("webhook", url);
  await rows(`update channels set settings = settings || '{"allowedHost": null}' where id = $1`, [id]);
  expect(await only(await send())).toMatchObject({
    state: "failed",
    lastStatus: null,
    lastAnswer: expect.stringMatching(/does not begin with https|private/),
  });
  expect(received).toEqual([]);
});

test("keeping house throws away what is older than 90 days, and orders anew what lost its job", async () => {
  const { url } = await receiver({ status: 200 }, { status: 500 });
  await channelTo("webhook", url);
  const old = await only(await send());
  const lost = await only(await send());
  await rows("delete from graphile_worker._private_jobs");
  setClock(plus(now(), hourMs));
  expect((await keepMessages()).ordered).toBeGreaterThan(0);
  expect(await rows("select 1 from graphile_worker.jobs where key = $1", [`deliver-${lost.id}`])).toHaveLength(1);
  expect(await keepMessages()).toMatchObject({ ordered: 0 });
  setClock(plus(now(), 91 * dayMs));
  await keepMessages();
  expect(await db().delivery.count({ where: { id: old.id } })).toBe(0);
  expect(await db().delivery.count({ where: { id: lost.id } })).toBe(1);
});
