import { siteAddress } from "../auth/address";
import type { Tx } from "../db/client";
import type { Prisma } from "../db/generated/client";
import { env } from "../env";
import { dayMs, now, plus } from "../time";
import type { Message } from "./message";
import { giveUpAfterMs } from "./next-try";
import { orderDelivery } from "./order-delivery";
import { type Links, renderMail, subjectOf } from "./render/mail";
import { renderSlack } from "./render/slack";
import { renderTeams } from "./render/teams";
import { renderWebhook } from "./render/webhook";
import { type ChannelKind, channelSettings, type DeliveryContent, messageEvents } from "./schema";
import { type LinkPerson, signedLink } from "./signed-link";

/** A person to tell: somebody who signs in here, or somebody of the inventory with an e-mail address. */
export type Recipient = { userId: string } | { identityId: string; email: string | null };

export type Sending = {
  message: Message;
  /** Told by e-mail, each once, unless they turned such messages off. */
  to?: readonly Recipient[];
  /** Names this occasion (`grant-<id>-ending-soon`): what was sent under it is not sent again. */
  key?: string;
  /** How long the links in it lead somewhere; 30 days unless told. */
  linksUntil?: Date;
};

export type Sent = {
  deliveries: string[];
  /** Who got no e-mail, and why. */
  notTold: { person: string; because: "no_address" | "turned_off" | "disabled" | "no_mail_server" }[];
};

/**
 * Says something to people, and to every channel that gets this kind of message, in the caller's transaction: no commit,
 * no message. The worker delivers; each delivery can be seen and tried again.
 */
export async function sendMessage(tx: Tx, sending: Sending): Promise<Sent> {
  const { people, notTold } = await peopleOf(tx, sending);
  const channels = await tx.channel.findMany({
    where: { enabled: true, removedAt: null, events: { has: sending.message.event } },
    orderBy: { id: "asc" },
  });
  const deliveries: string[] = [];
  for (const person of people) deliveries.push(...(await addMail(tx, sending, person)));
  for (const channel of channels) deliveries.push(...(await addToChannel(tx, sending, channel)));
  return { deliveries, notTold };
}

/** Adds the deliveries to one channel, whatever events it gets: one, or one for each address. */
export async function addToChannel(
  tx: Tx,
  sending: Sending,
  channel: { id: string; kind: string; settings: Prisma.JsonValue },
): Promise<string[]> {
  const { message } = sending;
  const kind = channel.kind as ChannelKind;
  const { addresses = [], shown } = channelSettings.parse(channel.settings);
  const links = plainLinks(message);
  const common = { channelId: channel.id, userId: null, kind };
  if (kind === "email") {
    const content = mailContent(message, links);
    const added = addresses.map((to) => add(tx, sending, { ...common, recipient: to, content }));
    return (await Promise.all(added)).flat();
  }
  const body = {
    slack: () => renderSlack(message, links),
    teams: () => renderTeams(message, links),
    webhook: () => renderWebhook(message, { at: now(), links }),
  }[kind]();
  return add(tx, sending, { ...common, recipient: shown ?? "", content: { as: "json", body } });
}

type Person = { key: LinkPerson; userId: string | null; email: string };

async function peopleOf(
  tx: Tx,
  { message, to = [] }: Sending,
): Promise<{ people: Person[]; notTold: Sent["notTold"] }> {
  const people = new Map<string, Person>();
  const notTold: Sent["notTold"] = [];
  for (const recipient of to) {
    const person = "userId" in recipient ? recipient.userId : recipient.identityId;
    const user = await tx.user.findFirst({
      where: "userId" in recipient ? { id: recipient.userId } : { identityId: recipient.identityId },
      select: { id: true, email: true, disabledAt: true },
      orderBy: { createdAt: "asc" },
    });
    const email = user?.email ?? ("email" in recipient ? recipient.email : null);
    if (!env().SMTP_URL) notTold.push({ person, because: "no_mail_server" });
    else if (user?.disabledAt) notTold.push({ person, because: "disabled" });
    else if (!email) notTold.push({ person, because: "no_address" });
    else if (user && (await turnedOff(tx, user.id, message))) notTold.push({ person, because: "turned_off" });
    else {
      const key = user ? { userId: user.id } : { identityId: person };
      people.set(email.toLowerCase(), { key, userId: user?.id ?? null, email });
    }
  }
  return { people: [...people.values()], notTold };
}

async function turnedOff(tx: Tx, userId: string, { event }: Message): Promise<boolean> {
  if (messageEvents[event].always) return false;
  const chosen = await tx.messagePreference.findUnique({ where: { userId_event: { userId, event } } });
  return chosen?.email === false;
}

async function addMail(tx: Tx, sending: Sending, person: Person): Promise<string[]> {
  const { message, linksUntil = plus(now(), 30 * dayMs) } = sending;
  const link = (path: string) =>
    signedLink({ person: person.key, purpose: message.event, path, expiresAt: linksUntil });
  const links = {
    action: message.action ? link(message.action.path) : null,
    other: message.other ? link(message.other.path) : null,
    preferences: messageEvents[message.event].always ? null : new URL("/my-sessions#messages", siteAddress()).href,
    to: "person" as const,
  };
  const content = mailContent(message, links);
  return add(tx, sending, { channelId: null, userId: person.userId, kind: "email", recipient: person.email, content });
}

function mailContent(message: Message, links: Links): DeliveryContent {
  return { as: "mail", ...renderMail(message, links), thread: message.thread, preferences: links.preferences };
}

// To a channel goes the bare address of the page: it is nobody's own, and whoever opens it signs in.
function plainLinks({ action, other }: Message): Links {
  const at = (path: string) => new URL(path, siteAddress()).href;
  return {
    action: action ? at(action.path) : null,
    other: other ? at(other.path) : null,
    preferences: null,
    to: "channel",
  };
}

type Place = {
  channelId: string | null;
  userId: string | null;
  kind: ChannelKind;
  recipient: string;
  content: DeliveryContent;
};

async function add(tx: Tx, { message, key }: Sending, place: Place): Promise<string[]> {
  const at = now();
  const row = {
    ...place,
    event: message.event,
    subject: subjectOf(message),
    key: key ? `${key}:${message.event}:${place.channelId ?? ""}:${place.recipient.toLowerCase()}` : null,
    createdAt: at,
    nextTryAt: at,
    giveUpAt: plus(at, giveUpAfterMs),
  };
  const [made] = await tx.delivery.createManyAndReturn({ data: [row], skipDuplicates: true, select: { id: true } });
  if (!made) return [];
  await orderDelivery(tx, { id: made.id, channelId: place.channelId, at: null });
  return [made.id];
}
