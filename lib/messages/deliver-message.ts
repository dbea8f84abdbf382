import { randomUUID } from "node:crypto";
import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { openSecrets } from "../auth/seal-secrets";
import { rows, type Tx, transaction } from "../db/client";
import { env } from "../env";
import { log } from "../log";
import { minuteMs, now, plus, secondMs } from "../time";
import { type Attempt, redacted } from "./attempt";
import { nextTryAt } from "./next-try";
import { orderDelivery } from "./order-delivery";
import { postMessage } from "./post-message";
import { type ChannelKind, type ChannelSecrets, channelSecrets, channelSettings, deliveryContent } from "./schema";
import { sendMail } from "./send-mail";
import { nextState } from "./states";

// Longer than any try can take, so that only a dead worker's claim runs out.
const claimMs = 2 * minuteMs;
// Of the worker's clock against the one that ordered the job.
const toleranceMs = 5 * secondMs;

type Claimed = {
  id: string;
  channelId: string | null;
  kind: ChannelKind;
  event: string;
  recipient: string;
  subject: string;
  content: unknown;
  attempts: number;
  createdAt: Date;
  giveUpAt: Date;
  claim: string;
  enabled: boolean | null;
  settings: unknown;
  secrets: Uint8Array | null;
};

/**
 * Tries to deliver one message, once, and orders the next try when it did not arrive. May be called by two workers at
 * once: one of them has the claim. One that dies between sending and recording sends again later, under the same id.
 */
export async function deliverMessage(actor: Actor, input: { deliveryId: string }, signal?: AbortSignal): Promise<void> {
  const delivery = await claim(input.deliveryId);
  if (!delivery) return comeBackLater(input.deliveryId);
  const secrets = secretsOf(delivery);
  const attempt = await attemptOf(delivery, secrets, signal);
  const hidden = [secrets.url, secrets.signing, secrets.previous, pathOf(secrets.url), passwordOf(env().SMTP_URL)];
  await settle(actor, delivery, { ...attempt, answer: redacted(attempt.answer, hidden) });
}

async function claim(id: string): Promise<Claimed | null> {
  const at = now();
  const [claimed] = await rows<Claimed>(
    `with mine as (
       update deliveries set claim = $2, claimed_until = $3
       where id = $1 and state = 'waiting' and next_try_at <= $4 and (claimed_until is null or claimed_until <= $5)
       returning *)
     select m.id, m.channel_id "channelId", m.kind, m.event, m.recipient, m.subject, m.content, m.attempts,
       m.created_at "createdAt", m.give_up_at "giveUpAt", m.claim, c.settings, c.secrets,
       c.enabled and c.removed_at is null as enabled
     from mine m left join channels c on c.id = m.channel_id`,
    [id, randomUUID(), plus(at, claimMs), plus(at, toleranceMs), at],
  );
  return claimed ?? null;
}

// Somebody else has it, or it is too early: the job comes back when that is over. Nothing to do for what has ended.
async function comeBackLater(id: string): Promise<void> {
  await transaction(async (tx) => {
    const delivery = await tx.delivery.findFirst({ where: { id, state: "waiting" } });
    if (!delivery) return;
    const until = [delivery.nextTryAt, delivery.claimedUntil].map((at) => at?.getTime() ?? 0);
    const at = new Date(Math.max(...until, plus(now(), secondMs).getTime()));
    await orderDelivery(tx, { id, channelId: delivery.channelId, at });
  });
}

function secretsOf({ channelId, secrets }: Claimed): ChannelSecrets {
  return channelId ? channelSecrets.parse(openSecrets(secrets, channelId)) : {};
}

async function attemptOf(delivery: Claimed, secrets: ChannelSecrets, signal?: AbortSignal): Promise<Attempt> {
  if (delivery.channelId && !delivery.enabled)
    return { outcome: "never", status: null, answer: "the channel is turned off", retryAfter: null };
  const content = deliveryContent.parse(delivery.content);
  if (content.as === "mail") {
    const { id, recipient, subject, createdAt } = delivery;
    return sendMail({ id, to: recipient, subject, createdAt, content });
  }
  if (delivery.kind === "email") throw new Error(`the delivery ${delivery.id} is an e-mail without one`);
  return postMessage({
    kind: delivery.kind,
    id: `msg_${delivery.id}`,
    at: now(),
    body: content.body,
    secrets,
    allowedHost: channelSettings.parse(delivery.settings).allowedHost ?? null,
    ...(signal ? { signal } : {}),
  });
}

async function settle(actor: Actor, delivery: Claimed, attempt: Attempt): Promise<void> {
  const { id, channelId, claim: held } = delivery;
  const attempts = delivery.attempts + 1;
  const at = now();
  const next = nextTryAt({ at, attempts, retryAfter: attempt.retryAfter, dice: Math.random() });
  const step = stepAfter(attempt, next > delivery.giveUpAt);
  const state = nextState("waiting", step) ?? "waiting";
  await transaction(async (tx) => {
    // Whoever lost the claim while it slept has nothing to say any more.
    const { count } = await tx.delivery.updateMany({
      where: { id, claim: held, state: "waiting" },
      data: {
        state,
        attempts,
        lastStatus: attempt.status,
        lastAnswer: attempt.answer,
        claim: null,
        claimedUntil: null,
        nextTryAt: state === "waiting" ? next : null,
        sentAt: state === "sent" ? at : null,
      },
    });
    if (count === 0) return;
    if (state === "waiting") await orderDelivery(tx, { id, channelId, at: next });
    if (state === "failed") await recordFailure(tx, actor, { delivery, attempt, attempts });
    if (attempt.outcome === "gone" && channelId) await turnOff(tx, actor, channelId);
  });
  if (state === "failed") log().warn({ deliveryId: id, kind: delivery.kind, attempts }, "a message was not delivered");
}

function stepAfter({ outcome }: Attempt, isTooLate: boolean): "answered" | "refused" | "gave_up" | "retried" {
  if (outcome === "sent") return "answered";
  if (outcome !== "again") return "refused";
  return isTooLate ? "gave_up" : "retried";
}

type Failure = { delivery: Claimed; attempt: Attempt; attempts: number };

async function recordFailure(tx: Tx, actor: Actor, { delivery, attempt, attempts }: Failure): Promise<void> {
  await record(tx, actor, {
    action: "delivery.failed",
    target: { type: "delivery", id: delivery.id, name: delivery.subject },
    outcome: "failed",
    details: {
      message: attempt.answer.slice(0, 200),
      event: delivery.event,
      kind: delivery.kind,
      attempts,
      status: attempt.status,
    },
  });
}

// 410 Gone: the receiver wants no more (Standard Webhooks, "Status codes").
async function turnOff(tx: Tx, actor: Actor, id: string): Promise<void> {
  const channel = await tx.channel.update({ where: { id }, data: { enabled: false }, select: { name: true } });
  await record(tx, actor, {
    action: "channel.turned_off",
    target: { type: "channel", id, name: channel.name },
    why: { because: "it answered 410 Gone" },
  });
}

// The secret part of an address is its path; alone it may come back in an answer.
function pathOf(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { pathname } = new URL(url);
  return pathname.length > 8 ? pathname : undefined;
}

function passwordOf(url: string | undefined): string | undefined {
  return url ? decodeURIComponent(new URL(url).password) || undefined : undefined;
}
