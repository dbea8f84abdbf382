import type { Message } from "../message";
import { type Links, subjectOf } from "./mail";

/** A message for a program: the envelope of Standard Webhooks (type, timestamp, data). */
export function renderWebhook(message: Message, { at, links }: { at: Date; links: Links }): string {
  return JSON.stringify({
    type: message.event,
    timestamp: at.toISOString(),
    data: { ...message.data, summary: subjectOf(message), link: links.action },
  });
}
