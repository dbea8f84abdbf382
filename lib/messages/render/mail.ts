import type { Message, Sentence } from "../message";
import { escapeHtml, isolated, oneLine } from "../plain-text";
import { mailFrame } from "./mail-frame";

/** Where a message's buttons lead, and where its reader turns such messages off. Whole addresses. */
export type Links = {
  action: string | null;
  other: string | null;
  preferences: string | null;
  /** To a person, or to a channel, which gets what an administrator chose. */
  to: "person" | "channel";
};

/** The subject of a mail: one line, short enough for a header. */
export function subjectOf(message: Message): string {
  return oneLine(plainSentence(message.subject), 180);
}

/** A message as a mail: the same in plain text and in HTML. */
export function renderMail(message: Message, links: Links): { text: string; html: string } {
  return { text: textOf(message, links), html: htmlOf(message, links) };
}

function textOf(message: Message, links: Links): string {
  const widest = Math.max(0, ...message.facts.map(({ label }) => label.length));
  const facts = message.facts.map(({ label, value }) => `${`${label}:`.padEnd(widest + 2)}${isolated(value, 600)}`);
  const way = (label: string | undefined, link: string | null) => (label && link ? [`${label}:\n${link}`] : []);
  return [
    ...message.lead.map(textSentence),
    facts.join("\n"),
    ...way(message.action?.label, links.action),
    ...way(message.other?.label, links.other),
    message.note ? textSentence(message.note) : "",
    footOf(links).join("\n"),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

function htmlOf(message: Message, links: Links): string {
  const lead = message.lead.map((sentence) => `<p class="lead">${htmlSentence(sentence)}</p>`).join("\n");
  const facts = message.facts.map(
    ({ label, value }) =>
      `<tr><th scope="row" align="left" valign="top">${escapeHtml(label)}</th><td valign="top"><bdi>${escapeHtml(oneLine(value, 600))}</bdi></td></tr>`,
  );
  const button = (label: string, link: string, kind: string) =>
    `<a class="${kind}" href="${escapeHtml(link)}">${escapeHtml(label)}</a>`;
  const buttons = [
    message.action && links.action ? button(message.action.label, links.action, "act") : "",
    message.other && links.other ? button(message.other.label, links.other, "other") : "",
  ].filter(Boolean);
  return mailFrame({
    title: escapeHtml(subjectOf(message)),
    tone: message.tone,
    body: [
      `<h1>${htmlSentence(message.subject)}</h1>`,
      lead,
      facts.length > 0 ? `<table role="presentation" class="facts">${facts.join("")}</table>` : "",
      buttons.length > 0 ? `<p class="ways">${buttons.join(" ")}</p>` : "",
      message.note ? `<p class="note">${htmlSentence(message.note)}</p>` : "",
    ]
      .filter(Boolean)
      .join("\n"),
    foot: footOf(links)
      .map((line) =>
        line === links.preferences ? `<a href="${escapeHtml(line)}">${escapeHtml(line)}</a>` : escapeHtml(line),
      )
      .join("<br>"),
  });
}

function footOf({ preferences, to }: Links): string[] {
  const opens =
    "A link in this message opens a page of Rollcall, after you have signed in. Nothing is decided by opening it.";
  if (to === "channel") return [opens, "This address gets what an administrator chose, under Messages."];
  return preferences
    ? [opens, "Choose which messages you get:", preferences]
    : [opens, "Messages of this kind cannot be turned off."];
}

/** A sentence as one plain line, its values without marks of direction: for subjects and for programs. */
export function plainSentence(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === "string" ? part : oneLine(part.value))).join("");
}

function textSentence(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === "string" ? part : isolated(part.value))).join("");
}

function htmlSentence(sentence: Sentence): string {
  return sentence
    .map((part) => (typeof part === "string" ? escapeHtml(part) : `<bdi>${escapeHtml(oneLine(part.value))}</bdi>`))
    .join("");
}
