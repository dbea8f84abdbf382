import type { Message, Sentence } from "../message";
import { isolated, oneLine } from "../plain-text";
import type { Links } from "./mail";

/**
 * A message for the Teams workflow "When a Teams webhook request is received": an Adaptive Card. All text stands in text
 * runs, since those know no Markdown: what somebody typed makes neither a link nor a picture.
 */
export function renderTeams(message: Message, links: Links): string {
  const colors = { plain: "Default", good: "Good", warning: "Warning", danger: "Attention" } as const;
  const ways = [
    { way: message.action, link: links.action },
    { way: message.other, link: links.other },
  ];
  const card = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    fallbackText: message.subject.map(plain).join(""),
    msteams: { width: "Full" },
    body: [
      text(message.subject, { size: "Large", weight: "Bolder", color: colors[message.tone] }),
      ...message.lead.map((sentence) => text(sentence)),
      ...message.facts.map(({ label, value }) => fact(label, value)),
      ...(message.note ? [text(message.note, { isSubtle: true, size: "Small" })] : []),
    ],
    actions: ways.flatMap(({ way, link }) =>
      way && link ? [{ type: "Action.OpenUrl", title: way.label, url: link }] : [],
    ),
  };
  return JSON.stringify({
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: card }],
  });
}

type Look = { size?: string; weight?: string; color?: string; isSubtle?: boolean };

function text(sentence: Sentence, look: Look = {}) {
  return {
    type: "RichTextBlock",
    inlines: sentence.filter((part) => part !== "").map((part) => run(plain(part), look)),
  };
}

function fact(label: string, value: string) {
  const column = (width: string, inline: object) => ({
    type: "Column",
    width,
    items: [{ type: "RichTextBlock", inlines: [inline] }],
  });
  return {
    type: "ColumnSet",
    spacing: "Small",
    columns: [column("110px", run(label, { isSubtle: true })), column("stretch", run(isolated(value, 600)))],
  };
}

const run = (words: string, look: Look = {}) => ({ type: "TextRun", text: words, ...look });

function plain(part: Sentence[number]): string {
  return typeof part === "string" ? part : oneLine(part.value);
}
