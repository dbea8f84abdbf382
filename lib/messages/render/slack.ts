import type { Message, Sentence } from "../message";
import { oneLine } from "../plain-text";
import type { Links } from "./mail";

/**
 * A message for a Slack incoming webhook: blocks of Block Kit, and the text of the notification. `verbatim` keeps Slack
 * from making links and mentions out of what somebody typed; & < > are escaped as Slack asks.
 */
export function renderSlack(message: Message, links: Links): string {
  const marks = { plain: "", good: "✅ ", warning: "⚠️ ", danger: "🛑 " } as const;
  const buttons = [
    { way: message.action, link: links.action, style: "primary" as const },
    { way: message.other, link: links.other, style: undefined },
  ].flatMap(({ way, link, style }, i) => (way && link ? [button(way.label, link, style, i)] : []));
  const head = marks[message.tone] + message.subject.map(part).join("");
  const blocks = [
    section(`*${head.slice(0, 900)}*`),
    ...message.lead.map((sentence) => section(words(sentence))),
    // A section takes ten fields.
    ...chunks(message.facts, 10).map((facts) => ({
      type: "section",
      fields: facts.map(({ label, value }) => ({
        type: "mrkdwn",
        text: `*${escaped(label)}*\n${escaped(oneLine(value, 600))}`.slice(0, 2_000),
        verbatim: true,
      })),
    })),
    ...(buttons.length > 0 ? [{ type: "actions", elements: buttons }] : []),
    ...(message.note
      ? [{ type: "context", elements: [{ type: "mrkdwn", text: words(message.note), verbatim: true }] }]
      : []),
  ];
  return JSON.stringify({ text: head.slice(0, 900), unfurl_links: false, unfurl_media: false, blocks });
}

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });

function button(label: string, url: string, style: "primary" | undefined, i: number) {
  return {
    type: "button",
    action_id: `open_${i}`,
    text: { type: "plain_text", text: label.slice(0, 75), emoji: false },
    url,
    ...(style ? { style } : {}),
  };
}

function words(sentence: Sentence): string {
  return sentence.map(part).join("").slice(0, 2_900);
}

function part(one: Sentence[number]): string {
  return typeof one === "string" ? one : escaped(oneLine(one.value));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
