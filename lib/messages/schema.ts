import { z } from "zod";

export const channelKinds = ["email", "slack", "teams", "webhook"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** What messages are about. `always`: nobody can turn it off for themself. */
export const messageEvents = {
  "request.waiting": { label: "A request waits for a decision", always: false },
  "request.decided": { label: "A request was decided, or ended without an answer", always: false },
  "request.escalated": { label: "A request was passed on because nobody answered", always: false },
  "request.delegated": { label: "Decisions were delegated", always: false },
  "access.to_confirm": { label: "Access waits for me to begin it", always: false },
  "access.ready": { label: "Access is ready", always: false },
  "access.ending_soon": { label: "Access ends soon", always: false },
  "access.ended": { label: "Access has ended, with proof", always: false },
  "access.ending_failed": { label: "Access could not be taken back", always: true },
  "break_glass.used": { label: "Break-glass was used", always: true },
  "break_glass.review_due": { label: "A break-glass waits for its review", always: true },
  "offboarding.begun": { label: "Somebody leaves, or a machine is retired", always: false },
  "offboarding.moved": { label: "Somebody moved to another manager or team: what stays?", always: false },
  "offboarding.waiting": { label: "What somebody left behind waits for a decision", always: false },
  "offboarding.handed_over": { label: "Something of somebody who left was handed to me", always: false },
  "offboarding.late": { label: "What somebody left behind is open for longer than wanted", always: false },
  "offboarding.closed": { label: "Somebody has left, with proof", always: false },
  "offboarding.hired_again": { label: "Somebody who left is shown as active again", always: false },
  "offboarding.trouble": { label: "Somebody who left could not be shut out", always: true },
  "offboarding.caller": { label: "A retired machine is still called", always: true },
  "connection.trouble": { label: "A system cannot be read, or its sync is paused", always: false },
  "message.test": { label: "A test", always: true },
} as const satisfies Record<string, { label: string; always: boolean }>;
export type MessageEvent = keyof typeof messageEvents;
export const messageEventNames = Object.keys(messageEvents) as MessageEvent[];

/** Those that a channel can be given; a test goes where it was asked for. */
export const channelEvents = messageEventNames.filter((event) => event !== "message.test");
/** Those that a person can turn off for themself. */
export const optionalEvents = messageEventNames.filter((event) => !messageEvents[event].always);

const channelName = z.string().trim().min(1, "Give the channel a name.").max(60, "Use at most 60 characters.");
const eventList = z
  .array(z.enum(channelEvents as [MessageEvent, ...MessageEvent[]]))
  .max(channelEvents.length)
  .transform((list) => [...new Set(list)]);
const url = z.string().trim().min(1, "Enter the address.").max(2_000);
const addresses = z
  .array(z.email("This is no e-mail address.").max(254))
  .min(1, "Enter at least one e-mail address.")
  .max(20, "A channel has at most 20 addresses.");

export const createChannelInput = z
  .strictObject({
    name: channelName,
    kind: z.enum(channelKinds),
    /** Of Slack, Teams and webhooks: where to post. Kept encrypted. */
    url: url.optional(),
    /** Of e-mail: to whom. */
    addresses: addresses.optional(),
    events: eventList.default([]),
    /** Let the address's host be at a private address, and be reached without TLS. */
    allowPrivateHost: z.boolean().default(false),
    enabled: z.boolean().default(true),
  })
  .superRefine(({ kind, url: address, addresses: to }, context) => {
    if (kind === "email" && !to)
      context.addIssue({ code: "custom", path: ["addresses"], message: "Enter at least one e-mail address." });
    if (kind !== "email" && !address)
      context.addIssue({ code: "custom", path: ["url"], message: "Enter the address." });
  });
export type CreateChannelInput = z.input<typeof createChannelInput>;

export const editChannelInput = z.strictObject({
  id: z.uuid(),
  name: channelName.optional(),
  /** Left out, the kept one stays. */
  url: url.optional(),
  addresses: addresses.optional(),
  events: eventList.optional(),
  allowPrivateHost: z.boolean().optional(),
  enabled: z.boolean().optional(),
});
export type EditChannelInput = z.input<typeof editChannelInput>;

export const channelRef = z.strictObject({ id: z.uuid() });
export const deliveryRef = z.strictObject({ id: z.uuid() });
/** Null: an e-mail to whoever asks. */
export const sendTestInput = z.strictObject({ channelId: z.uuid().nullable() });

export const choosePreferenceInput = z.strictObject({
  event: z.enum(optionalEvents as [MessageEvent, ...MessageEvent[]]),
  email: z.boolean(),
});

/** What is shown of a channel's settings; addresses that are secrets by themselves only by their host. */
export const channelSettings = z.object({
  addresses: z.array(z.string()).optional(),
  /** Where it posts, as far as it may be shown. */
  shown: z.string().optional(),
  host: z.string().optional(),
  allowedHost: z.string().nullable().optional(),
});
export type ChannelSettings = z.infer<typeof channelSettings>;

/** What a channel keeps encrypted. */
export const channelSecrets = z.object({
  url: z.string().optional(),
  signing: z.string().optional(),
  /** Of a rotated secret: the one before, and until when it signs too. */
  previous: z.string().optional(),
  previousUntil: z.coerce.date().optional(),
});
export type ChannelSecrets = z.infer<typeof channelSecrets>;

/** What was rendered for a delivery. */
export const deliveryContent = z.discriminatedUnion("as", [
  z.object({
    as: z.literal("mail"),
    text: z.string(),
    html: z.string(),
    /** An id that messages on the same thing share, so that a mail program shows them together. */
    thread: z.string().nullable(),
    /** Where these messages are turned off; null where they cannot be. */
    preferences: z.string().nullable(),
  }),
  z.object({ as: z.literal("json"), body: z.string() }),
]);
export type DeliveryContent = z.infer<typeof deliveryContent>;
