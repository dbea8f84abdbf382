import { z } from "zod";
import type { Actor } from "../auth/actor";
import { authorize } from "../auth/authorize";
import { openSecrets } from "../auth/seal-secrets";
import { db } from "../db/client";
import { cursorOf, readCursor } from "../db/cursor";
import { AppError } from "../errors";
import { now } from "../time";
import { type ChannelKind, channelSecrets, channelSettings, type DeliveryContent, deliveryContent } from "./schema";
import type { DeliveryState } from "./states";

export type ChannelRow = {
  id: string;
  name: string;
  kind: ChannelKind;
  /** Where it leads, as far as it may be shown. */
  place: string;
  events: string[];
  enabled: boolean;
  /** Its host may be at a private address. */
  allowsPrivateHost: boolean;
  createdAt: Date;
  waiting: number;
  failed: number;
  lastSentAt: Date | null;
};

/** Every channel, by name; there are few. */
export async function listChannels(actor: Actor): Promise<ChannelRow[]> {
  await authorize(actor, "message:read");
  const channels = await db().channel.findMany({ where: { removedAt: null }, orderBy: { name: "asc" }, take: 500 });
  const counted = await db().delivery.groupBy({
    by: ["channelId", "state"],
    where: { channelId: { in: channels.map(({ id }) => id) } },
    _count: true,
    _max: { sentAt: true },
  });
  return channels.map((channel) => {
    const of = (state: DeliveryState) => counted.find((row) => row.channelId === channel.id && row.state === state);
    const { addresses, shown, allowedHost } = channelSettings.parse(channel.settings);
    return {
      id: channel.id,
      name: channel.name,
      kind: channel.kind as ChannelKind,
      place: addresses?.join(", ") ?? shown ?? "",
      events: channel.events,
      enabled: channel.enabled,
      allowsPrivateHost: Boolean(allowedHost),
      createdAt: channel.createdAt,
      waiting: of("waiting")?._count ?? 0,
      failed: of("failed")?._count ?? 0,
      lastSentAt: of("sent")?._max.sentAt ?? null,
    };
  });
}

export type ChannelDetail = Omit<ChannelRow, "waiting" | "failed" | "lastSentAt"> & {
  addresses: string[];
  /** Of a webhook whose secret was replaced lately: until when the old one signs too. */
  previousUntil: Date | null;
};

/** One channel; its address and its secrets are not told. @throws AppError `not_found`, `forbidden` */
export async function getChannel(actor: Actor, id: string): Promise<ChannelDetail> {
  await authorize(actor, "message:read", { type: "channel", id });
  const known = z.uuid().safeParse(id).success;
  const channel = known ? await db().channel.findFirst({ where: { id, removedAt: null } }) : null;
  if (!channel) throw new AppError("not_found", "There is no such channel.");
  const { addresses = [], shown, allowedHost } = channelSettings.parse(channel.settings);
  const { previousUntil } = channelSecrets.parse(openSecrets(channel.secrets, id));
  return {
    id,
    name: channel.name,
    kind: channel.kind as ChannelKind,
    place: addresses.join(", ") || (shown ?? ""),
    addresses,
    events: channel.events,
    enabled: channel.enabled,
    allowsPrivateHost: Boolean(allowedHost),
    createdAt: channel.createdAt,
    previousUntil: previousUntil && previousUntil > now() ? previousUntil : null,
  };
}

export type DeliveryRow = {
  id: string;
  channelId: string | null;
  /** The channel's name; null for an e-mail to a person. */
  channel: string | null;
  kind: ChannelKind;
  event: string;
  to: string;
  subject: string;
  state: DeliveryState;
  attempts: number;
  nextTryAt: Date | null;
  lastStatus: number | null;
  lastAnswer: string | null;
  createdAt: Date;
  sentAt: Date | null;
};

export type DeliveryFilters = {
  limit: number;
  cursor?: string | undefined;
  state?: DeliveryState | undefined;
  channelId?: string | undefined;
};

/** Deliveries of the last 90 days, newest first, by keyset. */
export async function listDeliveries(
  actor: Actor,
  { limit, cursor, state, channelId }: DeliveryFilters,
): Promise<{ items: DeliveryRow[]; nextCursor: string | null }> {
  await authorize(actor, "message:read");
  const [after] = cursor ? readCursor(cursor, "made", z.tuple([z.uuid()])) : [undefined];
  const found = await db().delivery.findMany({
    where: {
      ...(after ? { id: { lt: after } } : {}),
      ...(state ? { state } : {}),
      ...(channelId ? { channelId } : {}),
    },
    orderBy: { id: "desc" },
    take: limit + 1,
    include: { channel: { select: { name: true } } },
    omit: { content: true },
  });
  const items = found.slice(0, limit).map(rowOf);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last ? cursorOf("made", [last.id]) : null };
}

/** One delivery, with what was sent. @throws AppError `not_found`, `forbidden` */
export async function getDelivery(
  actor: Actor,
  id: string,
): Promise<DeliveryRow & { content: DeliveryContent; giveUpAt: Date }> {
  await authorize(actor, "message:read", { type: "delivery", id });
  const known = z.uuid().safeParse(id).success;
  const found = known
    ? await db().delivery.findUnique({ where: { id }, include: { channel: { select: { name: true } } } })
    : null;
  if (!found) throw new AppError("not_found", "There is no such delivery. They are kept for 90 days.");
  return { ...rowOf(found), content: deliveryContent.parse(found.content), giveUpAt: found.giveUpAt };
}

type Found = Omit<DeliveryRow, "channel" | "to" | "kind" | "state"> & {
  kind: string;
  state: string;
  recipient: string;
  channel: { name: string } | null;
};

function rowOf(found: Found): DeliveryRow {
  return {
    id: found.id,
    channelId: found.channelId,
    channel: found.channel?.name ?? null,
    kind: found.kind as ChannelKind,
    event: found.event,
    to: found.recipient,
    subject: found.subject,
    state: found.state as DeliveryState,
    attempts: found.attempts,
    nextTryAt: found.nextTryAt,
    lastStatus: found.lastStatus,
    lastAnswer: found.lastAnswer,
    createdAt: found.createdAt,
    sentAt: found.sentAt,
  };
}
