import { z } from "zod";
import { createChannel } from "@/lib/messages/create-channel";
import { getDelivery, listChannels, listDeliveries } from "@/lib/messages/queries";
import { retryDelivery } from "@/lib/messages/retry-delivery";
import { channelKinds, createChannelInput, deliveryContent } from "@/lib/messages/schema";
import { sendTest } from "@/lib/messages/send-test";
import { deliveryStates } from "@/lib/messages/states";
import { endpoint } from "../endpoint";
import { id, idParam, page, paging } from "../list";

const channel = z.object({
  id,
  name: z.string(),
  kind: z.enum(channelKinds),
  place: z.string().meta({ description: "Where it leads, as far as it may be shown." }),
  events: z.array(z.string()),
  enabled: z.boolean(),
  allowsPrivateHost: z.boolean(),
  createdAt: z.date(),
  waiting: z.number().int(),
  failed: z.number().int(),
  lastSentAt: z.date().nullable(),
});

const delivery = z.object({
  id,
  channelId: id.nullable(),
  channel: z.string().nullable().meta({ description: "Null: an e-mail to a person." }),
  kind: z.enum(channelKinds),
  event: z.string(),
  to: z.string(),
  subject: z.string(),
  state: z.enum(deliveryStates),
  attempts: z.number().int(),
  nextTryAt: z.date().nullable(),
  lastStatus: z.number().int().nullable(),
  lastAnswer: z.string().nullable().meta({ description: "Its first 500 characters, without secrets." }),
  createdAt: z.date(),
  sentAt: z.date().nullable(),
});

export const messageEndpoints = [
  endpoint({
    method: "GET",
    path: "/channels",
    summary: "List channels by name",
    description: "There are few, so that all come at once.",
    tag: "Messages",
    permission: "message:read",
    answer: z.object({ items: z.array(channel), nextCursor: z.null() }),
    run: async (actor) => ({ items: await listChannels(actor), nextCursor: null }),
  }),
  endpoint({
    method: "POST",
    path: "/channels",
    summary: "Make a channel",
    description:
      "Of e-mail with `addresses`, of the others with `url`. Of a webhook, the answer holds the secret that signs its messages, this once.",
    tag: "Messages",
    permission: "message:configure",
    body: createChannelInput,
    status: 201,
    secretAnswer: true,
    answer: z.object({ id, signingSecret: z.string().nullable() }),
    run: (actor, { body }) => createChannel(actor, body),
  }),
  endpoint({
    method: "POST",
    path: "/channels/{id}/test",
    summary: "Send a test to a channel",
    description: "Answers the deliveries; how they went is read there.",
    tag: "Messages",
    permission: "message:configure",
    params: idParam,
    status: 202,
    answer: z.object({ deliveries: z.array(id) }),
    run: (actor, { params }) => sendTest(actor, { channelId: params.id }),
  }),
  endpoint({
    method: "GET",
    path: "/deliveries",
    summary: "List deliveries of the last 90 days, newest first",
    tag: "Messages",
    permission: "message:read",
    query: z.strictObject({ ...paging, state: z.enum(deliveryStates).optional(), channelId: id.optional() }),
    answer: page(delivery),
    run: (actor, { query }) => listDeliveries(actor, query),
  }),
  endpoint({
    method: "GET",
    path: "/deliveries/{id}",
    summary: "One delivery, with what was sent and what was answered",
    tag: "Messages",
    permission: "message:read",
    params: idParam,
    answer: delivery.extend({ content: deliveryContent, giveUpAt: z.date() }),
    run: (actor, { params }) => getDelivery(actor, params.id),
  }),
  endpoint({
    method: "POST",
    path: "/deliveries/{id}/retry",
    summary: "Try a delivery again",
    tag: "Messages",
    permission: "message:retry",
    params: idParam,
    status: 202,
    answer: z.object({ id, state: z.enum(deliveryStates) }),
    run: (actor, { params }) => retryDelivery(actor, params),
  }),
];
